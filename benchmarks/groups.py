"""Series of nearly equal images: the accuracy claimed with series split and kept together, beside the true one.

    python -m benchmarks.groups [--photographs FOLDER …] [--seeds 0 1 2]

Drawn scenes: each has its own ground, and a small disc, square or triangle on it, which is the class; twelve frames
a scene move and add noise. 36 scenes teach, 36 others test. Where the series can be seen differs from row to row:
names of frames, subfolders, gaps in the numbers, capture times, or nothing but the images. “cut by chance” gives the
same names to frames of any scenes of a class: there is nothing to keep together.

Each FOLDER holds photographs in a folder a class. Three rows come of it: bursts, six frames of each photograph (a
crop, another light, another JPEG quality), 60 photographs a class to learn from and 60 others, unchanged, to test;
the same under names that say nothing; and the photographs as they are, up to 400 a class, the half of which tests.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageDraw, ImageEnhance

from benchmarks.measure import catalejo, print_machine, print_table

HEADERS = ("set", "seed", "kept together", "claimed, split", "claimed, as it comes", "true", "s more")
CLASSES = ("disc", "square", "triangle")
N_SCENES, N_FRAMES, SIDE = 36, 12, 160
N_BURSTS, N_SHOTS, MOST_PLAIN = 60, 6, 400

Place = Callable[[str, int, int], tuple[str, datetime | None]]
"""Path below the folder and capture time of a frame, from its class, scene and number."""


def opaque(name: str, scene: int, frame: int) -> str:
    """A path that says nothing but the class."""
    return f"{name}/{hashlib.md5(f'{name}{scene}{frame}'.encode()).hexdigest()}z.jpg"


FORMS: dict[str, Place] = {
    "frames named by video": lambda name, scene, n: (f"{name}/video{scene:02}_frame{n:03}.jpg", None),
    "subfolders": lambda name, scene, n: (f"{name}/session {scene}/{n}.jpg", None),
    "gaps in the numbers": lambda name, scene, n: (f"{name}/IMG_{100 * scene + n:04}.jpg", None),
    "capture times": lambda name, scene, n: (
        opaque(name, scene, n), datetime(2024, 5, 1) + timedelta(hours=scene, seconds=4 * n)),
    "nothing but the images": lambda name, scene, n: (opaque(name, scene, n), None),
    "cut by chance": lambda name, scene, n: (
        f"{name}/video{(scene * 7 + n * 3) % N_SCENES:02}_frame{scene}.jpg", None),
}


def draw_scenes(folder: Path, place: Place, seed: int) -> None:
    """Frames of scenes as files."""
    rng = np.random.default_rng(seed)
    for scene in range(N_SCENES):
        ground = draw_ground(rng)
        for n in range(N_FRAMES):
            path, taken = place(CLASSES[scene % 3], scene, n)
            save(draw_frame(ground, rng, scene % 3), folder / path, taken)


def draw_ground(rng: np.random.Generator) -> Image.Image:
    """What is behind the object: patches of colour."""
    image = Image.new("RGB", (SIDE, SIDE), tuple(rng.integers(30, 225, 3).tolist()))
    draw = ImageDraw.Draw(image)
    for _ in range(14):
        (x, y), (width, height) = rng.integers(0, SIDE, 2), rng.integers(15, 70, 2)
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((x, y, x + width, y + height), fill=tuple(rng.integers(0, 255, 3).tolist()))
    return image


def draw_frame(ground: Image.Image, rng: np.random.Generator, label: int) -> Image.Image:
    """The ground with an object, moved and with noise."""
    image = ground.copy()
    draw, (x, y), r = ImageDraw.Draw(image), rng.integers(15, 75, 2), int(rng.integers(24, 34))
    box, colour = (x, y, x + 2 * r, y + 2 * r), tuple(rng.integers(170, 255, 3).tolist())
    if label == 2:
        draw.polygon([(x, y + 2 * r), (x + 2 * r, y + 2 * r), (x + r, y)], fill=colour)
    else:
        (draw.ellipse, draw.rectangle)[label](box, fill=colour)
    dx, dy = rng.integers(0, 12, 2)
    pixels = np.asarray(image.crop((dx, dy, dx + SIDE - 12, dy + SIDE - 12)), np.int16)
    return Image.fromarray(np.clip(pixels + rng.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8))


def save(image: Image.Image, path: Path, taken: datetime | None = None, quality: int = 90) -> None:
    exif = Image.Exif()
    if taken is not None:
        exif[ExifTags.Base.Model] = "Camera"
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{taken:%Y:%m:%d %H:%M:%S}"
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=quality, exif=exif)


BURSTS: dict[str, Place | None] = {
    "bursts": lambda name, scene, n: (f"{name}/burst{scene:03}_{n}.jpg", None),
    "bursts, names that say nothing": lambda name, scene, n: (opaque(name, scene, n), None),
    "as they are": None,
}


def lay_out_photographs(source: Path, train: Path, test: Path, seed: int, place: Place | None) -> None:
    """Photographs as bursts, or as they are without a place for frames; and others to test."""
    rng = random.Random(seed)
    for class_folder in sorted(path for path in source.iterdir() if path.is_dir()):
        files = sorted(path for path in class_folder.iterdir() if path.is_file())
        rng.shuffle(files)
        n = N_BURSTS if place else min(len(files), MOST_PLAIN) // 2
        for at, file in enumerate(files[:2 * n]):
            with Image.open(file) as opened:
                image = opened.convert("RGB")
            if at >= n or place is None:
                save(image, (test if at >= n else train) / class_folder.name / f"{file.stem}.jpg")
                continue
            for shot in range(N_SHOTS):
                path, _ = place(class_folder.name, at, shot)
                save(change(image, rng), train / path, quality=rng.randint(70, 95))


def change(image: Image.Image, rng: random.Random) -> Image.Image:
    """The next frame of a burst: a crop of 90 % and more of each side, and light that differs by a tenth."""
    share, (width, height) = rng.uniform(0.9, 1), image.size
    left, top = rng.uniform(0, width * (1 - share)), rng.uniform(0, height * (1 - share))
    cut = image.crop((round(left), round(top), round(left + share * width), round(top + share * height)))
    return ImageEnhance.Brightness(cut).enhance(rng.uniform(0.9, 1.1))


def measure_set(title: str, seed: int, train: Path, test: Path, project: Path) -> tuple[str, ...]:
    """One row; the images are embedded before anything is timed."""
    catalejo("new", project, "--from", train, "--test", test, "--json")
    catalejo("train", project, "--set", "groups=same file", "--json")
    split, kept = (
        catalejo("train", project, "--set", f"groups={groups}", "--json") for groups in ("duplicates", "auto"))
    before, facts = json.loads(split.output), json.loads(kept.output)
    low, high = facts["interval"]
    groups, truth = facts["groups"], facts["test"]["accuracy"]
    found = f"{groups['n_groups']} × {groups['source']}" if groups["n_groups"] else "–"
    return (title, str(seed), found, f"{before['accuracy']:.3f}", f"{facts['accuracy']:.3f} ({low:.2f}–{high:.2f})",
            f"{truth:.3f}", f"{kept.seconds - split.seconds:.1f}")


def rows_of(photographs: list[Path], seeds: list[int], only: list[str]) -> Iterator[tuple[str, ...]]:
    for seed in seeds:
        for title, place in FORMS.items():
            if only and title not in only:
                continue
            with tempfile.TemporaryDirectory(prefix="catalejo-groups-") as name:
                work = Path(name)
                draw_scenes(work / "train", place, 2 * seed)
                draw_scenes(work / "test", FORMS["nothing but the images"], 2 * seed + 1)
                yield measure_set(f"scenes, {title}", seed, work / "train", work / "test", work / "p")
        for source in photographs:
            for kind, frames in BURSTS.items():
                with tempfile.TemporaryDirectory(prefix="catalejo-groups-") as name:
                    work = Path(name)
                    lay_out_photographs(source, work / "train", work / "test", seed, frames)
                    yield measure_set(f"{source.name}, {kind}", seed, work / "train", work / "test", work / "p")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=Path, nargs="+", default=[])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", nargs="+", choices=list(FORMS), default=[])
    chosen = parser.parse_args()
    print_machine()
    print_table(HEADERS, rows_of(chosen.photographs, chosen.seeds, chosen.only))


if __name__ == "__main__":
    main()
