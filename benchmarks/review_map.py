"""How long an embedding map takes, how late the window is meanwhile, and how long a frame of many points takes.

    python -m benchmarks.review map [--images 10000] [--points 100000]

A catalog of images that exist nowhere has random embeddings in twenty groups: the job needs no more. The map is made
by the engine process of the whole window, while a timer of the window's thread measures the gaps between its turns.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil
from PySide6.QtCore import QEventLoop, QPointF
from PySide6.QtGui import QColor, QImage

from benchmarks.figures import HEADER, Figure, measure_act, percentile
from benchmarks.gui_catalog import make_catalog
from benchmarks.gui_lateness import LIMIT_MS, Heartbeat
from benchmarks.gui_window import WholeWindow
from benchmarks.measure import print_machine, print_table
from core.backbones.registry import DEFAULT, find_backbone
from core.embeddings.map import _key_of
from core.embeddings.store import EmbeddingWriter
from core.jobs import JobContext
from core.project.project import Project
from gui.app import WARM_MODULES
from gui.map.map_page import MapPage
from gui.map.point_painter import PointStyle
from gui.map.scatter_view import ScatterView

N_GROUPS, ROWS_AT_ONCE, FRAMES = 20, 5_000, 60
MAP_LIMIT_S, FRAME_LIMIT_MS = 60, 33


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review map", description=__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--points", type=int, default=100_000)
    asked = parser.parse_args(arguments)
    print_machine()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure_map(Path(folder), asked.images)
    figures += measure_frames(asked.points)
    print_table(HEADER, [figure.row() for figure in figures])


def fill_store(folder: Path, hashes: Sequence[bytes]) -> None:
    """Embeddings around twenty middles, (n_images, n_stored)."""
    backbone, rng = find_backbone(DEFAULT), np.random.default_rng(0)
    middles = rng.standard_normal((N_GROUPS, backbone.n_stored), dtype=np.float32)
    with EmbeddingWriter(folder / _key_of(backbone, JobContext()), backbone.n_stored) as writer:
        for start in range(0, len(hashes), ROWS_AT_ONCE):
            part = hashes[start:start + ROWS_AT_ONCE]
            noise = rng.standard_normal((len(part), backbone.n_stored), dtype=np.float32)
            writer.append(part, middles[rng.integers(0, N_GROUPS, len(part))] + noise)


def measure_map(folder: Path, n_images: int) -> list[Figure]:
    project = folder / "many.catalejo"
    make_catalog(project, n_images)
    with Project.open(project) as opened:
        rows = opened.catalog.rows("SELECT content_hash FROM image ORDER BY id")
        fill_store(opened.embeddings_path, [content for content, in rows])
    whole = WholeWindow(folder / "settings", warm_modules=WARM_MODULES)
    whole.window.open_asked.emit(project)
    page = whole.window.workbench.go_to("map")
    assert isinstance(page, MapPage)
    whole.paint()
    heart, loop, begun = Heartbeat(), QEventLoop(), perf_counter()
    first: list[float] = []
    page.state.points_changed.connect(lambda: first or first.append(perf_counter() - begun))
    page.arrange()
    assert page.state.job is not None
    page.state.job.finished.connect(loop.quit)
    loop.exec()
    seconds = perf_counter() - begun
    assert page.scatter.n_points == n_images
    name = f"map of {n_images:,} images"
    figures = [
        Figure(f"{name}, principal components in sight", first[0], unit="s"),
        Figure(f"{name}, arranged", seconds, None, MAP_LIMIT_S, "s"),
        Figure(f"{name}, processor time of the engine with its start", _engine_seconds(), unit="s"),
        Figure(f"{name}, latest turn of the event loop", heart.late_ms, heart.busy_ms, LIMIT_MS),
    ]
    whole.end()
    return figures


def _engine_seconds() -> float:
    times = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return float(sum(one.user + one.system for one in times))


def measure_frames(n_points: int) -> list[Figure]:
    rng, view = np.random.default_rng(0), ScatterView()
    middles = rng.standard_normal((N_GROUPS, 2)) * 30
    groups = rng.integers(0, N_GROUPS, n_points)
    view.resize(900, 800)
    view.set_points((middles[groups] + rng.standard_normal((n_points, 2)) * 5).astype(np.float32))
    view.set_groups(groups, [PointStyle(QColor.fromHsv(18 * at, 200, 200), at) for at in range(N_GROUPS)])
    frame = QImage(view.size(), QImage.Format.Format_RGB32)

    def pan(at: int) -> None:
        view.projection.pan(np.array([4.0, 3.0]) * (1 if at % 2 else -1))
        view.renew()
        view.render(frame)

    def zoom(at: int) -> None:
        view.zoom(1.1 if at % 2 else 1 / 1.1, QPointF(300, 200))
        view.render(frame)

    pan(0)
    name = f"{n_points:,} points"
    return [
        percentile(f"a frame while panning {name}, median",
                   [measure_act(partial(pan, at)) for at in range(FRAMES)], 50, FRAME_LIMIT_MS),
        percentile(f"a frame while zooming {name}, median",
                   [measure_act(partial(zoom, at)) for at in range(FRAMES)], 50, FRAME_LIMIT_MS),
        percentile(f"the point below the pointer among {name}",
                   [measure_act(lambda: view.place_at(QPointF(400, 300))) for _ in range(FRAMES)], 50),
    ]
