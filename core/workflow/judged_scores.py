"""Probabilities of the images that judge a run, by the labels as they are now: curves of classes, trials of rules.

The images are those of the confusion matrix. Those whose probabilities the run does not keep are left out and
counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.project.project import Project
from core.project.runs import find_run
from core.review.baseline import design_effect_of
from core.review.coverage import Answered, count_answered
from core.review.decide import Rule
from core.review.precision_recall import PrecisionRecall, draw_precision_recall
from core.runs.predictions import OUT_OF_FOLD, read_predictions
from core.workflow.confusion import Judged, read_judged, run_class_ids


@dataclass(frozen=True, slots=True, eq=False)
class JudgedScores:
    """What a run says of images that it was not trained on, class by class.

    Attributes:
        class_ids: Rows of the classes in the catalog, in the order of the columns.
        label_ids: Labels as they are now, (n_images,) int64; may be of a class without a column.
        probabilities: (n_images, n_classes) float32, rows sum to 1.
        n_left_out: Judged images whose probabilities the run does not keep.
        design_effect: See `core.review.metrics.wilson_interval`.
    """

    class_ids: tuple[int, ...]
    label_ids: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    n_left_out: int = 0
    design_effect: float = 1.0

    def curve_of(self, class_id: int) -> PrecisionRecall:
        """The precision-recall curve of a class; that of a class that the run does not know has no point."""
        is_of_class = self.label_ids == class_id
        if class_id not in self.class_ids:
            return draw_precision_recall(np.zeros(0), np.zeros(0, bool))
        return draw_precision_recall(self.probabilities[:, self.class_ids.index(class_id)], is_of_class)

    @property
    def places(self) -> NDArray[np.int64]:
        """Column of each label, (n_images,) int64; −1 for a class without one."""
        place = {class_id: at for at, class_id in enumerate(self.class_ids)}
        return np.array([place.get(i, -1) for i in self.label_ids.tolist()], np.int64)

    def answered_by(self, rule: Rule) -> Answered:
        """How much a rule answers and how much of that is wrong."""
        decided = rule.decide(self.probabilities)
        return count_answered(rule.sure, decided >= 0, decided == self.places, design_effect=self.design_effect)

    def mean_costs(self, costs: NDArray[np.float64]) -> tuple[float, float] | None:
        """Mean cost of an answer: with the likeliest class, and with the class of least expected cost.

        Args:
            costs: (n_classes, n_classes) float64; rows are true classes, columns answers.

        Returns:
            None where no image has a label that the run knows.
        """
        places = self.places
        known = places >= 0
        if not known.any():
            return None
        plain, cheapest = (rule.choose(self.probabilities[known]) for rule in (Rule(), Rule(costs=costs)))
        return float(costs[places[known], plain].mean()), float(costs[places[known], cheapest].mean())


def read_judged_scores(project: Project, run_id: str) -> JudgedScores:
    """The images that judge a run, with all their probabilities.

    Raises:
        RunError: There is no such run, or its predictions cannot be read.
    """
    judged: Judged = read_judged(project, run_id)
    stored = read_predictions(project.run_path(run_id))
    rows = np.flatnonzero(stored.kinds == OUT_OF_FOLD)
    place = dict(zip(stored.image_ids[rows].tolist(), rows.tolist(), strict=True))
    is_kept = np.fromiter((i in place for i in judged.image_ids.tolist()), bool, len(judged.image_ids))
    chosen = [place[i] for i in judged.image_ids[is_kept].tolist()]
    return JudgedScores(
        run_class_ids(project, run_id), judged.label_ids[is_kept], np.asarray(stored.probabilities[chosen]),
        int((~is_kept).sum()), design_effect_of(find_run(project, run_id).figures))
