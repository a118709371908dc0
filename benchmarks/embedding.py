"""How fast pictures become embeddings: `python -m benchmarks.embedding FOLDER [--backbone NAME] [--repeat N]`.

Side by side and in turns: the network alone on ready arrays, decoding and resizing alone in
as many threads as the job uses, and the whole job from files to stored embeddings.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.measure import median, print_machine, print_table
from core.backbones.registry import find_backbone
from core.embeddings.embed import EmbedInput, decoding_threads, embed_images
from core.engine.network import Network, open_network
from core.errors import ImageUnreadable
from core.images.reading import read_image
from core.images.formats import has_image_extension
from core.images.recipe import Recipe
from core.jobs import JobContext
from core.types import ImageRef

READY_IMAGES = 256
ALONE = "network alone, ready arrays"


def read_one(path: Path, recipe: Recipe) -> np.ndarray | None:
    try:
        return read_image(path, None, recipe=recipe)
    except ImageUnreadable:
        return None


def rate(work: Callable[[], int]) -> float:
    """Images a second; `work` returns how many it did."""
    started = perf_counter()
    n_images = work()
    return n_images / (perf_counter() - started)


def find_images(folder: Path) -> tuple[ImageRef, ...]:
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and has_image_extension(p.name))
    return tuple(ImageRef(i, p, hashlib.sha256(p.read_bytes()).digest()) for i, p in enumerate(paths))


def ways_to_measure(images: tuple[ImageRef, ...], network: Network, recipe: Recipe) -> dict[str, Callable[[], int]]:
    """Each does all images once and returns how many."""
    paths = [image.path for image in images]
    ready = np.stack([pixels for p in paths[:READY_IMAGES] if (pixels := read_one(p, recipe)) is not None])

    def embed_ready() -> int:
        return sum(len(network.embed(ready)) for _ in range(-(-len(paths) // len(ready))))

    def decode() -> int:
        with ThreadPoolExecutor(decoding_threads()) as pool:
            return sum(1 for _ in pool.map(lambda path: read_one(path, recipe), paths))

    def whole_job() -> int:
        with tempfile.TemporaryDirectory() as name:
            embed_images(EmbedInput(images, network.backbone.name, Path(name)), JobContext())
        return len(images)

    return {ALONE: embed_ready, "decoding alone": decode, "job, files to store": whole_job}


def print_rates(rates: dict[str, list[float]]) -> None:
    print_machine()
    print_table(
        ["way", "images a second (median)", "slowest", "fastest", "share of the network's rate in the same round"],
        [[name, median(r), min(r), max(r), median(a / b for a, b in zip(r, rates[ALONE], strict=True))]
         for name, r in rates.items()],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--backbone", default="efficientnet-lite0")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    images = find_images(options.folder)
    started = perf_counter()
    network = open_network(find_backbone(options.backbone))
    side_px = network.side_px
    network.embed(np.zeros((1, side_px, side_px, 3), np.uint8))
    opening = perf_counter() - started
    ways = ways_to_measure(images, network, Recipe(width_px=side_px, height_px=side_px))
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.repeat):
        for name, work in ways.items():
            rates[name].append(rate(work))
    print_rates(rates)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"\n{len(images)} files, {options.backbone}; opening the network took {opening:.2f} s; peak {peak:.0f} MB.")


if __name__ == "__main__":
    main()
