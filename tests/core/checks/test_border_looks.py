"""Where a run looks: at a frame that gives a class away, and not at the border of images that show their class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import core.checks.border_looks as border_looks
from core.checks.border_looks import BorderLook, border_finding, look_at_borders
from core.checks.check import CatalogState, CheckData
from core.checks.shortcuts import Shortcuts, ShortcutsCheck
from core.heat_maps.grid import BORDER_AREA
from core.jobs import JobContext
from core.project.project import Project
from core.text import text
from core.workflow.health import prepare_health
from core.workflow.importing import new_project
from core.workflow.training import train_project


def draw(seed: int, *, has_frame: bool) -> Image.Image:
    """A disk of any colour in the middle of noise, in a yellow frame or without."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(np.repeat(rng.integers(70, 150, (96, 96, 1), np.uint8), 3, axis=2))
    pen = ImageDraw.Draw(image)
    pen.ellipse((30, 30, 66, 66), tuple(int(x) for x in rng.integers(0, 255, 3)))
    if has_frame:
        pen.rectangle((0, 0, 95, 95), outline=(250, 230, 60), width=5)
    return image


def looked(folder: Path) -> dict[str, BorderLook]:
    with Project.open(folder / "p", read_only=True) as project:
        data = CheckData(prepare_health(project), None, None)  # type: ignore[arg-type]  # needs no measurements
        return {look.class_name: look for look in look_at_borders(data, JobContext())}


@pytest.fixture
def framed(tmp_path: Path) -> Path:
    for name, has_frame in (("framed", True), ("plain", False)):
        (tmp_path / "train" / name).mkdir(parents=True)
        for at in range(10):
            draw(at + 100 * has_frame, has_frame=has_frame).save(tmp_path / "train" / name / f"{name}_{at}.png")
    new_project(tmp_path / "p", tmp_path / "train", None, JobContext())
    return tmp_path


def test_a_frame_is_seen_where_a_run_goes_by_it_and_only_there(
    framed: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert looked(framed) == {}, "without a run nothing is asked"
    train_project(framed / "p", "transfer", {}, JobContext())
    looks = looked(framed)
    assert set(looks) == {"framed", "plain"} and looks["framed"].n_images == 10
    assert looks["framed"].share > 0.8 and looks["framed"].share > looks["plain"].share
    evidence = Shortcuts((), None, tuple(looks.values()))
    assert [f.key for f in ShortcutsCheck().findings(evidence, CatalogState())] == ["border:framed"]
    [framed_facts] = [one for one in ShortcutsCheck().facts(evidence, CatalogState())["border_looks"]
                      if one["class"] == "framed"]
    assert framed_facts["at_border"] == len(looks["framed"].image_ids) and framed_facts["area"] == BORDER_AREA
    monkeypatch.setattr(border_looks, "SECONDS", -1.0)
    assert looked(framed) == {}, "no time, nothing said"


def test_a_finding_needs_half_of_the_images_and_says_how_it_was_measured() -> None:
    few = BorderLook("a", "r", 10, (1, 2, 3))
    many = BorderLook("b", "r", 10, tuple(range(6)))
    assert not few.is_finding and many.is_finding
    finding = border_finding(many, "shortcuts")
    assert finding.key == "border:b" and finding.image_ids == tuple(range(6))
    assert "60 %" in str(finding.sentence) or "60%" in str(finding.sentence)
    assert text("checks.name.border_looks")
