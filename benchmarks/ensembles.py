"""Ensembles beside their members on photographs that neither has seen, several cuts; as Markdown.

    python -m benchmarks.ensembles FOLDER [--cuts 5] [--counts 200 100] [--members NAME,NAME …]

FOLDER holds a folder of photographs for each class. Every cut draws other photographs to learn from and to test. All
are embedded once by each backbone; then members are trained and voted with by the functions that `train` calls. “Best
member” is the one that is best on the test photographs of that cut, which nobody could have known beforehand.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import print_machine, print_table
from core.jobs import JobContext
from core.images.files import hash_file
from core.training.ensemble import paired_difference, vote
from core.training.ensemble_files import Member, MemberFacts
from core.training.ensemble_outcome import EnsembleOutcome, judge_members
from core.training.folds import hash_groups, plan_folds
from core.training.logistic import fit_transfer
from core.training.strategies.ensemble import WAYS, EnsembleSettings
from core.training.strategies.transfer import FEATURES
from core.training.train_ensemble import embed_members
from core.types import ImageRef

HEADERS = ("cut", "members on the test photographs", "best member", *WAYS, "weights, own figure and gain it claims")


@dataclass(frozen=True, slots=True)
class Photographs:
    """All photographs and what each backbone makes of them.

    Attributes:
        labels: (n_images,) int64.
        hashes: Of each file.
        vectors: By backbone, (n_images, n_features) float32.
    """

    labels: NDArray[np.int64]
    hashes: tuple[bytes, ...]
    vectors: dict[str, NDArray[np.float32]]
    n_classes: int


@dataclass(frozen=True, slots=True)
class CutResult:
    """What came of one cut.

    Attributes:
        said: Of the test photographs, by member and by way to vote, (n_test, n_classes).
        outcome: Of fitted weights, on the photographs to learn from.
    """

    labels: NDArray[np.int64]
    members: dict[str, NDArray[np.float32]]
    voted: dict[str, NDArray[np.float32]]
    outcome: EnsembleOutcome
    seconds: float

    def is_right(self, said: NDArray[np.float32]) -> NDArray[np.bool_]:
        right: NDArray[np.bool_] = said.argmax(axis=1) == self.labels
        return right

    def accuracy(self, said: NDArray[np.float32]) -> float:
        return float(self.is_right(said).mean())


def load(folder: Path, names: Sequence[str], store: Path, features: str) -> Photographs:
    """Embed every photograph once by each backbone."""
    classes = sorted(path for path in folder.iterdir() if path.is_dir())
    files = [(file, at) for at, place in enumerate(classes) for file in sorted(place.iterdir()) if file.is_file()]
    images = tuple(ImageRef(at, file, hash_file(file)) for at, (file, _) in enumerate(files))
    seen = embed_members(images, names, store, JobContext(), features=features)
    used = np.flatnonzero(np.min([one.rows for one in seen.values()], axis=0) >= 0)
    return Photographs(
        np.array([files[i][1] for i in used]), tuple(images[i].content_hash for i in used),
        {name: one.store.read(one.rows[used]) for name, one in seen.items()}, len(classes))


def measure_cut(data: Photographs, seed: int, counts: tuple[int, int]) -> CutResult:
    """Train the members on one cut, put them together in every way, and ask all of them of the test photographs."""
    learn, test = draw_cut(data, seed, counts)
    labels, classes = data.labels[learn], tuple(map(str, range(data.n_classes)))
    groups = hash_groups([data.hashes[i] for i in learn])
    folds = plan_folds(labels, groups, classes=classes, n_folds=EnsembleSettings().n_folds, seed=seed)
    started, members, context = time.perf_counter(), list[Member](), JobContext()
    for name, vectors in data.vectors.items():
        fit = fit_transfer(vectors[learn], labels, folds=folds, n_classes=len(classes), context=context)
        members.append(Member(
            MemberFacts(name, name, fit.strength, fit.fold_strengths, fit.is_weighted), fit.probabilities, fit.head))
    said = {one.facts.backbone: one.head.probabilities(data.vectors[one.facts.backbone][test]) for one in members}
    outcomes = {way: judge_members(members, np.arange(len(learn)), labels, folds, way=way, seed=seed) for way in WAYS}
    voted = {way: vote(np.stack(list(said.values())), one.voted.weights) for way, one in outcomes.items()}
    return CutResult(data.labels[test], said, voted, outcomes[WAYS[0]], time.perf_counter() - started)


def draw_cut(data: Photographs, seed: int, counts: tuple[int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Photographs to learn from and to test, as many of each class as `counts` says; copies stay on one side."""
    order = list(range(len(data.labels)))
    random.Random(seed).shuffle(order)
    sides: tuple[list[int], list[int]] = ([], [])
    for kind in range(data.n_classes):
        once = {data.hashes[i]: i for i in order if data.labels[i] == kind}
        chosen = list(once.values())[:sum(counts)]
        sides[0].extend(chosen[:counts[0]])
        sides[1].extend(chosen[counts[0]:])
    return np.array(sides[0]), np.array(sides[1])


