"""What a run is called where it is chosen: when it was trained, how, and how right it is."""

from __future__ import annotations

from core.project.runs import RunRow
from core.review.baseline import standing_of_figures
from core.review.verdict import percent
from core.cli.sentences import plural
from gui.moments import say_recorded


def say_when(run: RunRow) -> str:
    """Day and time of a run."""
    return say_recorded(run.created_at)


def say_run(run: RunRow) -> str:
    """ “today 14:02 – 95.0 % right, 741 labels, transfer, efficientnet-lite0”."""
    right = f"{percent(run.accuracy)} % right" if run.accuracy is not None else ""
    standing = standing_of_figures(run.figures)
    if right and standing.is_grave and standing.balanced_accuracy is not None:
        right += f" (balanced {percent(standing.balanced_accuracy)} %)"
    parts = [right, plural(run.n_train, "label"), run.strategy, run.backbone]
    return f"{say_when(run)} – {', '.join(filter(None, parts))}"
