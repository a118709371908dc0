"""A comparison of two runs in sentences, and as JSON values for the command line."""

from __future__ import annotations

from typing import Any

from core.project.project import Project
from core.project.rows import image_rows, path_names
from core.review.paired import SIGNIFICANT, PairedShare
from core.review.verdict import shown_share
from core.text import Message, text
from core.text.numbers import format_float, format_percent
from core.workflow.two_runs import Ids, PairedRuns, TwoRuns

LEAST_P = 0.001
"""Smaller probabilities are said to be below this."""

SETS = ("judged", "test")
LISTS = ("fixed", "broken", "still_wrong")
"""Lists of images of a comparison, by their name in `RunComparison`."""


def describe_pair(pair: PairedRuns, *, is_test: bool) -> tuple[str, ...]:
    """Which images these are, both accuracies with their difference, and what McNemar's test says, a line each."""
    share = pair.share
    assert share.before is not None and share.after is not None
    code = "test" if is_test else "judged"
    low, high = (signed_points(value) for value in share.interval)
    return tuple(filter(None, (
        text(f"review.compare.on_{code}", n=share.n_images),
        text("review.compare.accuracies", before=shown_share(share.before), after=shown_share(share.after),
             difference=signed_points(share.difference), low=low, high=high),
        describe_test(share), say_left_out(pair))))


def describe_test(share: PairedShare) -> str:
    """“12 fixed, 4 broken: if both runs were equally good, chance alone would bring … in 8 % of cases …”"""
    counts = {"fixed": share.n_fixed, "broken": share.n_broken}
    if not share.n_fixed + share.n_broken:
        return text("review.compare.no_difference")
    p = share.p_value
    said = text("review.compare.p_below", least=LEAST_P) if p < LEAST_P else text("review.compare.p_is", p=p)
    if p >= SIGNIFICANT:
        return text("review.compare.undecided", p=said, share=format_percent(p, 0), **counts)
    return text("review.compare.second_better" if share.difference > 0 else "review.compare.first_better",
                p=said, **counts)


def say_left_out(pair: PairedRuns) -> str:
    """Images that only one of the runs judged; "" without any."""
    if not len(pair.only_before) + len(pair.only_after):
        return ""
    return text("review.compare.left_out", before=Message("text.images", n=len(pair.only_before)),
                after=Message("text.images", n=len(pair.only_after)))


def signed_points(share: float) -> str:
    """A difference of shares in percentage points, with its sign: “+1.2”, “−0.4”, “0.0”."""
    said = format_float(abs(100 * share), ".1f")
    is_nothing = round(abs(100 * share), 1) == 0
    return said if is_nothing else f"{'+' if share > 0 else '−'}{said}"


def signed_count(n: int) -> str:
    """“+3”, “−1”, “0”."""
    return f"{'+' if n > 0 else '−' if n else ''}{abs(n)}"


def two_runs_as_json(project: Project, found: TwoRuns) -> dict[str, Any]:
    """A comparison as JSON values.

    Returns:
        `before, after` (the runs), `judged` and `test` (each None or `n, before, after, difference, interval,
        p_value, only_before, only_after, classes, confusion_difference, per_class, sentences` and the lists `fixed,
        broken, still_wrong` of `path, label, before, after`), and `notes`.
    """
    return {
        "before": found.before.id, "after": found.after.id,
        **{name: None if (pair := getattr(found, name)) is None else _as_json(project, pair, is_test=name == "test")
           for name in SETS},
        "notes": [str(note) for note in found.notes],
    }


def _as_json(project: Project, pair: PairedRuns, *, is_test: bool) -> dict[str, Any]:
    return {
        **pair.share.to_json(), "only_before": len(pair.only_before), "only_after": len(pair.only_after),
        "classes": [c.name for c in pair.classes], "confusion_difference": pair.matrix.tolist(),
        "per_class": [row.to_json() for row in pair.per_class],
        "sentences": list(describe_pair(pair, is_test=is_test)),
        **{name: list_images(project, pair, getattr(pair.lists, name)) for name in LISTS},
    }


def list_images(project: Project, pair: PairedRuns, image_ids: Ids) -> list[dict[str, str]]:
    """`path, label, before, after` of some of the images of a comparison."""
    name = {c.class_id: c.name for c in pair.classes}
    place = {int(i): at for at, i in enumerate(pair.image_ids)}
    rows = image_rows(project, image_ids)
    return [
        {"path": path, "label": name[int(pair.label_ids[at])], "before": name[int(pair.before_ids[at])],
         "after": name[int(pair.after_ids[at])]}
        for path, at in zip(path_names(rows), (place[row.id] for row in rows), strict=True)
    ]