def rows_of(results: Iterable[CutResult], first: int) -> Iterable[tuple[object, ...]]:
    """A row of the table for each cut, counted from `first`."""
    for at, one in enumerate(results, first):
        yield (
            at, ", ".join(f"{one.accuracy(said):.3f}" for said in one.members.values()),
            f"{max(map(one.accuracy, one.members.values())):.3f}",
            *(f"{one.accuracy(one.voted[way]):.3f}" for way in WAYS),
            f"{', '.join(f'{weight:.2f}' for weight in one.outcome.voted.weights)}; "
            f"{one.outcome.gain.accuracy:.3f}, {100 * one.outcome.gain.difference:+.1f} points "
            f"({100 * one.outcome.gain.interval[0]:+.1f} to {100 * one.outcome.gain.interval[1]:+.1f})",
        )


def say_pooled(results: Sequence[CutResult]) -> None:
    """All cuts together: each way against the best member of each cut, and how far the own figure was off."""
    names = [member.facts.backbone for member in results[0].outcome.members]
    kinds = {
        "that is best on the test photographs": [max(one.members.values(), key=one.accuracy) for one in results],
        "that is best out of fold": [one.members[names[one.outcome.gain.best]] for one in results],
    }
    for what, members in kinds.items():
        for way in WAYS:
            print(f"\n{way}, against the member {what}: {_compare(results, members, way)}")
    off = np.mean([one.outcome.gain.accuracy - one.accuracy(one.voted[WAYS[0]]) for one in results])
    print(f"\nThe ensemble's own figure minus the test photographs: {100 * off:+.2f} points (mean).")
    alike = np.mean([one.outcome.correlation[np.triu_indices(len(one.members), 1)].mean() for one in results])
    print(f"Error correlation {alike:.2f} (mean); training and voting "
          f"{np.median([one.seconds for one in results]):.1f} s a cut (median), embedding not counted.")


def _compare(results: Sequence[CutResult], members: Sequence[NDArray[np.float32]], way: str) -> str:
    """A way to vote against one member of each cut."""
    pairs = [(one.is_right(one.voted[way]), one.is_right(said)) for one, said in zip(results, members, strict=True)]
    ours, theirs = (np.concatenate(side) for side in zip(*pairs, strict=True))
    points, (low, high) = paired_difference(ours, theirs)
    n_worse = sum(int(our.sum() < their.sum()) for our, their in pairs)
    return (f"{100 * points:+.2f} points ({100 * low:+.2f} to {100 * high:+.2f}, as if cuts shared none); "
            f"worse on {n_worse} of {len(results)} cuts.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cuts", type=int, default=5)
    parser.add_argument("--first", type=int, default=10, help="number of the first cut")
    parser.add_argument("--counts", type=int, nargs=2, default=(200, 100), metavar=("LEARN", "TEST"))
    parser.add_argument("--members", nargs="+", default=list(EnsembleSettings().backbones))
    parser.add_argument("--features", choices=FEATURES, default=EnsembleSettings().features)
    parser.add_argument("--store", type=Path, help="folder to keep the embeddings in for another call")
    chosen = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory(prefix="catalejo-ensembles-") as place:
        data = load(chosen.folder, chosen.members, chosen.store or Path(place), chosen.features)
    cuts = range(chosen.first, chosen.first + chosen.cuts)
    results = [measure_cut(data, seed, tuple(chosen.counts)) for seed in cuts]
    print(f"Members: {', '.join(data.vectors)}; features: {chosen.features}\n")
    print_table(HEADERS, rows_of(results, chosen.first))
    say_pooled(results)


if __name__ == "__main__":
    main()
