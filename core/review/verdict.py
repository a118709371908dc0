"""What an accuracy means, in plain words; the same sentence in the report, the window and the terminal."""

from __future__ import annotations

TOO_WIDE = 0.15
"""An interval wider than this is called a guess rather than a figure."""


MEASURES = {
    "cross-validation": "Each picture was judged by a model that had not learnt from it ({n:,} pictures).",
    "held back": "Judged on {n:,} pictures that were held back: neither learnt from nor used to decide when to stop.",
    "untrained": "Judged on all {n:,} labelled pictures; none of them was learnt from.",
}
"""How an accuracy came about, by `RunRecord.accuracy_kind`."""


def describe_measure(kind: str, n_judged: int) -> str:
    """One sentence of what a figure comes from.

    Args:
        kind: Such as "cross-validation"; see `MEASURES`.
        n_judged: Pictures that the figure comes from; 0 gives "".
    """
    if not n_judged:
        return ""
    return MEASURES[kind].format(n=n_judged) if kind in MEASURES else f"Judged by {kind} ({n_judged:,} pictures)."


def percent(share: float) -> str:
    """A share as a percentage with one decimal; 100.0 and 0.0 only where nothing is rounded away."""
    value = round(share * 100, 1)
    if value >= 100 and share < 1:
        value = 99.9
    if value <= 0 and share > 0:
        value = 0.1
    return f"{value:.1f}"


def describe_accuracy(
    n_right: int, n_total: int, interval: tuple[float, float] | None, *, kind: str = "",
) -> str:
    """One line such as “Right for 99.3 of 100 new pictures (98.4–99.7); 5 of 741 wrong”.

    Args:
        n_right, n_total: Pictures judged by a model that had not seen them.
        interval: 95 % interval of the accuracy, 0 … 1; None if there is no figure.
        kind: How it was measured; see `MEASURES`.
    """
    if n_total == 0 or interval is None:
        return "Not measured: no picture has a label to judge by"
    low, high = percent(interval[0]), percent(interval[1])
    n_wrong = n_total - n_right
    if n_wrong == 0:
        which = "labelled" if kind == "untrained" else "held-back"
        return f"Right for all {n_total:,} {which} pictures; expect at least {low} of 100 new ones"
    figure = f"Right for {percent(n_right / n_total)} of 100 new pictures ({low}–{high})"
    return f"{figure}; {n_wrong:,} of {n_total:,} wrong"


def describe_doubt(interval: tuple[float, float] | None) -> str:
    """A sentence where the interval is too wide to rely on, else ""."""
    if interval is None:
        return ""
    low, high = interval
    if high - low <= TOO_WIDE:
        return ""
    return f"Too few labels to tell: it may be anything between {percent(low)} % and {percent(high)} %."


def say_changed_since(n_images: int) -> str:
    """One sentence for figures that count less than the run was judged by; empty if nothing changed."""
    if not n_images:
        return ""
    what, them = ("1 image has", "it") if n_images == 1 else (f"{n_images:,} images have", "them")
    return f"{what} changed since this run; what it predicted for {them} no longer counts."
