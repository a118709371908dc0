"""Is the data sound: how long each part of the check takes on a folder of pictures, and the whole of it.

Usage: python -m benchmarks.health FOLDER [--repeats 3] [--scale]; FOLDER holds train/CLASS/ and test/. Embeddings and
out-of-fold probabilities of the parts are made up at their real size: a project has them after its first
training. The whole check is made on a project of the folder, after its pictures were embedded. With --scale the
parts that compare pictures are measured up to 20,000 made-up ones, of which one in fifty is a copy.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image

from benchmarks.measure import median, print_machine, print_table
from core.checks.job import check_health
from core.images.files import hash_file
from core.jobs import JobContext
from tests.project_acts import import_folder
from core.project.project import Project
from core.checks.balance import count_labels
from core.checks.coverage import find_uncovered
from core.checks.cues import measure_cues
from core.checks.duplicate_pairs import find_pairs
from core.checks.label_issue_ranking import rank_label_issues
from core.checks.leakage import find_leaks
from core.checks.outliers import find_far, find_odd_files
from core.checks.same_image import find_same_images
from core.checks.shortcut_scores import find_shortcuts
from core.embeddings.similar_pairs import similar_pairs, unit_rows
from core.types import ImageRef
from core.workflow.health import prepare_health

N_FEATURES = 1_280
SCALE = (1_250, 2_500, 5_000, 10_000, 20_000)
ENDINGS = {".jpg", ".jpeg", ".png"}


def main() -> None:
    """Measure every part on the pictures of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scale", action="store_true")
    options = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory() as cache:
        parts = _parts(options.folder, Path(cache))
        rows = []
        for name, part in parts.items():
            seconds = []
            for _ in range(options.repeats):
                started = perf_counter()
                part()
                seconds.append(perf_counter() - started)
            rows.append((name, median(seconds)))
        rows.append(("sum without the cached reading", sum(s for name, s in rows if "again" not in name)))
        rows += _whole(options.folder, Path(cache), options.repeats)
    print_table(("part", "seconds (median)"), rows)
    if options.scale:
        print()
        print_table(("images", "same image", "near-duplicates", "outliers", "label issues"), _scale())


def _whole(folder: Path, scratch: Path, repeats: int) -> list[tuple[str, float]]:
    """The job as the command and the window run it, with embeddings present; measured anew and from the cache."""
    with Project.create(scratch / "project") as project:
        import_folder(project, folder / "train")
        if (folder / "test").is_dir():
            import_folder(project, folder / "test", split="test", with_labels=False)
        job = prepare_health(project)
    check_health(job, JobContext())
    rows = []
    for name, has_cache in (("whole check, embeddings present", False), ("whole check again, from the cache", True)):
        seconds = []
        for _ in range(repeats):
            if not has_cache and job.folder is not None:
                (job.folder / "cues.npz").unlink()
            started = perf_counter()
            check_health(job, JobContext())
            seconds.append(perf_counter() - started)
        rows.append((name, median(seconds)))
    return rows


def _scale() -> list[tuple[int, float, float, float, float]]:
    rows = []
    for n in SCALE:
        rng = np.random.default_rng(0)
        grey = np.asarray([_blurred(rng) for _ in range(n)], np.uint8)
        labels = rng.integers(0, 5, n)
        # like real ones positive and a mixture of patterns: independent noise in every feature would be no picture
        patterns = rng.normal(size=(100, N_FEATURES)).astype(np.float32)
        vectors = np.maximum(rng.normal(size=(n, 100)).astype(np.float32) @ patterns, 0)
        copies = rng.choice(n, n // 50, replace=False)
        grey[copies], vectors[copies] = grey[copies - 1], vectors[copies - 1]
        units, chroma = unit_rows(vectors), np.full((n, 2, 8, 8), 128, np.uint8)
        even = np.full((n, 5), 0.2, np.float32)
        rows.append((
            n, _timed(lambda: find_same_images(grey, chroma, context=JobContext())),
            _timed(lambda: similar_pairs(units, units, at_least=0.95, context=JobContext(), is_same_set=True)),
            _timed(lambda: find_far(vectors, JobContext())),
            _timed(lambda: rank_label_issues(even, labels, embeddings=vectors)),
        ))
    return rows


def _blurred(rng: np.random.Generator) -> np.ndarray:
    """A sketch as soft as those of photographs."""
    small = Image.fromarray(rng.integers(0, 256, (7, 7)).astype(np.uint8))
    return np.asarray(small.resize((48, 48), Image.Resampling.BICUBIC))


def _timed(part: Callable[[], object]) -> float:
    started = perf_counter()
    part()
    return perf_counter() - started


def _parts(folder: Path, cache: Path) -> dict[str, Callable[[], object]]:
    """The parts of the check, in the order in which a project runs them."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS)
    images = tuple(ImageRef(i, p, hash_file(p)) for i, p in enumerate(paths))
    is_test = np.array([p.parent.name == "test" for p in paths])
    classes = tuple(sorted({p.parent.name for p in paths if p.parent.name != "test"}))
    labels = np.array([-1 if t else classes.index(p.parent.name) for p, t in zip(paths, is_test, strict=True)])
    names, context = tuple(p.name for p in paths), JobContext()
    embeddings = _embeddings_alike(labels)
    measure_cues(images, context, cache=cache / "known.npz")
    cues = measure_cues(images, context, cache=cache / "known.npz")
    hashes = [image.content_hash for image in images]
    pairs = find_pairs(hashes, cues, embeddings, context).all
    known = labels >= 0
    sure = np.full((int(known.sum()), len(classes)), 0.1 / max(len(classes) - 1, 1), np.float32)
    sure[np.arange(len(sure)), labels[known]] = 0.9
    return {
        "reading and measuring pictures": lambda: measure_cues(images, context),
        "reading again, from the cache": lambda: measure_cues(images, context, cache=cache / "known.npz"),
        "duplicates": lambda: find_pairs(hashes, cues, embeddings, context),
        "leaks": lambda: find_leaks(pairs, is_test),
        "wrong labels": lambda: rank_label_issues(sure, labels[known], embeddings=embeddings[known]),
        "shortcuts": lambda: find_shortcuts(cues, names, labels, classes, context),
        "odd pictures": lambda: (find_far(embeddings, context), find_odd_files(cues, names)),
        "balance and coverage": lambda: (
            count_labels(labels, classes, range(len(classes))),
            find_uncovered(embeddings[known], embeddings[is_test], context),
        ),
    }


def _embeddings_alike(labels: np.ndarray) -> np.ndarray:
    """Random embeddings of the size of real ones: the cost does not depend on what is in them."""
    rng = np.random.default_rng(0)
    centres = rng.random((labels.max() + 2, N_FEATURES), np.float32)
    embeddings: np.ndarray = centres[labels] + rng.random((len(labels), N_FEATURES), np.float32)
    return embeddings


if __name__ == "__main__":
    main()
