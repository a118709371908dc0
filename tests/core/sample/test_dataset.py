"""The sample as a user meets it: folders, names, planted labels, the same bytes for a seed."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from core.errors import InputError, StorageError
from core.jobs import JobCancelled, JobContext
from core.sample.dataset import CLASSES, SampleSummary, draw_sample, plan_shots, take_shot
from tests.conftest import RecordingContext

N_TRAIN, N_TEST = 24, 5


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    return draw_sample(tmp_path_factory.mktemp("sample"), n_train=N_TRAIN, n_test=N_TEST, context=JobContext())


def hashes(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(folder.rglob("*")) if p.is_file()}


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_folders_hold_what_the_summary_says(sample: SampleSummary) -> None:
    root = sample.train.parent
    assert sorted(p.name for p in root.iterdir()) == ["planted.csv", "test", "test_labels.csv", "train"]
    assert sorted(p.name for p in sample.train.iterdir()) == sorted(sample.classes)
    assert len(list(sample.train.rglob("*.jpg"))) == sample.n_train == N_TRAIN
    assert {p.name for p in sample.test.iterdir()} == {f"img{i}.jpg" for i in range(N_TEST)}


def test_every_picture_can_be_decoded_and_none_occurs_twice(sample: SampleSummary) -> None:
    files = [*sample.train.rglob("*.jpg"), *sample.test.iterdir()]
    for path in files:
        with Image.open(path) as picture:
            picture.load()
            assert picture.format == "JPEG" and picture.mode == "RGB"
    assert len({p.read_bytes() for p in files}) == len(files)


def test_file_names_do_not_tell_the_class(sample: SampleSummary) -> None:
    files = sorted(sample.train.rglob("*.jpg"), key=lambda p: p.name)
    assert len({p.name for p in files}) == N_TRAIN
    folders = [p.parent.name for p in files]
    n_changes = sum(a != b for a, b in zip(folders, folders[1:], strict=False))
    assert n_changes > N_TRAIN / 4


def test_three_wrong_labels_are_planted_and_listed(sample: SampleSummary) -> None:
    assert len(sample.planted) == 3 and {p.true for p in sample.planted} == set(CLASSES)
    for planted in sample.planted:
        assert planted.given != planted.true and planted.path.parent.name == planted.given
        assert (sample.train / planted.path).is_file()
    listed = {(r["path"], r["label"], r["planted"]) for r in read_rows(sample.planted_list)}
    assert listed == {(p.path.as_posix(), p.true, p.given) for p in sample.planted}


def test_the_true_labels_are_those_of_the_plan(sample: SampleSummary) -> None:
    shots = {hashlib.sha256(take_shot(s)).digest(): s.label for s in plan_shots(0, N_TRAIN, part=0)}
    true = {p.path: p.true for p in sample.planted}
    for path in sample.train.rglob("*.jpg"):
        relative = path.relative_to(sample.train)
        assert shots[hashlib.sha256(path.read_bytes()).digest()] == true.get(relative, path.parent.name)


def test_test_labels_name_every_test_picture_in_natural_order(sample: SampleSummary) -> None:
    rows = read_rows(sample.test_labels)
    assert [r["path"] for r in rows] == [f"img{i}.jpg" for i in range(N_TEST)]
    assert {r["label"] for r in rows} == set(CLASSES)


def test_a_seed_gives_the_same_bytes_and_another_seed_others(sample: SampleSummary, tmp_path: Path) -> None:
    draw_sample(tmp_path / "same", n_train=N_TRAIN, n_test=N_TEST, context=JobContext())
    draw_sample(tmp_path / "other", seed=1, n_train=N_TRAIN, n_test=N_TEST, context=JobContext())
    first, other = hashes(sample.train.parent), hashes(tmp_path / "other")
    assert hashes(tmp_path / "same") == first
    pictures, others = ({h for name, h in files.items() if name.endswith(".jpg")} for files in (first, other))
    assert not pictures & others


def test_nothing_but_the_thing_is_dealt_unevenly() -> None:
    decks = {
        label: Counter((field, getattr(shot, field)) for shot in plan_shots(3, 160, part=0) if shot.label == label
                       for field in ("size", "background", "is_bad", "is_hard"))
        for label in CLASSES
    }
    assert decks["pistol"] == decks["smartphone"]


def test_train_and_test_are_different_pictures() -> None:
    train, test = plan_shots(0, 20, part=0), plan_shots(0, 20, part=1)
    assert not {s.seed for s in train} & {s.seed for s in test}


def test_a_picture_has_the_size_that_was_planned() -> None:
    shot = plan_shots(0, 20, part=0)[0]
    with Image.open(io.BytesIO(take_shot(shot))) as picture:
        assert picture.size == shot.size


def test_progress_ends_with_all_pictures(tmp_path: Path, recording_context: RecordingContext) -> None:
    draw_sample(tmp_path, n_train=20, n_test=2, context=recording_context)
    assert recording_context.last.done == recording_context.last.total == 22


def test_cancelling_leaves_nothing_behind(tmp_path: Path, cancelling_context: RecordingContext) -> None:
    with pytest.raises(JobCancelled):
        draw_sample(tmp_path / "sample", n_train=20, n_test=2, context=cancelling_context)
    assert list((tmp_path / "sample").iterdir()) == []


@pytest.mark.parametrize("name", ["train", "test", "test_labels.csv", "planted.csv"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=name):
        draw_sample(tmp_path, context=JobContext())


@pytest.mark.parametrize("counts", [(19, 60), (160, 1), (0, 0)])
def test_too_small_a_sample_is_refused(tmp_path: Path, counts: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="at least 20"):
        draw_sample(tmp_path, n_train=counts[0], n_test=counts[1], context=JobContext())


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        draw_sample(tmp_path / "file" / "sample", context=JobContext())
