"""Do the named training images cause a mistake? Some are taken away or corrected, and the model is fitted again.

Wrong labels are planted among the training images of a project; the mistakes on its other images are looked at. For
each the images with the largest contributions to the wrong class's logit, the nearest neighbours (any, and those of
the wrong class) and random ones are taken away, or get their true labels back. Half of the images, by a fixed draw,
is for choosing between ways, the other half for the figures that are reported.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.measure import print_machine, print_table
from core.backbones.registry import DEFAULT
from core.embeddings.one_image import kept_store
from core.embeddings.similar import unit_vectors
from core.project.project import Project
from core.training.contributions import Representer, represent
from core.training.solver import Axes, Heads, solve

Rank = Callable[[int], np.ndarray]


@dataclass(frozen=True)
class Bench:
    """Training images with planted labels, and others with true ones; `model` learnt the former."""

    features: np.ndarray
    labels: np.ndarray
    true: np.ndarray
    others: np.ndarray
    other_labels: np.ndarray
    strength: float
    model: Representer

    @property
    def n_classes(self) -> int:
        return int(self.other_labels.max()) + 1

    def refit(self, labels: np.ndarray, counts: np.ndarray) -> Heads:
        """Models of these counts, (n_models, n_images), from where the model is."""
        heads, n = self.model.heads, len(counts)
        axes = Axes(self.model.coordinates, (self.model.coordinates ** 2).mean(axis=0, dtype=np.float64),
                    self.model.basis)
        start = Heads(np.repeat(heads.kernels, n, axis=0), np.repeat(heads.biases, n, axis=0))
        return solve(axes, labels, counts, np.full(n, self.strength), n_classes=self.n_classes, check=lambda: None,
                     start=start)


def read(project: Path) -> tuple[np.ndarray, np.ndarray]:
    """Stored embeddings of the labelled images, and their labels from 0 on."""
    with Project.open(project, read_only=True) as opened:
        rows = opened.catalog.rows(
            "SELECT content_hash, class_id FROM image WHERE class_id IS NOT NULL AND status = 'ok' ORDER BY id")
    store = kept_store(DEFAULT, project / "embeddings")
    places = store.rows_of([row[0] for row in rows])
    labels = np.unique([row[1] for row in rows], return_inverse=True)[1]
    return store.read(places[places >= 0]), labels[places >= 0]


def plant(features: np.ndarray, labels: np.ndarray, asked: argparse.Namespace) -> Bench:
    half = np.random.default_rng(99).permutation(len(labels))[0 if asked.choosing else 1::2]
    rng = np.random.default_rng(asked.seed)
    half = rng.permutation(half)
    train, others = half[:asked.images], half[asked.images:]
    n_classes, true = int(labels.max()) + 1, labels[train]
    is_wrong = rng.random(len(train)) < asked.wrong
    given = np.where(is_wrong, (true + rng.integers(1, n_classes, len(train))) % n_classes, true)
    model = represent(features[train], given, np.ones(len(train), np.float32), strength=asked.strength,
                      n_classes=n_classes, check=lambda: None)
    return Bench(features[train], given, true, features[others], labels[others], asked.strength, model)


def ways(bench: Bench, predicted: np.ndarray) -> dict[str, Rank]:
    """What each way thinks of the training images for the mistake at a place, (n_images,); largest first."""
    rng, unit, others = np.random.default_rng(0), unit_vectors(bench.features), unit_vectors(bench.others)

    def of_class(score: np.ndarray, at: int) -> np.ndarray:
        return np.where(bench.labels == predicted[at], score, -np.inf)

    return {
        "contribution": lambda at: bench.model.contributions(bench.others[at])[:, predicted[at]],
        "nearest of the wrong class": lambda at: of_class(unit @ others[at], at),
        "nearest": lambda at: unit @ others[at],
        "random of the wrong class": lambda at: of_class(rng.random(len(unit)), at),
        "random": lambda at: rng.random(len(unit)),
    }


def judge(bench: Bench, rank: Rank, mistakes: np.ndarray, predicted: np.ndarray, n: int) -> tuple[str, ...]:
    """Shares of the mistakes: answered otherwise, right after taking away, right after correcting; planted named."""
    n_other = n_right = n_corrected = n_planted = 0
    for at in mistakes:
        named = np.argsort(-rank(at), kind="stable")[:n]
        counts = np.ones((1, len(bench.labels)), np.float32)
        corrected = bench.labels.copy()
        corrected[named] = bench.true[named]
        n_planted += int((corrected != bench.labels).sum())
        placed = bench.model._place(bench.others[at][None])[0]
        if (corrected != bench.labels).any():
            heads = bench.refit(corrected, counts)
            n_corrected += int((heads.kernels[0] @ placed + heads.biases[0]).argmax() == bench.other_labels[at])
        counts[0, named] = 0
        heads = bench.refit(bench.labels, counts)
        answer = int((heads.kernels[0] @ placed + heads.biases[0]).argmax())
        n_other += answer != predicted[at]
        n_right += answer == bench.other_labels[at]
    whole = len(mistakes)
    return tuple(f"{share:.1%}" for share in (
        n_other / whole, n_right / whole, n_corrected / whole, n_planted / whole / n))


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path, help="a project with labels that are right, and embeddings")
    parser.add_argument("--images", type=int, default=1500, help="training images")
    parser.add_argument("--wrong", type=float, default=0.15, help="share of planted labels")
    parser.add_argument("--mistakes", type=int, default=150)
    parser.add_argument("--strength", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--choosing", action="store_true", help="the half that is for choosing")
    asked = parser.parse_args(arguments)
    print_machine()
    threadpool_limits(1)  # many small products: threads would only wait for each other
    bench = plant(*read(asked.project), asked)
    logits = bench.model.logits(bench.others)
    predicted = logits.argmax(axis=1)
    mistakes = np.flatnonzero(predicted != bench.other_labels)[:asked.mistakes]
    summed = np.array([bench.model.contributions(one).sum(axis=0) for one in bench.others[:200]])
    missed = np.abs(summed + bench.model.heads.biases[0] - logits[:200])
    print(f"accuracy {(predicted == bench.other_labels).mean():.1%}; {len(mistakes)} mistakes; logits spread by "
          f"{logits.std():.2f}; sums miss them by at most {missed.max():.4f}, on the mean {missed.mean():.5f}")
    print_table(("named", "by", "answer is another", "right without them", "right with their true labels",
                 "planted among them"), [
        (n, name, *judge(bench, rank, mistakes, predicted, n))
        for n in (5, 10, 20) for name, rank in ways(bench, predicted).items()])
