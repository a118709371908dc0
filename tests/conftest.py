"""Fixtures that all tests share: drawn pictures, contexts, and the rule that nothing warns or leaks."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.jobs import JobCancelled, JobContext, Progress
from core.project.catalog import CATALOG_NAME
from core.project.schema import APPLICATION_ID, MIGRATIONS

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


class RecordingContext(JobContext):
    """A context that keeps everything it hears and cancels when told.

    Args:
        cancel_after: Number of `check()` calls after which the job is asked to end; None for never.
    """

    def __init__(self, cancel_after: int | None = None) -> None:
        super().__init__(self._keep_progress, self._keep_event, self._is_time_to_end)
        self.progresses: list[Progress] = []
        self.events: list[object] = []
        self.n_checks = 0
        self.cancel_after = cancel_after

    def _keep_progress(self, progress: Progress) -> None:
        self.progresses.append(progress)

    def _keep_event(self, event: object) -> None:
        self.events.append(event)

    def _is_time_to_end(self) -> bool:
        self.n_checks += 1
        return self.cancel_after is not None and self.n_checks > self.cancel_after

    @property
    def last(self) -> Progress:
        return self.progresses[-1]


@pytest.fixture
def recording_context() -> RecordingContext:
    return RecordingContext()


@pytest.fixture
def cancelling_context() -> RecordingContext:
    """Ends the job at its second check."""
    return RecordingContext(cancel_after=1)


def draw_picture(seed: int, hue: str, size: tuple[int, int] = (96, 72)) -> Image.Image:
    """A noisy picture dominated by one colour channel; `hue` is "red", "green" or "blue"."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 90, (size[1], size[0], 3), dtype=np.uint8)
    pixels[:, :, ["red", "green", "blue"].index(hue)] += np.uint8(120)
    return Image.fromarray(pixels)


def write_class_folder(folder: Path, hue: str, n_images: int, first_seed: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(n_images):
        draw_picture(first_seed + i, hue).save(folder / f"{hue}_{i}.png")


def write_older_catalog(folder: Path, *, version: int) -> None:
    """A project as an older version left it: the tables of that version, without images."""
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / CATALOG_NAME, isolation_level=None)) as db:
        db.executescript("".join(MIGRATIONS[:version]))
        db.executescript(f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={version};")


@pytest.fixture
def image_folder(tmp_path: Path) -> Path:
    """Drawn pictures of two classes, and odd ones; see `draw_image_folder`."""
    return draw_image_folder(tmp_path / "pictures")


def draw_image_folder(root: Path) -> Path:
    """Two classes of eight good pictures each, plus the odd ones.

    red/: 8 plain PNG, `niño.jpg` (accent in the name), `turned.jpg` (EXIF orientation 6, stored 96×72).
    blue/: 8 plain PNG, `grey.png` (mode L), `alpha.png` (RGBA), `broken.jpg` (truncated), `notes.txt`.
    """
    write_class_folder(root / "red", "red", 8)
    write_class_folder(root / "blue", "blue", 8, first_seed=100)
    draw_picture(50, "red").save(root / "red" / "niño.jpg", quality=90)
    exif = Image.Exif()
    exif[0x0112] = 6
    draw_picture(51, "red").save(root / "red" / "turned.jpg", quality=90, exif=exif)
    draw_picture(150, "blue").convert("L").save(root / "blue" / "grey.png")
    draw_picture(151, "blue").convert("RGBA").save(root / "blue" / "alpha.png")
    whole = root / "blue" / "broken.jpg"
    draw_picture(152, "blue", (400, 300)).save(whole, quality=90)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (root / "blue" / "notes.txt").write_text("not a picture")
    return root


@pytest.fixture
def shared_data() -> Path:
    """The real photographs; tests that need them are skipped where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs the photographs that this was developed with, which are not part of the project")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def no_unexpected_warnings(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A log record ≥ WARNING of our own packages fails a test unless it takes `expected_warnings`."""
    yield
    if "expected_warnings" in request.fixturenames:
        return
    records = [r for when in ("setup", "call") for r in caplog.get_records(when)]
    ours = [r for r in records if r.levelno >= logging.WARNING and r.name.split(".")[0] in {"core", "gui"}]
    assert not ours, [r.getMessage() for r in ours]


@pytest.fixture
def expected_warnings(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Take this fixture where the log is meant to warn; look into `.records`."""
    return caplog


@pytest.fixture(autouse=True)
def own_times(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured in a test is known to no other, and not to the user's program."""
    path = tmp_path_factory.mktemp("times", numbered=True) / "times.json"
    monkeypatch.setattr("core.files.machine_times.times_path", lambda: path)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """A thread of ours that outlives its test fails it. Name threads `catalejo-…`."""
    yield
    ours = [t.name for t in threading.enumerate() if t.name.startswith("catalejo-") and t.is_alive()]
    assert not ours, ours


__all__ = ["JobCancelled", "RecordingContext", "draw_picture", "write_class_folder", "write_older_catalog"]
