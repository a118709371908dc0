"""The confidence threshold that a person chose for the answers of a project: kept in the journal, can be undone.

Below it an image gets no answer where somebody asks for that (`--sure stored`). Classes may have one of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import InputError
from core.project.classes import list_classes
from core.project.decisions import decide, list_decisions
from core.project.project import Project
from core.text import Message

THRESHOLD = "threshold"
"""Kind of the decision; its subject is `ALL` or the id of a class, its reason the threshold."""

ALL = "all"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Least confidences of answers.

    Attributes:
        sure: Of all classes, 0 … 1.
        of_classes: Of single classes instead, by name.
    """

    sure: float = 0.0
    of_classes: Mapping[str, float] = field(default_factory=dict)


def read_thresholds(project: Project) -> Thresholds | None:
    """What was chosen; None where nothing is."""
    known = {subject: _share(one.reason) for subject, one in list_decisions(project, THRESHOLD).items()}
    names = {str(row.id): row.name for row in list_classes(project)}
    found = {subject: share for subject, share in known.items() if share is not None}
    if not found:
        return None
    return Thresholds(found.get(ALL, 0.0), {names[one]: share for one, share in found.items() if one in names})


def keep_thresholds(project: Project, chosen: Thresholds | None) -> bool:
    """Choose thresholds in place of those before, or none; whether anything changed.

    Raises:
        InputError: There is no class of such a name.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    ids = {row.name: str(row.id) for row in list_classes(project)}
    wanted: dict[str, str | None] = {}
    if chosen is not None:
        if unknown := [name for name in chosen.of_classes if name not in ids]:
            raise InputError("review.threshold_of_no_class", name=unknown[0], names=tuple(ids))
        wanted = {ALL: str(chosen.sure), **{ids[name]: str(share) for name, share in chosen.of_classes.items()}}
    known = list_decisions(project, THRESHOLD)
    changed = {subject: wanted.get(subject) for subject in {**known, **wanted}
               if wanted.get(subject) != (known[subject].reason if subject in known else None)}
    title = Message("project.journal.drop_threshold") if chosen is None else Message(
        "project.journal.set_threshold", sure=chosen.sure)
    decide(project, THRESHOLD, changed, title)
    return bool(changed)


def _share(reason: str | None) -> float | None:
    """The threshold in a row; None for what is none."""
    try:
        share = float(reason or "")
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None
