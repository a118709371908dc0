"""Ways to weigh the members of an ensemble on probabilities that are drawn, of known skill; as Markdown.

    python -m benchmarks.drawn_ensembles

A member's logits are noise, 0.6 of which all members have in common, plus its skill on the label. Weights are found
on some images and judged on 3,000 others; means over 40 draws. No photograph takes part, so what is settled here is
not tuned on the tables of `benchmarks.ensembles`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import print_table
from core.training.ensemble import fit_weights, given_to_labels, vote, weigh

SKILLS = ((1.5, 1.5, 1.5), (1.5,) * 8, (1.5, 1.3, 1.1), (2.0, 1.5, 0.5), (2.0, 0.2, 0.2))
COUNTS, N_JUDGING, N_DRAWS, N_CLASSES, IN_COMMON = (60, 300, 1000), 3000, 40, 4, 0.6
HEADERS = ("skills", "images", "equal", "fitted, no guard", "weights", "greedy")


def draw_members(skills: Sequence[float], n: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Probabilities (n_members, n, n_classes) and labels (n,)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, N_CLASSES, n)
    common, members = rng.normal(size=(n, N_CLASSES)), []
    for skill in skills:
        logits = IN_COMMON * common + (1 - IN_COMMON ** 2) ** 0.5 * rng.normal(size=(n, N_CLASSES))
        logits[np.arange(n), labels] += skill
        members.append(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
    return np.array(members, np.float32), labels


def measure_draw(skills: Sequence[float], n: int, seed: int) -> list[float]:
    """Accuracy of each way on the images that judge."""
    members, labels = draw_members(skills, n + N_JUDGING, seed)
    chosen = given_to_labels(members[:, :n], labels[:n])
    ways = (weigh(chosen, way="equal", seed=seed), fit_weights(chosen), weigh(chosen, way="weights", seed=seed),
            weigh(chosen, way="greedy", seed=seed))
    return [float((vote(members[:, n:], weights).argmax(axis=1) == labels[n:]).mean()) for weights in ways]


def rows() -> Iterable[tuple[object, ...]]:
    """A row for each kind of members and each number of images."""
    for skills in SKILLS:
        for n in COUNTS:
            means = np.mean([measure_draw(skills, n, seed) for seed in range(N_DRAWS)], axis=0)
            name = ", ".join(map(str, skills)) if len(set(skills)) > 1 else f"{len(skills)} × {skills[0]}"
            yield name, n, *(f"{mean:.3f}" for mean in means)


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print_table(HEADERS, rows())


if __name__ == "__main__":
    main()
