"""What a person asks of answers – sure enough, least cost, none of these – made into a rule for a run, and in words.

The threshold is given (“0.9”, “0.9,pistol=0.97”) or the one that the project keeps (“stored”); so are the costs.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.files.foreign import parse_json
from core.project.costs import Costs, as_cost, read_stored_costs
from core.project.project import Project
from core.project.runs import find_run
from core.project.thresholds import Thresholds, keep_thresholds, read_thresholds
from core.review.baseline import design_effect_of
from core.review.coverage import SHOWN, Answered, CoverageCurve, count_answered, draw_curve
from core.review.decide import CLOSE, NONE_OF_THESE, UNSURE, Rule, require_share, thresholds_of
from core.review.verdict import shown_share
from core.text import text
from core.workflow.answers import RunAnswers
from core.workflow.confusion import Judged, read_judged

STORED = "stored"
LARGEST_FILE = 10_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks of answers; without any part the likeliest class is the answer.

    Attributes:
        sure: A threshold as `parse_sure` reads it, or “stored”; None for none.
        costs: A file as `read_costs` reads it, or “stored” where there is no such file; None for none.
        has_none: Whether images that are unlike all that the model learnt get no answer.
    """

    sure: str | None = None
    costs: Path | str | None = None
    has_none: bool = False

    @property
    def has_stored_costs(self) -> bool:
        """Whether the costs are those that the project keeps."""
        return self.costs is not None and str(self.costs).casefold() == STORED and not Path(self.costs).exists()


def make_rule(project: Project, classes: Sequence[str], wish: Wish) -> Rule:
    """The rule of a wish for a run.

    Args:
        classes: Of the run, in the order of its probabilities.

    Raises:
        InputError: A threshold or a file that cannot be read, a class that the run does not know, or “stored” where
            nothing is.
    """
    return Rule(*_make_thresholds(project, classes, wish), _make_costs(project, classes, wish), wish.has_none)


def _make_thresholds(
    project: Project, classes: Sequence[str], wish: Wish
) -> tuple[float, NDArray[np.float64] | None]:
    chosen, known = Thresholds(), set(classes)
    if wish.sure is not None and wish.sure.strip().casefold() == STORED:
        kept = read_thresholds(project)
        if kept is None:
            raise InputError("review.no_stored_threshold")
        # a class that came after the run has no answers here
        chosen = Thresholds(kept.sure, {name: p for name, p in kept.of_classes.items() if name in known})
    elif wish.sure is not None:
        chosen = parse_sure(wish.sure)
    return chosen.sure, thresholds_of(chosen.sure, chosen.of_classes, classes)


def _make_costs(project: Project, classes: Sequence[str], wish: Wish) -> NDArray[np.float64] | None:
    if wish.costs is None:
        return None
    if not wish.has_stored_costs:
        return read_costs(Path(wish.costs), classes)
    stored = read_stored_costs(project)
    if not stored:
        raise InputError("review.no_stored_costs")
    return lay_out_costs(stored, classes)


def lay_out_costs(costs: Costs, classes: Sequence[str]) -> NDArray[np.float64]:
    """Costs by names as a matrix, (n_classes, n_classes) float64; rows are true classes, columns answers.

    Classes that are not among `classes` have no answers here; pairs that are not named cost 1, right answers 0.
    """
    matrix, place = 1 - np.eye(len(classes)), {name: at for at, name in enumerate(classes)}
    for (true, answer), cost in costs.items():
        if true in place and answer in place:
            matrix[place[true], place[answer]] = cost
    return matrix


def parse_sure(given: str) -> Thresholds:
    """“0.9” or “0.9,pistol=0.97”.

    Raises:
        InputError: It is not that.
    """
    sure, of_classes = 0.0, dict[str, float]()
    for at, part in enumerate(given.split(",")):
        name, is_named, share = part.rpartition("=")
        if is_named:
            of_classes[name.strip()] = require_share(share.strip())
        elif at:
            raise InputError("review.no_threshold", given=given)
        else:
            sure = require_share(share.strip())
    return Thresholds(sure, of_classes)


def read_costs(path: Path, classes: Sequence[str]) -> NDArray[np.float64]:
    """Costs of answers, (n_classes, n_classes) float64; rows are true classes, columns answers.

    A JSON file `{"true": {"answer": 5}}`, or a CSV file of lines `true,answer,cost`, with or without titles. What it
    does not name costs 1, a right answer 0.

    Raises:
        InputError: The file cannot be read, is not that, or names a class that the run does not know.
    """
    costs = 1 - np.eye(len(classes))
    place = {name: at for at, name in enumerate(classes)}
    for true, answer, cost in _cost_cells(path):
        for name in (true, answer):
            if name not in place:
                raise InputError("review.costs_of_no_class", path=path, name=name, names=tuple(classes))
        costs[place[true], place[answer]] = _cost(path, cost)
    return costs


def _cost_cells(path: Path) -> list[tuple[str, str, Any]]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError("too large")
        content = path.read_text("utf-8-sig")
        if content.lstrip().startswith("{"):
            return [(true, answer, cost) for true, row in parse_json(content).items() for answer, cost in row.items()]
        rows = [row for row in csv.reader(io.StringIO(content, newline="")) if any(row)]
        if any(len(row) != 3 for row in rows):
            raise ValueError("expected three cells")
    except (OSError, ValueError, AttributeError, csv.Error) as error:
        raise InputError("review.costs_unreadable", path=path) from error
    is_title = bool(rows) and not _is_number(rows[0][2])
    return [(true.strip(), answer.strip(), cost) for true, answer, cost in rows[is_title:]]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _cost(path: Path, given: Any) -> float:
    cost = None if isinstance(given, (bool, list, dict)) else as_cost(str(given))
    if cost is None:
        raise InputError("review.no_cost", path=path, given=str(given))
    return cost


