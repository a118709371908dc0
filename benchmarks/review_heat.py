"""How long a heat map takes, from the file to the maps of two classes, by each way.

    python -m benchmarks.review heat [IMAGES] [--images 30]

Heads have random weights, for their numbers cost no time. Networks are opened and each way is asked once before
anything is timed, as in the engine process, which keeps what it opened.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from benchmarks.measure import median, print_machine, print_table
from core.backbones.registry import find_backbone
from core.engine.feature_maps import locate_published
from core.heat_maps.occlusion import occlude
from core.heat_maps.sight import Eye, LinearSight, Seen, Sight
from core.images.formats import has_image_extension
from core.images.reading import read_rgb
from core.jobs import JobContext
from core.runs.head import Head

N_CLASSES, COLUMNS = 5, (1, 3)
SAMPLE = Path(__file__).resolve().parent.parent / "resources" / "sample"
FEW = 5
"""Images for ways that take seconds."""


def linear(names: Sequence[str], features: str) -> Sight:
    eyes = []
    for name in names:
        backbone = find_backbone(name)
        eyes.append(Eye(backbone, locate_published(backbone), features))
    n_features = sum(eye.n_features for eye in eyes) * (2 if features == "tiles" else 1)
    rng = np.random.default_rng(0)
    return LinearSight(eyes, Head(
        rng.normal(0, 0.05, (n_features, N_CLASSES)).astype(np.float32), np.zeros(N_CLASSES, np.float32)))


def fine_tuned(n_blocks: int) -> Sight:
    from core.engine.adapted import AdaptedPlan, adapt_network
    from core.engine.cut import open_trunk
    from core.engine.grad_cam import GradCam
    from core.heat_maps.networks import NetworkSight
    from core.training.fine_tune.views import look

    backbone = find_backbone("efficientnet-lite0")
    located = locate_published(backbone)
    net = adapt_network(backbone, located, n_blocks=n_blocks, n_classes=N_CLASSES)
    plan = AdaptedPlan(backbone.name, located.sha256, net.cut.name, "stretch", tuple("abcde"))
    trunk = open_trunk(net.model, net.cut, backbone)
    return NetworkSight(GradCam(net.tail), plan.recipe, activate=lambda pixels: look(trunk, pixels),
                        say=lambda pixels: np.zeros((len(pixels), N_CLASSES), np.float32))


def scratch() -> Sight:
    from core.engine.grad_cam import GradCam
    from core.engine.scratch_nets import build_scratch_net
    from core.heat_maps.networks import NetworkSight
    from core.images.recipe import Recipe

    net = build_scratch_net("branches", (64, 64, 3), N_CLASSES, seed=0)
    return NetworkSight(GradCam(net), Recipe(fit="pad"), activate=lambda pixels: pixels,
                        say=lambda pixels: np.zeros((len(pixels), N_CLASSES), np.float32))


def ways() -> Iterator[tuple[str, Callable[[], Sight], bool]]:
    """Name, what opens it, and whether parts of the image are covered instead."""
    lite0, both = ("efficientnet-lite0",), ("efficientnet-lite0", "efficientnet-lite2")
    yield "transfer: Lite0 with stages", lambda: linear(lite0, "stages"), False
    yield "transfer: Lite0, final features", lambda: linear(lite0, "final"), False
    yield "transfer: Lite0, two views", lambda: linear(lite0, "two views"), False
    yield "auto: Lite0 + Lite2, two views", lambda: linear(both, "two views"), False
    yield "auto: Lite0 + Lite2, six views", lambda: linear(both, "six views"), False
    yield "Grad-CAM: fine-tuned Lite0, last nine blocks", lambda: fine_tuned(9), False
    yield "Grad-CAM: Lite0, all of it in Keras", lambda: fine_tuned(100), False
    yield "Grad-CAM: scratch, three branches", scratch, False
    yield "occlusion: Lite0 with stages, 50 looks", lambda: linear(lite0, "stages"), True


def seconds_of(sight: Sight, path: Path, *, is_covered: bool) -> tuple[float, float]:
    """By the clock, and of all processors together, which others that are busy do not lengthen."""
    started, worked = perf_counter(), process_time()
    image = read_rgb(path, None, side_px=sight.side_px)
    seen: Seen | None = occlude(sight, image, COLUMNS, JobContext()) if is_covered else sight.see(image, COLUMNS)
    assert seen is not None and seen.heat.shape[0] == len(COLUMNS)
    return perf_counter() - started, process_time() - worked


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.review heat", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--images", type=int, default=30)
    asked = parser.parse_args(arguments)
    paths = sorted(path for path in asked.folder.rglob("*") if has_image_extension(path.name))[:asked.images]
    print_machine()
    rows = []
    for name, open_it, is_covered in ways():
        started = perf_counter()
        sight = open_it()
        seconds_of(sight, paths[0], is_covered=is_covered)
        first = perf_counter() - started
        some = paths[:FEW] if is_covered else paths
        times = [seconds_of(sight, path, is_covered=is_covered) for path in some]
        clock, worked = zip(*times, strict=True)
        rows.append((name, f"{first:.1f}", f"{1000 * median(clock):.0f}", f"{1000 * max(clock):.0f}",
                     f"{1000 * median(worked):.0f}", str(len(some))))
    print_table(("way", "first, s", "median, ms", "slowest, ms", "processor time, median, ms", "images"), rows)
