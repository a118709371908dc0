"""Takes the pictures of guide and README, or of every page and dialog in every look; fails if Qt warned meanwhile.

    python -m benchmarks.pictures                     # those of docs/guide and docs/pictures, of the sample
    python -m benchmarks.pictures --all FOLDER        # pages and dialogs × sizes × themes × languages × classes
    python -m benchmarks.pictures --all FOLDER --sizes 1024x700 --langs es --themes dark --classes 100
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from benchmarks.measure import HOME
from core.jobs import JobContext
from core.workflow.importing import new_project
from core.workflow.sample import make_trained_sample
from core.workflow.training import train_project

GUIDE, README = HOME / "docs" / "guide" / "pictures", HOME / "docs" / "pictures"
SIZES = ("1024x700", "1440x900", "2560x1440@2")
"""Width and height in pixels of the screen, and how many of them make a pixel of the window."""

CLASSES = (2, 15, 100)
NAME_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Looks:
    """What one process takes pictures of; the scale of a screen holds for a whole process."""

    folder: str
    project: str
    size: str
    themes: tuple[str, ...]
    langs: tuple[str, ...]
    is_guide: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    if given.looks:
        return _take_here(Looks(**json.loads(given.looks)))
    with tempfile.TemporaryDirectory(prefix="catalejo-pictures-") as place:
        if given.all is None:
            project = str(make_trained_sample(Path(place), JobContext()))
            results = [_take_apart(Looks(str(GUIDE), project, "1280x900", ("light",), ("en", "es"), True))]
        else:
            projects = {n: make_project(Path(place) / str(n), n) for n in given.classes}
            results = [
                _take_apart(Looks(str(given.all / f"{size}-{n}-classes"), str(project), size, tuple(given.themes),
                                  tuple(given.langs)))
                for size in given.sizes for n, project in projects.items()
            ]
    return max(results)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pictures", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page and dialog in every look")
    parser.add_argument("--sizes", nargs="+", default=SIZES)
    parser.add_argument("--themes", nargs="+", default=("light", "dark"))
    parser.add_argument("--langs", nargs="+", default=("en", "es"))
    parser.add_argument("--classes", nargs="+", type=int, default=CLASSES)
    parser.add_argument("--looks", help=argparse.SUPPRESS)
    return parser


def make_project(folder: Path, n_classes: int) -> Path:
    """A trained project of drawn discs with long class names."""
    for c in range(n_classes):
        name = f"class {c:03d} of {n_classes:03d} with a name as long as some people write"
        own = folder / "images" / name.ljust(NAME_LETTERS, "x")
        own.mkdir(parents=True)
        for i in range(max(2, 40 // n_classes)):
            picture = Image.new("RGB", (96, 72), ((c * 67) % 256, (c * 29 + 90) % 256, (i * 31) % 200))
            ImageDraw.Draw(picture).ellipse((8 + i, 6 + c % 20, 60, 50 + c % 20), fill=((c * 97) % 256, 220 - i, 90))
            picture.save(own / f"{c:03d}-{i:02d}.png")
    project = folder / "long names.catalejo"
    new_project(project, folder / "images", None, JobContext())
    train_project(project, "transfer", {}, JobContext())
    return project


def _take_apart(looks: Looks) -> int:
    scale = looks.size.partition("@")[2] or "1"
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale}
    command = [sys.executable, "-m", "benchmarks.pictures", "--looks", json.dumps(asdict(looks))]
    return subprocess.run(command, cwd=HOME, env=environment).returncode


def _take_here(looks: Looks) -> int:
    """Take the pictures in this process; 1 if Qt warned."""
    from benchmarks.picture_stage import take_everything, take_guide
    from gui.screenshots import QtWarnings

    with QtWarnings() as warned:
        (take_guide if looks.is_guide else take_everything)(looks, warned)
    for where, words in warned.heard:
        print(f"{where}: {words}", file=sys.stderr)
    return int(bool(warned.heard))


def smaller(png: bytes) -> bytes:
    """A picture for the guide as a WebP file, about a tenth of the size of the PNG."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(file, "WEBP", quality=80, method=6)
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main())
