"""The shipped sample is what its maker draws: small, decodable, without a tell-tale, with planted findings."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.workflow.sample import SAMPLE
from resources.sample_maker.dataset import CLASSES, N_TEST, N_TRAIN, SampleFile, plan_sample, plan_shots, take_shot

FILES = plan_sample()
MOST_BYTES = 1_000_000


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_shipped_files_are_the_planned_ones() -> None:
    tables = {"test_labels.csv", "planted.csv"}
    shipped = {path.relative_to(SAMPLE).as_posix() for path in SAMPLE.rglob("*") if path.is_file()}
    assert shipped == {file.path for file in FILES} | tables
    assert sum(file.path.startswith("train/") for file in FILES) == N_TRAIN + 2
    assert {f"test/img{i}.jpg" for i in range(N_TEST + 1)} <= shipped


def test_the_shipped_sample_is_small_and_decodes() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < MOST_BYTES
    for file in FILES:
        with Image.open(SAMPLE / file.path) as image:
            image.load()
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", file.shot.size)


@pytest.mark.parametrize("file", FILES[::17], ids=lambda file: file.path)
def test_the_maker_draws_the_shipped_images(file: SampleFile) -> None:
    """As pixels, for another version of Pillow may compress them differently."""
    drawn = np.asarray(Image.open(io.BytesIO(take_shot(file.shot))), np.int16)
    shipped = np.asarray(Image.open(SAMPLE / file.path), np.int16)
    assert np.abs(drawn - shipped).mean() < 1.5


def test_only_the_planted_copies_occur_twice() -> None:
    contents = Counter((SAMPLE / file.path).read_bytes() for file in FILES)
    assert sorted(contents.values())[-3:] == [1, 2, 2]
    for kind in ("duplicate", "leak"):
        copy = next(file for file in FILES if file.planted == kind)
        assert [file.path.split("/")[0] for file in FILES if file.shot == copy.shot] == (
            ["train", "train"] if kind == "duplicate" else ["train", "test"])


def test_file_names_do_not_tell_the_class() -> None:
    train = sorted((Path(file.path) for file in FILES if file.path.startswith("train/")), key=lambda path: path.name)
    assert len({path.name for path in train}) == len(train)
    folders = [path.parent.name for path in train]
    assert sum(a != b for a, b in zip(folders, folders[1:], strict=False)) > len(train) / 4


def test_three_wrong_labels_are_planted_and_listed() -> None:
    wrong = [file for file in FILES if file.planted == "label"]
    assert len(wrong) == 3 and {file.label for file in wrong} == set(CLASSES)
    assert all(Path(file.path).parent.name != file.label for file in wrong)
    assert all(Path(file.path).parent.name == file.label for file in FILES
               if file.path.startswith("train/") and not file.planted)
    listed = {(row["path"], row["label"], row["planted"]) for row in read_rows(SAMPLE / "planted.csv")}
    assert listed == {(file.path, file.label, file.planted) for file in FILES if file.planted}


def test_test_labels_name_every_test_image() -> None:
    rows = read_rows(SAMPLE / "test_labels.csv")
    assert [row["path"] for row in rows] == [f"img{i}.jpg" for i in range(N_TEST + 1)]
    assert [row["label"] for row in rows] == [file.label for file in FILES if file.path.startswith("test/")]


def test_another_seed_plans_other_images() -> None:
    assert {file.shot for file in plan_sample(seed=1)}.isdisjoint({file.shot for file in FILES})


def test_nothing_but_the_leaf_is_dealt_unevenly() -> None:
    decks = {
        label: Counter((field, getattr(shot, field)) for shot in plan_shots(3, 160, part=0) if shot.label == label
                       for field in ("size", "background", "is_bad", "is_hard"))
        for label in CLASSES
    }
    assert decks["maple"] == decks["oak"]
