"""The costs of mistakes that a person chose for the answers of a project: kept in the journal, can be undone.

They apply where somebody asks for them (`--costs stored`). A pair of classes that is not named costs 1, as every
mistake does without them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from core.errors import InputError
from core.project.classes import list_classes
from core.project.decisions import decide, list_decisions
from core.project.project import Project
from core.text import Message

COST = "cost"
"""Kind of the decision; its subject is “<id of the true class>:<id of the answer>”, its reason the cost."""

MOST_COST = 1e12
"""Costs lie below it."""

Costs = Mapping[tuple[str, str], float]
"""Cost by names of the true class and the answer, 0 … `MOST_COST`."""


def read_stored_costs(project: Project) -> dict[tuple[str, str], float]:
    """What was chosen, by the names that classes have now; empty where nothing is."""
    names, found = {str(row.id): row.name for row in list_classes(project)}, dict[tuple[str, str], float]()
    for subject, one in list_decisions(project, COST).items():
        true, _, answer = subject.partition(":")
        cost = as_cost(one.reason)
        if true in names and answer in names and cost is not None:
            found[names[true], names[answer]] = cost
    return found


def keep_costs(project: Project, costs: Costs) -> bool:
    """Choose costs in place of those before; without any there are none. Whether anything changed.

    Raises:
        InputError: A class that there is not, or a cost that is none.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    ids = {row.name: str(row.id) for row in list_classes(project)}
    wanted: dict[str, str] = {}
    for (true, answer), cost in costs.items():
        if unknown := [name for name in (true, answer) if name not in ids]:
            raise InputError("review.cost_of_no_class", name=unknown[0], names=tuple(ids))
        if as_cost(str(cost)) is None:
            raise InputError("review.no_such_cost", given=str(cost))
        wanted[f"{ids[true]}:{ids[answer]}"] = repr(float(cost))
    known = {subject: one.reason for subject, one in list_decisions(project, COST).items()}
    changed = {subject: wanted.get(subject) for subject in {**known, **wanted}
               if wanted.get(subject) != known.get(subject)}
    title = Message("project.journal.set_costs", n=len(wanted)) if wanted else Message("project.journal.drop_costs")
    decide(project, COST, changed, title)
    return bool(changed)


def as_cost(given: str | None) -> float | None:
    """A cost as it is written; None for what is none."""
    try:
        cost = float(given or "")
    except ValueError:
        return None
    return cost if math.isfinite(cost) and 0 <= cost < MOST_COST else None