def read_curve(project: Project, run_id: str) -> CoverageCurve:
    """Coverage and errors of a run at every threshold, by the labels as they are now.

    Raises:
        RunError: There is no such run.
    """
    judged = read_judged(project, run_id)
    return draw_curve(judged.confidences, judged.label_ids == judged.predicted_ids,
                      design_effect=design_effect_of(find_run(project, run_id).figures))


def measure_thresholds(project: Project, run_id: str, chosen: Thresholds) -> Answered:
    """The same at thresholds of which classes may have their own.

    Raises:
        RunError: There is no such run.
    """
    return answered_at(
        read_judged(project, run_id), chosen, design_effect=design_effect_of(find_run(project, run_id).figures))


def answered_at(
    judged: Judged, chosen: Thresholds, *, class_id: int | None = None, design_effect: float = 1.0
) -> Answered:
    """What is answered of judged images at thresholds.

    Args:
        class_id: Count only predictions of this class; None for all.
    """
    least = {c.class_id: chosen.of_classes.get(c.name, chosen.sure) for c in judged.classes}
    is_answered = judged.confidences >= np.array([least[i] for i in judged.predicted_ids.tolist()]) - CLOSE
    is_right = judged.label_ids == judged.predicted_ids
    of_class = slice(None) if class_id is None else judged.predicted_ids == class_id
    sure = chosen.sure if class_id is None else least.get(class_id, chosen.sure)
    return count_answered(sure, is_answered[of_class], is_right[of_class], design_effect=design_effect)


def say_answered(found: Answered) -> str:
    """“At a confidence threshold of 90 %: answers 93.4 % of images, 0.4 % of these wrong (95 % CI 0.1–1.5).”"""
    if not found.n_all:
        return text("review.coverage.nothing")
    if not found.n or found.error is None:
        return text("review.coverage.no_answer", sure=found.sure)
    low, high = map(shown_share, found.interval)
    return text("review.coverage.answered", sure=found.sure, coverage=shown_share(found.coverage),
                error=shown_share(found.error), low=low, high=high, n=found.n)


def describe_unanswered(rule: Rule, answers: RunAnswers) -> dict[str, Any]:
    """What a rule left without an answer or answered otherwise than with the likeliest class, JSON values.

    Returns:
        `sure`, and names of images: without an answer `unsure` and `none_of_these`, with another one than the
        likeliest `by_cost`; nothing for a plain rule.
    """
    if rule.is_plain:
        return {}
    decided, names = rule.decide(answers.probabilities, answers.is_unlike), np.array(answers.names, object)
    is_other = (decided >= 0) & (decided != answers.probabilities.argmax(axis=1))
    return {"sure": rule.sure, "unsure": names[decided == UNSURE].tolist(),
            "none_of_these": names[decided == NONE_OF_THESE].tolist(), "by_cost": names[is_other].tolist()}


def describe_thresholds(
    folder: Path, *, run_id: str | None = None, chosen: str | None = None, is_dropped: bool = False,
    most_errors: float | None = None,
) -> Mapping[str, Any]:
    """Coverage and errors of a run at several thresholds; keeps a threshold for the project where one is given.

    Args:
        run_id: A run, or None for the latest.
        chosen: A threshold as `parse_sure` reads it, to be kept.
        is_dropped: Whether the one that is kept is forgotten.
        most_errors: An error rate, 0 … 1, for which the lowest threshold is looked for.

    Returns:
        `run, rows` (see `Answered.to_json`), `stored` (`sure, of_classes` or None), `at_stored` (a row or None),
        `found` (a row or None, where `most_errors` is given), `changed`, `costs` (those that are stored: `true,
        answer, cost`).

    Raises:
        InputError: A threshold that is none, or of a class that there is not.
        ProjectError, RunError, StorageError: See each.
    """
    wanted = parse_sure(chosen) if chosen is not None else None
    is_kept = wanted is not None or is_dropped
    with Project.open(folder, read_only=not is_kept) as project:
        run = find_run(project, run_id).id
        is_changed = keep_thresholds(project, wanted) if is_kept else False
        stored, curve, costs = read_thresholds(project), read_curve(project, run), read_stored_costs(project)
        at_stored = None if stored is None else measure_thresholds(project, run, stored)
    found = curve.find_sure(most_errors) if most_errors is not None else None
    return {
        "run": run, "rows": [_as_row(curve.at(sure)) for sure in SHOWN],
        "stored": None if stored is None else {"sure": stored.sure, "of_classes": dict(stored.of_classes)},
        "at_stored": _as_row(at_stored), "found": None if found is None else _as_row(curve.at(found)),
        "most_errors": most_errors, "changed": is_changed,
        "costs": [{"true": true, "answer": answer, "cost": cost} for (true, answer), cost in costs.items()],
    }


def _as_row(found: Answered | None) -> dict[str, Any] | None:
    return None if found is None else found.to_json() | {"sentence": say_answered(found)}
