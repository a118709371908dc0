"""Whether a template's example answers contradict a map of classes to codes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.submission.columns import number
from core.submission.codes import ClassCodes, MapSource, say_codes
from core.text import Message

Places = NDArray[np.int64]

LEAST_SHARE = 0.7
"""Another map must agree with this share of the examples to be believed."""

LEAST_GAIN = 0.2
"""Another map must agree with so many more of the examples, as a share of all."""

CHANCE = 0.08
"""Shuffled examples may agree as well this often (a share); six reversed examples of two classes suffice."""

LEAST_REPEATED = 2
"""Examples that all agree with another map, and none with this one, are no chance if so many repeat others."""

N_SHUFFLES = 200
N_OVERWHELMING, SHARE_OVERWHELMING = 20, 0.8
"""From so many examples on, with such a share for another map, even a map that a person gave is refused."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many example answers agree with a map.

    Attributes:
        n: Lines with an example answer.
        n_agree: Those whose example is the code of the prediction.
        best: The one-to-one map that agrees with most.
        n_best: How many agree with that.
        is_contradiction: Whether the other map is so much better that chance does not explain it.
    """

    n: int
    n_agree: int
    best: Mapping[str, str]
    n_best: int
    is_contradiction: bool


def compare_examples(codes: ClassCodes, predictions: Sequence[str], examples: Sequence[str]) -> Agreement | None:
    """Compare a map with the example answers of a template; None where they are no evidence.

    Args:
        predictions: Predicted class of each line.
        examples: The template's answer in each line; "" where there is none.
    """
    given = [(name, example) for name, example in zip(predictions, examples, strict=True) if example]
    names = list(codes.codes)
    answers = list(dict.fromkeys([*codes.codes.values(), *(example for _, example in given)]))
    if len({example for _, example in given}) < 2 or len(set(codes.codes.values())) < 2:
        return None
    rows = np.array([names.index(name) for name, _ in given])
    columns = np.array([answers.index(example) for _, example in given])
    own = np.array([answers.index(codes.codes[name]) for name in names])
    n_agree = int((own[rows] == columns).sum())
    best, n_best = _best_map(rows, columns, own)
    other = {name: answers[place] if place < len(answers) else codes.codes[name]
             for name, place in zip(names, best, strict=True)}
    gain = n_best - n_agree
    is_better = n_best >= LEAST_SHARE * len(given) and gain >= LEAST_GAIN * len(given)
    n_repeated = len(given) - len(set(given))
    is_opposite = n_agree == 0 and n_best == len(given) and n_repeated >= LEAST_REPEATED
    return Agreement(len(given), n_agree, other, n_best,
                     is_better and (is_opposite or _chance(rows, columns, own, n_best) <= CHANCE))


def require_agreement(codes: ClassCodes, found: Agreement) -> None:
    """Refuse a map that the example answers contradict.

    A map that is no guess (given, or numbers that are class names) is refused only where hardly any of many agrees,
    and names of classes never: what “pistol” means is certain, and the answers of a sample are often invented.

    Raises:
        InputError: The examples fit another map far better.
    """
    if not found.is_contradiction:
        return
    if codes.source is not MapSource.ORDER and not _is_overwhelming(found):
        return
    if codes.source is MapSource.TEMPLATE and any(math.isnan(number(code)) for code in codes.codes.values()):
        return
    if codes.source is MapSource.GIVEN:
        hint = Message("submission.other_codes_or_none")
    else:
        hint = Message("submission.choose_codes", better=_as_option(found.best), codes=_as_option(codes.codes))
    raise InputError(
        "submission.examples_contradict", hint, codes=say_codes(codes.codes), better=say_codes(found.best),
        n_agree=found.n_agree, n_examples=found.n, n_best=found.n_best,
    )


def _as_option(codes: Mapping[str, str]) -> str:
    return ",".join(f"{name}={code}" for name, code in codes.items())


def _is_overwhelming(found: Agreement) -> bool:
    is_best = found.n_best >= SHARE_OVERWHELMING * found.n
    return found.n >= N_OVERWHELMING and is_best and found.n_agree <= (1 - SHARE_OVERWHELMING) * found.n


def _best_map(rows: Places, columns: Places, own: Places) -> tuple[list[int], int]:
    """The code of each class, one to one, that agrees with most lines (Hungarian method), and with how many.

    Args:
        rows: Predicted class of each line.
        columns: Example code of each line.
        own: Code of each class by the map in question; kept where the examples say nothing of a class.
    """
    from scipy.optimize import linear_sum_assignment  # a fifth of a second that most submissions need not spend

    n_classes, n_codes = len(own), int(max(columns.max(), own.max())) + 1
    table = np.zeros((n_classes, max(n_classes, n_codes)), np.int64)
    np.add.at(table, (rows, columns), 1)
    liked = table * 2 * n_classes
    liked[np.arange(n_classes), own] += 1
    places = linear_sum_assignment(liked, maximize=True)[1]
    return places.tolist(), int(table[np.arange(n_classes), places].sum())


def _chance(rows: Places, columns: Places, own: Places, n_best: int) -> float:
    """How often shuffled examples agree as well with another map (a permutation test with a fixed seed)."""
    random = np.random.default_rng(0)
    n_as_good = 0
    for _ in range(N_SHUFFLES):
        shuffled = random.permutation(columns)
        n_own = int((own[rows] == shuffled).sum())
        n_best_shuffled = _best_map(rows, shuffled, own)[1]
        n_as_good += n_best_shuffled >= n_best and n_best_shuffled > n_own
    return n_as_good / N_SHUFFLES
