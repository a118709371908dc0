"""Unfinished trainings: the folder that one works in, what is kept there to resume it, what has changed since.

A training by epochs, or of several members, works in `runs/<id>.training.unfinished`. From its beginning on there lie

    training.json   what was asked for
    labels.csv      image_id,content_hash,path,label of the labelled images, as in a run's snapshot
    progress.npz    after the first epoch: all that the next epoch needs (see `core.engine.checkpoints`); of an
                    ensemble the members that are done (see `core.training.ensemble_files`)
    folds.npz       the folds that are done, of a cross-validation (see `core.training.fold_progress`)

A run that was stopped has the same files. This module imports no engine library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import AppError, RunError
from core.files.foreign import UNFINISHED, checked_run_id, parse_json, read_json
from core.runs.repository import discard_path, take_file
from core.runs.snapshot import SnapshotRow, read_rows, write_rows
from core.files.plain import from_plain
from core.files.writing import write_errors, write_json
from core.files.stored_arrays import open_arrays
from core.settings import LATER_SETTINGS, todays_settings
from core.text import Message
from core.training.job import TrainJob
from core.training.registry import STRATEGIES, find_strategy
from core.training.write_run import labelled_rows

TRAINING_NAME, LABELS_NAME, PROGRESS_NAME = "training.json", "labels.csv", "progress.npz"
RESUME_FILES = (TRAINING_NAME, LABELS_NAME, PROGRESS_NAME)
FOLDS_NAME = "folds.npz"
TRAINING_ENDING = f".training{UNFINISHED}"
FORMAT = 1

MAY_CHANGE = ("n_epochs", "effort", "cache_gb", "keeps_cache", "start_from", "patience")
"""Settings that may differ between a training and its continuation."""

MAY_CHANGE_IN_FOLDS = ("cache_gb", "keeps_cache")
"""Those that may where there are folds, all of which must be trained alike."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What was asked for when a training began.

    Attributes:
        started_at: ISO 8601, UTC.
        weights: A weights file of the user's own, or "".
    """

    run: str
    strategy: str
    settings: Mapping[str, Any]
    started_at: str
    weights: str = ""


@dataclass(frozen=True, slots=True)
class Resumable:
    """A training that can be gone on with.

    Attributes:
        folder: Where its files lie: that of a stopped run, or of an unfinished training.
        n_epochs_done: Complete epochs, or what else the strategy counts.
        is_run: Whether it was stopped and made a run, which stays as it is; else it was killed, and goes on in place.
    """

    begun: Begun
    folder: Path
    n_epochs_done: int
    is_run: bool

    @property
    def done(self) -> Message:
        """“3 epochs”, “2 models”: what is done, in what its strategy counts."""
        strategy = self.begun.strategy
        return Message(
            f"jobs.count.{find_strategy(strategy).counts if strategy in STRATEGIES else 'epochs'}",
            n=self.n_epochs_done)


def working_folder(run_folder: Path) -> Path:
    """Where a training by epochs works until its run is whole."""
    return run_folder.with_name(run_folder.name + TRAINING_ENDING)


@contextmanager
def working_place(job: TrainJob) -> Iterator[Path]:
    """Make the working folder of a training, or take it over where a killed training goes on in place.

    It is gone once the run is written; after an error or a cancel what can be gone on with stays.

    Raises:
        StorageError: Nothing can be written there.
    """
    working = working_folder(job.folder)
    is_there = job.resume_from is not None and job.resume_from.resolve() == working.resolve()
    with write_errors(working):
        if not is_there:
            discard_path(working)
        working.mkdir(parents=True, exist_ok=True)
    try:
        if not is_there:
            started_at = datetime.now(UTC).isoformat(timespec="seconds")
            begun = Begun(job.run, job.strategy, asdict(job.settings), started_at, str(job.weights or ""))
            write_begun(working, begun, labelled_rows(job.images, job.labels, job.classes))
        yield working
    except BaseException:
        clear_working(working)
        raise
    discard_path(working)


def write_begun(folder: Path, begun: Begun, labelled: Iterable[SnapshotRow]) -> None:
    """Keep what was asked for, in an existing folder.

    Raises:
        StorageError: The disk is full or fails.
    """
    write_rows(folder / LABELS_NAME, labelled)
    write_json(folder / TRAINING_NAME, {"format": FORMAT, **asdict(begun)})


def add_resume_files(working: Path, folder: Path) -> None:
    """Take what a stopped training can be gone on with into its run.

    Raises:
        OSError: It cannot be.
    """
    for name in RESUME_FILES:
        take_file(working / name, folder)
    if (working / FOLDS_NAME).is_file():
        take_file(working / FOLDS_NAME, folder)


def find_resumable(folder: Path) -> Resumable | None:
    """What a folder has to go on with; None if that is nothing, damaged, a link, or that of another training."""
    if folder.is_symlink():
        return None
    try:
        content = read_json(folder / TRAINING_NAME)
        if content.pop("format") != FORMAT:
            return None
        begun = from_plain(Begun, content)
        is_run = not folder.name.endswith(TRAINING_ENDING)
        if checked_run_id(begun.run) != folder.name.removesuffix(TRAINING_ENDING):
            return None
        read_rows(folder / LABELS_NAME)
        with open_arrays(folder / PROGRESS_NAME) as file:
            history = parse_json(file["text"].tobytes().decode())["history"]
        return Resumable(begun, folder, len(history) + _count_other_folds(folder, history), is_run)
    except (AppError, OSError, KeyError, ValueError, TypeError, AttributeError):
        return None


def _count_other_folds(folder: Path, history: Sequence[Mapping[str, Any]]) -> int:
    """Epochs of the folds that are done, but for the one that the progress is of; 0 where there are none."""
    own = history[-1].get("fold", 0) if history else 0
    try:
        with open_arrays(folder / FOLDS_NAME) as file:
            folds = parse_json(file["text"].tobytes().decode())["folds"]
        return sum(len(one["history"]) for at, one in enumerate(folds, start=1) if at != own)
    except (OSError, KeyError, ValueError, TypeError, AttributeError):
        return 0


def list_resumable(runs_folder: Path) -> tuple[Resumable, ...]:
    """All trainings that can be gone on with, the one that began last first."""
    folders = sorted(path for path in runs_folder.glob("*") if path.is_dir())
    found = [one for folder in folders if (one := find_resumable(folder)) is not None]
    return tuple(sorted(found, key=lambda one: (one.begun.started_at, one.begun.run), reverse=True))


def clear_hopeless(runs_folder: Path) -> int:
    """Remove what killed trainings left behind and nobody can go on with; how many. Only while none is running."""
    leftovers = [
        path for path in runs_folder.glob("*" + UNFINISHED)
        if path.is_dir() and not path.is_symlink() and find_resumable(path) is None
    ]
    for path in leftovers:
        discard_path(path)
    return len(leftovers)


def forget_unfinished(runs_folder: Path, strategy: str) -> None:
    """Remove the unfinished trainings of a strategy, of which a newer one has finished."""
    for one in list_resumable(runs_folder):
        if not one.is_run and one.begun.strategy == strategy:
            discard_path(one.folder)


def clear_working(folder: Path) -> None:
    """Remove a working folder after its training ended without a run, but for what can be gone on with."""
    if find_resumable(folder) is None:
        discard_path(folder)
        return
    for path in folder.iterdir():
        if path.is_dir():
            discard_path(path)


def cannot_go_on(*differences: Message) -> RunError:
    """The error for a training whose data or settings are others now."""
    return RunError("training.cannot_resume", difference=differences)


def describe_difference(before: Sequence[SnapshotRow], now: Sequence[SnapshotRow]) -> tuple[Message, ...]:
    """What became of the labelled images, such as “2 images were added”; () if they are the same."""
    classes_before, classes_now = (tuple(dict.fromkeys(row.label for row in rows)) for rows in (before, now))
    if set(classes_before) != set(classes_now):
        return describe_class_difference(classes_before, classes_now)
    labels_before, labels_now = (Counter((row.content_hash, row.label) for row in rows) for rows in (before, now))
    n_added, n_removed = ((one - other).total() for one, other in (
        (labels_now, labels_before), (labels_before, labels_now)))
    hashes_before, hashes_now = (Counter(row.content_hash for row in rows) for rows in (before, now))
    n_changed = n_added - (hashes_now - hashes_before).total()
    counts = (("added", n_added - n_changed), ("removed", n_removed - n_changed), ("relabelled", n_changed))
    return tuple(Message(f"training.changed.{what}", n=n) for what, n in counts if n)


def describe_class_difference(before: Sequence[str], now: Sequence[str]) -> tuple[Message, ...]:
    """Which classes were added and removed, or that their order is another one."""
    added = [Message("training.changed.class_added", class_name=name) for name in now if name not in before]
    removed = [Message("training.changed.class_removed", class_name=name) for name in before if name not in now]
    return (*added, *removed) or (Message("training.changed.class_order"),)


def describe_changed_settings(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Message, ...]:
    """Settings that must not change and did, such as “mixup” is 0.2 instead of 0.4; () if there are none."""
    before = {**LATER_SETTINGS, **todays_settings(before)}
    may_change = MAY_CHANGE_IN_FOLDS if now.get("n_folds", 0) >= 2 else MAY_CHANGE
    return tuple(
        Message("training.changed.setting", setting=name, now=now[name], before=before[name]) if name in before
        else Message("training.changed.setting_unknown", setting=name, now=now[name])
        for name in now if name not in may_change and before.get(name) != now[name]
    )
