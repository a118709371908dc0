"""Filters that a person saved under a name, in the catalog: kept in the journal, so that saving can be undone.

Of a filter on predictions the run is not kept: it means the run that is shown when the filter is used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from typing import Any

from core.errors import InputError
from core.files.foreign import parse_json
from core.project.decisions import decide, list_decisions
from core.project.project import Project
from core.project.queries import ORDERS, RANGES, RUN_RANGES, ImageFilter
from core.project.tag_names import LONGEST_NAME as LONGEST_TAG
from core.project.tags import MOST_OF_IMAGE
from core.text import Message

FILTER = "filter"
"""Kind of the decision; its subject is the name, its reason the filter as JSON."""

LONGEST_NAME, MOST_IDS = 80, 10_000

_FIELDS = {field.name: field.default for field in fields(ImageFilter)}
_IDS = ("class_ids", "predicted_class_ids", "image_ids")
_NAMES = ("flags", "without_flags", "tags")
_ALL_RANGES = frozenset({*RANGES, *RUN_RANGES})
_SPLITS, _STATUSES = ("train", "test", None), ("ok", "unreadable", "missing", None)
_LARGEST = 2**63 - 1
"""Of whole numbers in SQLite."""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """One filter with its order.

    Attributes:
        name: As a person called it.
        which: What it lets through; without a run.
        order, is_descending: See `core.project.queries.image_ids`.
    """

    name: str
    which: ImageFilter
    order: str = "name"
    is_descending: bool = False


def list_filters(project: Project) -> tuple[SavedFilter, ...]:
    """By name; what makes no sense, in a project of another program or version, is left out."""
    rows = sorted(list_decisions(project, FILTER).items(), key=lambda row: row[0].casefold())
    found = (_read(name, one.reason or "") for name, one in rows)
    return tuple(saved for saved in found if saved is not None)


def save_filter(project: Project, saved: SavedFilter) -> None:
    """Keep a filter; one of the same name is replaced.

    Raises:
        InputError: The name is empty or longer than `LONGEST_NAME`, or the filter lists more than `MOST_IDS` images.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    name = " ".join(saved.name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise InputError("project.filter_name", n=LONGEST_NAME)
    if len(saved.which.image_ids) > MOST_IDS:
        raise InputError("project.filter_of_too_many", n=MOST_IDS)
    which = replace(saved.which, run_id=None)
    parts = {part: getattr(which, part) for part, default in _FIELDS.items() if getattr(which, part) != default}
    written = json.dumps({"which": parts, "order": saved.order, "is_descending": saved.is_descending})
    decide(project, FILTER, {name: written}, Message("project.journal.save_filter", name=name))


def forget_filter(project: Project, name: str) -> None:
    """Forget a saved filter; unknown ones are no fault.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    if name in list_decisions(project, FILTER):
        decide(project, FILTER, {name: None}, Message("project.journal.forget_filter", name=name))


def _read(name: str, written: str) -> SavedFilter | None:
    try:
        value = parse_json(written)
        which, order, is_descending = value["which"], value["order"], value["is_descending"]
        if order not in ORDERS or not isinstance(is_descending, bool):
            return None
        return SavedFilter(name, ImageFilter(**{part: _part(part, one) for part, one in which.items()}), order,
                           is_descending)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _part(part: str, value: Any) -> Any:
    """One part of a filter, of the kind that it must have.

    Raises:
        ValueError: It has another one.
    """
    if part in _IDS or part in _ALL_RANGES:
        return _numbers(part, value)
    if part in _NAMES:
        return _names(part, value)
    kinds: dict[str, Any] = {"source_id": int, "kind": int, "text": str, "excluded_reason": str}
    if part in ("split", "status"):
        is_sound = value in (_SPLITS if part == "split" else _STATUSES)
    else:
        kind = kinds.get(part, bool)
        is_sound = part in _FIELDS and part != "run_id" and (value is None and part != "text" or type(value) is kind)
    if not is_sound or isinstance(value, int) and abs(value) > _LARGEST:
        raise ValueError(part)
    return value


def _numbers(part: str, value: Any) -> tuple[int | None, ...]:
    is_range = part in _ALL_RANGES
    if not isinstance(value, list) or len(value) > (2 if is_range else MOST_IDS):
        raise ValueError(part)
    for one in value:
        if not (is_range and one is None) and (type(one) is not int or abs(one) > _LARGEST):
            raise ValueError(part)
    return tuple(value)


def _names(part: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_OF_IMAGE:
        raise ValueError(part)
    if not all(isinstance(name, str) and 0 < len(name) <= LONGEST_TAG for name in value):
        raise ValueError(part)
    return tuple(value)
