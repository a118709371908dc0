"""A training that would only repeat a run is recognised; one with other labels, images or settings is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_refs
from core.project.run_marks import set_deleted
from core.project.runs import STOPPED, list_runs, record_run
from core.runs.repository import read_whole
from core.text import Message
from core.training.strategies.transfer import DUPLICATES, FOLDER, SERIES, TransferSettings
from core.workflow.again import SameRun, _is_learnt_same, _learnt, find_same_run
from core.workflow.cancelling import after_stop
from core.workflow.history import undo
from core.workflow.training import prepare_training, train_and_record
from tests.conftest import write_class_folder
from tests.project_acts import import_folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Two classes of six images, two images without a label, and a run."""
    root = tmp_path_factory.mktemp("again")
    write_class_folder(root / "images" / "red", "red", 6)
    write_class_folder(root / "images" / "blue", "blue", 6, first_seed=50)
    with Project.create(root / "p") as project:
        import_folder(project, root / "images")
        set_labels(project, image_ids(project, ImageFilter())[:2], None)
        train_and_record(project, prepare_training(project, "transfer", TransferSettings()), JobContext())
        yield project


def same(project: Project, settings: TransferSettings = TransferSettings()) -> SameRun | None:
    return find_same_run(project, prepare_training(project, "transfer", settings))


def test_the_same_is_found_and_other_settings_are_not(trained: Project) -> None:
    found = same(trained)
    assert found == SameRun(list_runs(trained)[0].id, would_go_further=False)
    assert same(trained, TransferSettings(seed=3)) is None
    job = prepare_training(trained, "transfer", TransferSettings())
    assert find_same_run(trained, replace(job, weights=Path("/own.h5"))) is None


def test_another_label_is_another_training_until_it_is_undone(trained: Project) -> None:
    ids, classes = image_ids(trained, ImageFilter()), list_classes(trained)
    set_labels(trained, ids[-1:], classes[0].id)
    assert same(trained) is None
    undo(trained)
    assert same(trained) is not None
    set_labels(trained, ids[-1:], None)
    assert same(trained) is None, "it would be predicted now"
    undo(trained)


def test_a_new_image_is_something_new_to_predict(trained: Project, tmp_path: Path) -> None:
    write_class_folder(tmp_path / "more", "blue", 1, first_seed=900)
    import_folder(trained, tmp_path / "more", with_labels=False)
    assert same(trained) is None
    trained.catalog.rows("SELECT 1")
    with trained.catalog.transaction() as db:
        db.execute("DELETE FROM image WHERE id = (SELECT max(id) FROM image)")
    assert same(trained) is not None


def test_a_training_that_ran_out_of_time_would_go_further(
    trained: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, said = read_whole(trained.run_path(list_runs(trained)[0].id))
    ran_out = replace(record, notes=(*record.notes, Message("training.auto_out_of_time", n=2)))
    monkeypatch.setattr("core.workflow.again.read_whole", lambda folder: (ran_out, said))
    found = same(trained)
    assert found is not None and found.would_go_further


def test_damaged_deleted_and_stopped_runs_are_not_the_same(trained: Project) -> None:
    row = list_runs(trained)[0]
    set_deleted(trained, [row.id], True)
    assert same(trained) is None
    undo(trained)
    record_run(trained, replace(row, status=STOPPED))
    assert same(trained) is None
    stopped = after_stop(list_runs(trained)[0])
    assert stopped is not None and stopped.code == "jobs.cancelled.quick_answer" and after_stop(row) is None
    record_run(trained, row)
    snapshot = trained.run_path(row.id) / "snapshot.csv"
    before = snapshot.read_bytes()
    snapshot.write_bytes(before.replace(b"red", b"der"))
    assert same(trained) is None
    snapshot.write_bytes(before)
    assert same(trained) is not None


def test_a_file_that_was_replaced_meanwhile_is_something_new(trained: Project) -> None:
    path = image_refs(trained, ImageFilter())[-1].path
    before = path.read_bytes()
    try:
        path.write_bytes(before + b"more")
        assert same(trained) is None
    finally:
        path.write_bytes(before)
    assert same(trained) is not None


def test_another_group_of_the_table_is_something_new(trained: Project) -> None:
    job = prepare_training(trained, "transfer", TransferSettings())
    other = replace(job, table_groups=("a",) * len(job.images))
    assert find_same_run(trained, job) is not None and find_same_run(trained, other) is None


def moved_about(project: Project, settings: TransferSettings = TransferSettings()) -> SameRun | None:
    """As if every other image lay in a subfolder by now."""
    job = prepare_training(project, "transfer", settings)
    images = tuple(replace(image, path=image.path.parent / f"day {n % 2}" / image.path.name)
                   for n, image in enumerate(job.images))
    learnt = _learnt(replace(job, images=images))
    return find_same_run(project, job) if _is_learnt_same(_learnt(job), learnt, settings) else None


def test_files_that_lie_in_other_folders_are_something_new_where_folders_make_groups(trained: Project) -> None:
    assert same(trained) is not None and moved_about(trained) is None
    assert moved_about(trained, TransferSettings(groups=FOLDER)) is None
    apart = TransferSettings(groups=DUPLICATES)
    train_and_record(trained, prepare_training(trained, "transfer", apart), JobContext())
    assert moved_about(trained, apart) is not None, "where no folder is asked nothing is new"


def test_a_class_folder_that_was_divided_is_something_new_and_a_renamed_one_is_not(trained: Project) -> None:
    folder = image_refs(trained, ImageFilter())[0].path.parent.parent
    apart = folder / "red" / "day 2"
    apart.mkdir()
    some = [folder / "red" / f"red_{n}.png" for n in (3, 4, 5)]
    try:
        for path in some:
            path.rename(apart / path.name)
        import_folder(trained, folder, follow="none")
        assert same(trained) is None, "by folder, those of one day stay together"
    finally:
        for path in some:
            (apart / path.name).rename(path)
        apart.rmdir()
    import_folder(trained, folder)
    new = folder.rename(folder.with_name("pictures"))
    import_folder(trained, new)
    assert same(trained) is not None


def test_files_that_were_numbered_anew_are_something_new_where_the_gaps_make_series(trained: Project) -> None:
    job = prepare_training(trained, "transfer", TransferSettings())
    numbered = tuple(replace(image, path=image.path.with_name(f"x_{n + 1000 * (n > 4)}.png"))
                     for n, image in enumerate(job.images))
    settings = TransferSettings(groups=SERIES)
    learnt, later = _learnt(job), _learnt(replace(job, images=numbered))
    assert not _is_learnt_same(learnt, later, settings)
    assert _is_learnt_same(learnt, later, replace(settings, groups=FOLDER))
