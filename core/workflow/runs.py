"""Runs of a project: listed with those that are damaged or were never recorded, said in JSON and in words, removed.

A run that is whole but not in the catalog was cut off, or the disk was full, before it was recorded. It is recorded
by `runs --record` or by the next training; nothing of it is removed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import AppError, RunError, StorageError
from core.files.foreign import UNFINISHED, is_inside, is_run_id
from core.project.classes import list_classes
from core.project.project import Project
from core.project.rows import image_refs
from core.project.run_marks import UNMARKED, deleted_ids, read_marks
from core.project.runs import RunRow, delete_run, list_runs
from core.review.baseline import describe_baseline, describe_warning, standing_as_json, standing_of_figures
from core.review.reliability import describe_calibration, read_calibration
from core.review.verdict import (
    RunWords, describe_accuracy, describe_doubt, describe_end, describe_measure, say_as_trained,
)
from core.runs.predictions import RunPredictions
from core.runs.record import RunRecord, recorded_findings
from core.runs.repository import discard_path, find_damage, read_whole
from core.runs.snapshot import read_snapshot
from core.text import Message
from core.training.settings import StopReason, advise
from core.training.unfinished import list_resumable
from core.workflow.comparing import contents_now, count_changed_since
from core.workflow.confusion import (
    Confusion, count_excluded_judged, count_uncounted, has_judged, read_confusion,
)
from core.workflow.expected_words import expected_as_json
from core.workflow.expecting import read_expected
from core.workflow.labelled_test import LabelledTest, labelled_test_as_json
from core.workflow.run_filter import RunFilter, sort_rows

FIGURES_NOW = ("accuracy", "interval", "n_validation", "confusion", "classes", "per_class")
"""What is said of a run by the labels as they are now; `as_trained` has what its record says instead."""


def describe_run(
    project: Project, row: RunRow, *, confusion: Confusion | None = None, test: LabelledTest | None = None
) -> dict[str, Any]:
    """A run as JSON values, flat; its figures are by the labels as they are now.

    Args:
        confusion: Its confusion matrix, or None to read it.
        test: What it predicts of labelled test images, or None to read it.

    Returns:
        What the record says, but `FIGURES_NOW` by the labels as they are now and those of the record in `as_trained`;
        also `excluded` (images that judged it and were excluded since, which do not count now; `n_excluded` are those
        that were excluded when it was trained), `uncounted` (others that judged it and do not count now: removed,
        without a label, or changed), `baseline_accuracy, majority_class, balanced_accuracy, weak_classes`,

        `calibration_sentences`, `test` (see `labelled_test_as_json`) and `expected`, the expected accuracy on images
        without labels (see `expected_as_json`) or None.
    """
    known = {
        "run": row.id, "created_at": row.created_at, "strategy": row.strategy, "backbone": row.backbone,
        "seed": row.seed, "n_train": row.n_train, "accuracy": row.accuracy,
        "interval": None if row.low is None or row.high is None else [row.low, row.high],
        "settings": dict(row.settings),
    }
    figures = known | {name: value for name, value in row.figures.items() if name not in known} | _messages_of(row)
    now = figures
    if not row.damage and has_judged(project, row.id):
        now = figures | _figures_now(confusion or read_confusion(project, row.id))
    return now | standing_as_json(standing_of_figures(now)) | {
        "excluded": 0 if row.damage else count_excluded_judged(project, row.id),
        "uncounted": 0 if row.damage else count_uncounted(project, row),
        "as_trained": {name: figures[name] for name in FIGURES_NOW if name in figures},
        "calibration_sentences": _say_calibration(row),
        "test": None if row.damage else labelled_test_as_json(project, row, test),
        "expected": None if row.damage else expected_as_json(project, read_expected(project, row)),
    }


def _say_calibration(row: RunRow) -> list[str]:
    found = read_calibration(row.figures)
    return [] if found is None else list(describe_calibration(found))


def _figures_now(confusion: Confusion) -> dict[str, Any]:
    standing, names = confusion.standing, tuple(c.name for c in confusion.classes)
    return {
        "accuracy": standing.accuracy, "interval": None if standing.interval is None else list(standing.interval),
        "n_validation": standing.n_images, "confusion": confusion.counts.tolist(), "classes": list(names),
        "per_class": [row.to_json() for row in confusion.per_class],
    }


def _messages_of(row: RunRow) -> dict[str, Any]:
    """The messages among the figures of a run; texts of an earlier version are messages too."""
    found: dict[str, Any] = {}
    if "notes" in row.figures:
        found["notes"] = [Message.from_json(note) for note in row.figures["notes"]]
    if "findings" in row.figures:
        found["findings"] = list(recorded_findings(row.figures["findings"]))
    if row.figures.get("history") and row.figures.get("stop_reason") in set(StopReason):
        found["what_next"] = advise(
            StopReason(row.figures["stop_reason"]).what_next, is_perfect=row.accuracy == 1)
    return found


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A run that is not in the catalog.

    Attributes:
        folder: Its folder.
        reason: Why it cannot be recorded, one sentence; None if it can.
    """

    folder: Path
    reason: Message | None = None


