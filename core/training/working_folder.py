"""The folder in which a training by epochs works until its run is whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import StorageError
from core.runs.repository import discard_path
from core.runs.snapshot import SnapshotRow
from core.training.unfinished import Begun, clear_working, working_folder, write_begun
from core.types import ImageRef

UNLABELLED = -1


@contextmanager
def working_place(
    begun: Begun, labelled: Sequence[SnapshotRow], *, run_folder: Path, resume_from: Path | None
) -> Iterator[Path]:
    """Make the working folder, or take it over where a killed training goes on in place.

    It is gone once the run is written; after an error or a cancel what can be gone on with stays.

    Raises:
        StorageError: Nothing can be written there.
    """
    working = working_folder(run_folder)
    is_there = resume_from is not None and resume_from.resolve() == working.resolve()
    _make_folder(working, is_kept=is_there)
    try:
        if not is_there:
            write_begun(working, begun, labelled)
        yield working
    except BaseException:
        clear_working(working)
        raise
    discard_path(working)


def begin_now(run: str, strategy: str, settings: Any, weights: Path | None = None) -> Begun:
    """What is asked for now, to be repeated later; `settings` is the dataclass of the strategy."""
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    return Begun(run, strategy, asdict(settings), started_at, str(weights or ""))


def labelled_rows(
    images: Sequence[ImageRef], labels: Sequence[int], classes: Sequence[str]
) -> list[SnapshotRow]:
    """The labelled images of a training, as its snapshot keeps them; −1 among `labels` means unlabelled."""
    return [
        SnapshotRow(image.id, image.content_hash, image.path, classes[label])
        for image, label in zip(images, labels, strict=True) if label != UNLABELLED
    ]


def _make_folder(folder: Path, *, is_kept: bool) -> None:
    try:
        if not is_kept:
            discard_path(folder)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"Nothing can be written into “{folder.parent}”.", "Make room there, or move the project.",
        ) from error
