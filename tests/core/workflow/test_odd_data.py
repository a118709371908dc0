"""Every way to train on data at its edges: one picture in a class, one pixel in a picture, a thousand classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import TrainingDataError
from core.jobs import JobContext
from core.workflow.importing import new_project
from core.workflow.runs import list_runs_with_damage
from core.workflow.training import train_project
from tests.conftest import write_class_folder

FAST: dict[str, dict[str, Any]] = {
    "transfer": {"n_folds": 2},
    "scratch": {"network": "lenet", "width_px": 8, "height_px": 8, "n_epochs": 1},
    "fine-tune": {"n_blocks": 1, "n_variants": 1, "n_epochs": 1},
}


def make_project(tmp_path: Path) -> Path:
    folder = tmp_path / "p.catalejo"
    new_project(folder, tmp_path / "train", None, JobContext())
    return folder


def draw_classes(folder: Path, n_classes: int, n_each: int, side_px: int) -> None:
    """Pictures of noise, all different."""
    rng = np.random.default_rng(0)
    for k in range(n_classes):
        (folder / f"{k:04}").mkdir(parents=True)
        for i in range(n_each):
            pixels = rng.integers(0, 256, (side_px, side_px, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{k:04}" / f"{i}.bmp")


@pytest.mark.parametrize("strategy", list(FAST))
def test_one_image_beside_one_class_is_refused_by_name(tmp_path: Path, strategy: str) -> None:
    write_class_folder(tmp_path / "train" / "red", "red", 8)
    write_class_folder(tmp_path / "train" / "blue", "blue", 1)
    folder = make_project(tmp_path)
    with pytest.raises(TrainingDataError, match="Only “red” has at least . .*“blue” has 1") as caught:
        train_project(folder, strategy, FAST[strategy], JobContext())
    assert caught.value.hint and list_runs_with_damage(folder) == []
    assert not any(p.name.endswith(".unfinished") for p in folder.glob("runs/*"))


def test_a_class_with_one_image_stops_no_other_and_is_said(tmp_path: Path) -> None:
    for hue, n in (("red", 8), ("green", 8), ("blue", 1)):
        write_class_folder(tmp_path / "train" / hue, hue, n)
    facts = train_project(make_project(tmp_path), "transfer", FAST["transfer"], JobContext())
    assert facts["classes"] == ["blue", "green", "red"] and (facts["n_train"], facts["n_validation"]) == (17, 16)
    assert facts["per_class"][0]["n"] == 0 and any(note.code == "training.unjudged" for note in facts["notes"])
    assert facts["concerns"][0].startswith("“blue” has one image only: it is trained on")


@pytest.mark.slow
@pytest.mark.parametrize("strategy", [
    pytest.param(name, marks=pytest.mark.long) if name == "fine-tune" else name for name in FAST])
def test_pictures_of_one_pixel(tmp_path: Path, strategy: str) -> None:
    draw_classes(tmp_path / "train", 2, 8, 1)
    facts = train_project(make_project(tmp_path), strategy, FAST[strategy], JobContext())
    assert facts["skipped"] == [] and 0 <= facts["accuracy"] <= 1 and np.isfinite(facts["log_loss"])


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("strategy", list(FAST))
def test_a_thousand_classes(tmp_path: Path, strategy: str) -> None:
    """Each of one colour, with three shades of it."""
    for k in range(1000):
        folder = tmp_path / "train" / f"{k:04}"
        folder.mkdir(parents=True)
        for shade in range(3):
            colour = (k % 10 * 25 + shade, k // 10 % 10 * 25 + shade, k // 100 * 25 + shade)
            Image.new("RGB", (8, 8), colour).save(folder / f"{shade}.bmp")
    facts = train_project(make_project(tmp_path), strategy, FAST[strategy], JobContext())
    assert len(facts["classes"]) == 1000 and np.shape(facts["confusion"]) == (1000, 1000)
    assert np.sum(facts["confusion"]) == facts["n_validation"] >= 1000