@dataclass(frozen=True, slots=True)
class WholeRun:
    """A run as its folder has it, fit to be recorded.

    Attributes:
        record: What it was.
        predictions: Of the images that it was trained on; whether others are still the same files is not known.
        class_ids: Class of the catalog by its name.
    """

    record: RunRecord
    predictions: RunPredictions
    class_ids: Mapping[str, int]


def list_unrecorded(project: Project) -> tuple[Unrecorded, ...]:
    """Runs that have a folder and are not in the catalog, by name.

    Raises:
        ProjectDamaged, StorageError: The catalog cannot be read.
    """
    found = []
    for folder in _folders(project):
        try:
            read_unrecorded(project, folder)
            found.append(Unrecorded(folder))
        except AppError as error:
            found.append(Unrecorded(folder, error.message))
    return tuple(found)


def read_unrecorded(project: Project, folder: Path) -> WholeRun:
    """A run out of its folder, after making sure that it is one of these images and classes.

    Raises:
        RunError: It is damaged, or of other images, contents or classes than the project has now.
    """
    damage = find_damage(folder)
    if damage is not None:
        raise _does_not_fit(damage)
    record, said = read_whole(folder)
    class_ids = {row.name: row.id for row in list_classes(project)}
    if record.run != folder.name:
        raise _does_not_fit(Message("runs.record_of_other_run", run=record.run))
    lost = [name for name in record.classes if name not in class_ids]
    if lost:
        raise _does_not_fit(Message("runs.class_gone", name=lost[0]))
    snapshot = read_snapshot(folder)
    known = {ref.id: ref.content_hash for ref in image_refs(project, [row.image_id for row in snapshot])}
    if any(known.get(row.image_id) != row.content_hash for row in snapshot):
        raise _does_not_fit(Message("runs.images_changed"))
    return WholeRun(record, said, {name: class_ids[name] for name in record.classes})


def _folders(project: Project) -> list[Path]:
    known = {row.id for row in list_runs(project, with_deleted=True)}
    try:
        return sorted(
            path for path in project.runs_path.iterdir()
            if path.is_dir() and not path.is_symlink() and path.name not in known
            and not path.name.startswith(".") and not path.name.endswith(UNFINISHED)
        )
    except OSError:
        return []


def _does_not_fit(reason: Message) -> RunError:
    return RunError(reason, hint=Message("runs.not_recorded_hint"))


def list_runs_with_damage(folder: Path, which: RunFilter = RunFilter()) -> list[dict[str, Any]]:
    """The runs of a project that a filter takes, newest first, as JSON values.

    `star` and `user_note` are what a person marked them with. `damage` is a sentence, or None for a whole one;
    `changed` counts the images that it was judged by and that show something else now.

    Raises:
        ProjectError: The project cannot be opened.
    """
    with Project.open(folder, read_only=True) as project:
        marks = read_marks(project)
        rows = [(row, marks.get(row.id, UNMARKED)) for row in list_runs(project)]
        taken = [(row, mark) for row, mark in rows if which.takes(row, mark)]
        contents = contents_now(project) if taken else {}
        return [
            describe_run(project, row) | _damage_and_changes(project, row, contents)
            | {"star": mark.is_starred, "user_note": mark.note} for row, mark in taken
        ]


def _damage_and_changes(project: Project, row: RunRow, contents: dict[int, bytes]) -> dict[str, Any]:
    damage = row.damage or find_damage(project.run_path(row.id))
    n_changed = 0 if damage else count_changed_since(project, row.id, contents=contents)
    return {"damage": None if damage is None else str(damage), "changed": n_changed}


