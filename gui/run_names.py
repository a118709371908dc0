"""Names a run where it is chosen: when it was trained, its accuracy, labels, strategy and backbone."""

from __future__ import annotations

from core.project.runs import RunRow
from core.review.baseline import standing_of_figures
from core.review.verdict import shown_share
from core.text import text
from gui.moments import say_recorded


def say_when(run: RunRow) -> str:
    """Day and time of a run."""
    return say_recorded(run.created_at)


def say_run(run: RunRow) -> str:
    """“today 14:02 – accuracy 95.0 %, 741 labels, transfer, efficientnet-lite0”."""
    standing, said = standing_of_figures(run.figures), ""
    if run.accuracy is not None and standing.is_grave and standing.balanced_accuracy is not None:
        said = text("review.run_accuracy_balanced", accuracy=shown_share(run.accuracy),
                    balanced=shown_share(standing.balanced_accuracy))
    elif run.accuracy is not None:
        said = text("review.run_accuracy", accuracy=shown_share(run.accuracy))
    facts = ", ".join(filter(None, (said, text("text.labels", n=run.n_train), run.strategy, run.backbone)))
    return text("review.run_name", when=say_when(run), facts=facts)
