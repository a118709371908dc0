"""From a cell of the confusion matrix, and from a list of mistakes, to its first images; see `benchmarks.review`.

    python -m benchmarks.review cell [--images 100000] [--classes 10] [--tries 20]

The real window, offscreen, over a catalog with a run that has a quarter of the images wrong. The images are hard
links to 4,000 drawn photographs. Times end with the frame that shows the words of the tiles in sight, and with that
which shows their photographs, too; a cell that was in sight before finds those decoded.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
from PySide6.QtCore import QCoreApplication  # noqa: E402

from benchmarks.measure import median  # noqa: E402
from core.project.classes import add_class  # noqa: E402
from core.project.project import Project  # noqa: E402
from core.project.runs import RunRow, record_run  # noqa: E402
from core.project.tag_names import FLAG  # noqa: E402
from core.project.tags import change_tags  # noqa: E402
from core.workflow.confusion import read_confusion  # noqa: E402
from core.workflow.mistake_lists import JUDGED, list_mistakes  # noqa: E402
from gui.review.review_page import ReviewPage  # noqa: E402
from gui.screenshots import Look, Stage, staged_window  # noqa: E402
from gui.widgets.thumbnails import ThumbnailCache  # noqa: E402

N_PHOTOGRAPHS, RUN, MOST_S = 4_000, "2026-01-01-001-transfer", 20.0


def main(arguments: Sequence[str]) -> None:
    """Make the catalog, open the window, print the medians in milliseconds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review cell")
    for name, default in (("images", 100_000), ("classes", 10), ("tries", 20)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="catalejo-cell-") as place:
        folder = Path(place) / "p"
        class_ids = make_project(folder, Path(place) / "photographs", given.images, given.classes)
        with staged_window(Look(size=(1440, 900))) as stage:
            stage.window.open_asked.emit(folder)
            stage.window.go_to("review")
            stage.settle()
            page = stage.window.workbench.findChild(ReviewPage)
            assert page is not None
            pairs = [(a, b) for a in class_ids for b in class_ids if a != b][:given.tries]
            report(stage, page, "matrix cell", [partial(page.show_cell, a, b) for a, b in pairs])
            page.workspace.fold(is_shown=True)
            settle(lambda: bool(page.lists.sections["whole"].rows.rows))
            for name in ("mistakes", "sure", "unchecked", "uncertain"):
                one = next(found for found in page.lists.shown if found.name == name)
                acts = [partial(page.show_cell, *pairs[0]), partial(page.workspace.show, one)] * 3
                report(stage, page, f"list “{name}”", acts, only_last=True)
            stage.context.session.close()
        with Project.open(folder, read_only=True) as project:
            confusion = read_confusion(project, RUN)
            times = [timed(lambda: list_mistakes(project, RUN, JUDGED, confusion)) for _ in range(5)]
            print(f"all lists with their numbers: {median(times):.0f} ms")


def report(
    stage: Stage, page: ReviewPage, what: str, acts: list[Callable[[], object]], *, only_last: bool = False
) -> None:
    """Do each act and print the median times until words and photographs are painted."""
    words, photographs, processor = [], [], []
    for at, act in enumerate(acts):
        stage.settle()  # what the inspector still does belongs to the images before
        begun, begun_cpu = time.perf_counter(), time.process_time()
        act()
        settle(lambda: not page.listing.is_asking)
        page.browser.grid.viewport().repaint()
        to_words, cpu = time.perf_counter() - begun, time.process_time() - begun_cpu
        settle(lambda: has_photographs(stage.context.thumbnails, page))
        page.browser.grid.viewport().repaint()
        if not only_last or at % 2:
            words.append(to_words * 1000)
            processor.append(cpu * 1000)
            photographs.append((time.perf_counter() - begun) * 1000)
    n = page.browser.model.rowCount()
    print(f"{what}: first words {median(words):.0f} ms (processor time of all threads {median(processor):.0f} ms), "
          f"first photographs {median(photographs):.0f} ms "
          f"(longest {max(photographs):.0f} ms, {len(words)} tries, {n} images in the last)")


def has_photographs(thumbnails: ThumbnailCache, page: ReviewPage) -> bool:
    """Whether those of all tiles in sight are decoded."""
    rows = page.browser.grid.visible_rows()
    tiles = page.browser.model.tiles(rows.start, rows.stop - 1) if len(rows) else []
    side_px = page.browser.grid.shown_side()
    return not any(thumbnails.is_missing(tile.content_hash, side_px) for tile in tiles)


def settle(is_done: Callable[[], bool]) -> None:
    """Let the window work until something is so."""
    end = time.perf_counter() + MOST_S
    while not is_done():
        assert time.perf_counter() < end, "it takes too long"
        QCoreApplication.processEvents()


def timed(act: Callable[[], object]) -> float:
    """Milliseconds that something takes."""
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def make_project(folder: Path, photographs: Path, n_images: int, n_classes: int) -> list[int]:
    """A catalog of hard links, a run with a quarter wrong, a tenth flagged; rows of its classes."""
    drawn = draw(photographs)
    source = photographs / "all"
    source.mkdir()
    for i in range(n_images):
        os.link(drawn[i % N_PHOTOGRAPHS], source / f"{i:07d}.jpg")
    hashes = [hashlib.sha256(path.read_bytes()).digest() for path in drawn]
    stat = [path.stat() for path in drawn]
    rng = np.random.default_rng(0)
    labels = rng.integers(0, n_classes, n_images)
    says = np.where(rng.random(n_images) < 0.25, (labels + rng.integers(1, n_classes, n_images)) % n_classes, labels)
    p = rng.random(n_images) * 0.5 + 0.5
    with Project.create(folder) as project:
        ids = [add_class(project, f"class {i}").id for i in range(n_classes)]
        record_run(project, RunRow(RUN, "transfer", "efficientnet-lite0", 0, n_images))
        with project.catalog.transaction() as db:
            db.execute("INSERT INTO source VALUES (1, ?, 'train', '2026')", (os.fsencode(source),))
            db.executemany(
                "INSERT INTO image(id, source_id, path, name, sort_key, bytes, mtime_ns, content_hash, format, "
                "width, height, mode, split, class_id, status, added_at) "
                "VALUES (?, 1, ?, ?, ?, ?, ?, ?, 'JPEG', 256, 192, 'RGB', 'train', ?, 'ok', '2026')",
                ((i + 1, b"%07d.jpg" % i, f"{i:07d}.jpg", f"{i:07d}", stat[i % N_PHOTOGRAPHS].st_size,
                  stat[i % N_PHOTOGRAPHS].st_mtime_ns, hashes[i % N_PHOTOGRAPHS], ids[labels[i]])
                 for i in range(n_images)))
            db.executemany("INSERT INTO prediction VALUES (1, ?, 0, ?, ?, ?, ?, ?, ?)", (
                (i + 1, ids[says[i]], p[i], p[i], 1 - p[i], 1 - p[i], -float(np.log(1 - p[i] + 1e-9)))
                for i in range(n_images)))
        change_tags(project, np.arange(1, n_images, 10), add=[(FLAG, "checked")])
    return ids


def draw(folder: Path) -> list[Path]:
    """Noisy photographs of 256 × 192, each of its own content."""
    folder.mkdir()
    rng, paths = np.random.default_rng(0), []
    for i in range(N_PHOTOGRAPHS):
        paths.append(folder / f"{i}.jpg")
        coarse = Image.fromarray(rng.integers(0, 255, (24, 32, 3), dtype=np.uint8))
        coarse.resize((256, 192)).save(paths[-1], quality=85)
    return paths