def describe_recorded(run: RunRow, confusion: Confusion | None = None) -> RunWords:
    """A run in words.

    Args:
        run: As the catalog has it.
        confusion: Its confusion matrix by the labels as they are now; None speaks of those that it was trained on.
    """
    trained = None if run.accuracy is None or run.low is None or run.high is None else (run.low, run.high)
    kind = str(run.figures.get("accuracy_kind", ""))
    if confusion is not None and confusion.n_total:
        standing = confusion.standing
        interval, n, n_right = standing.interval, standing.n_images, standing.n_right
    else:
        standing, interval = standing_of_figures(run.figures), trained
        n, n_right = (standing.n_images, standing.n_right) if interval else (0, 0)
    as_trained = say_as_trained(run.accuracy, trained, interval)
    return RunWords(
        describe_warning(standing), describe_accuracy(n_right, n, interval, kind=kind, is_changed=bool(as_trained)),
        describe_baseline(standing),
        tuple(str(Message.from_json(note)) for note in run.figures.get("notes") or ()),
        describe_doubt(interval) if n else "", describe_measure(kind, n),
        as_trained, describe_end(run.figures), n - n_right,
    )


def remove_run(project: Project, run_id: str) -> bool:
    """Forget a run and put its folder into the system's trash, or delete it where there is no trash.

    Labels and images stay as they are, and so does whatever lies outside of the project.

    Returns:
        Whether the folder lies in the trash.

    Raises:
        RunError: There is no such run.
        ProjectReadOnly, ProjectDamaged: Nothing was changed.
        StorageError: Nothing was changed, or the run is forgotten and its folder could not be deleted.
    """
    delete_run(project, run_id)
    if not is_run_id(run_id):
        return False  # a name from elsewhere: whatever it leads to is no folder of this project
    folder = project.run_path(run_id)
    if folder.is_symlink() and not project.runs_path.is_symlink():
        discard_path(folder)  # the link alone
        return False
    if folder.exists() and not is_inside(folder, project.folder):
        raise StorageError("runs.outside_project", folder=folder)
    return folder.exists() and _discard(folder)


def _discard(folder: Path) -> bool:
    """Whether the folder lies in the trash; it is deleted where it cannot."""
    from core.workflow.system_trash import throw_away  # takes 50 ms, which few need

    if throw_away(folder) is None:
        return True
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise StorageError("runs.folder_not_deleted", folder=folder) from error
    return False


def describe_runs(
    folder: Path, *, is_recording: bool = False, which: RunFilter = RunFilter(), order: str = "when",
    is_reversed: bool = False,
) -> dict[str, Any]:
    """Every run of a project, and what was broken off, as JSON values.

    Args:
        which: Of the runs; what was broken off is always listed.
        order, is_reversed: See `sort_rows`.

    Returns:
        `runs` (see `list_runs_with_damage`); `left_out`, how many the filter left out; `deleted`, names of those that
        can be brought back; `unfinished`, trainings that were killed and can be gone on with, the
        one that began last first (`run, strategy, started_at, epochs, settings`); `not_recorded`, runs whose folder
        is there but which the catalog does not list (`run, folder, reason`); `recorded`, those recorded just now.

    Raises:
        InputError: There is no such order.
        ProjectError, StorageError: It cannot be opened or written.
    """
    recorded: tuple[str, ...] = ()
    if is_recording:
        from core.workflow.training import record_unrecorded  # with all checks of the data: a tenth of a second

        with Project.open(folder) as project:
            recorded = record_unrecorded(project)
    found = sort_rows(list_runs_with_damage(folder, which), order, is_reversed=is_reversed)
    with Project.open(folder, read_only=True) as project:
        n_runs, deleted = len(list_runs(project)), sorted(deleted_ids(project))
        left = [{"run": one.folder.name, "folder": str(one.folder), "reason": str(one.reason or "")}
                for one in list_unrecorded(project)]
        unfinished = [
            {"run": one.begun.run, "strategy": one.begun.strategy, "started_at": one.begun.started_at,
             "epochs": one.n_epochs_done, "done": one.done, "settings": dict(one.begun.settings)}
            for one in list_resumable(project.runs_path) if not one.is_run
        ]
    return {"runs": found, "left_out": n_runs - len(found), "deleted": deleted, "unfinished": unfinished,
            "not_recorded": left, "recorded": list(recorded)}
