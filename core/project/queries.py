"""Which images: ids by filter and order, counts; fast for a million rows."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from core.project.catalog import as_json
from core.project.exclusion import EXCLUDED, FOR_REASON, TAKES_PART, reason_to_text
from core.project.project import Project
from core.project.runs import run_number
from core.project.tag_names import FLAG, TAG, fold_tag
from core.project.tags import HAS

_BY_IMAGE = {
    "name": "i.sort_key", "date": "i.mtime_ns", "added": "i.id", "bytes": "i.bytes", "pixels": "i.width * i.height",
}
_FINE = 10**11
"""Fractions are compared as whole numbers of this part; finer ones would cost time and say nothing."""

_BY_PREDICTION = {
    name: f"CAST(p.{name} * {_FINE} AS INTEGER)" for name in ("confidence", "loss", "margin", "uncertainty")
}
_PART = 200_000
"""So many characters of numbers are read at once, in about two milliseconds."""
_NOTHING = -(2**62)
"""Stands for a value that is not there."""
MANY = 50_000
"""Images with a flag or tag; of more than these SQLite takes twice as long as reading all ids and choosing here."""

ORDERS: tuple[str, ...] = (*_BY_IMAGE, *_BY_PREDICTION)
"""What images can be ordered by; those after "pixels" need a run."""


Range = tuple[int | None, ...]
"""At least the first number and below the second, None for no bound; () for any."""

RANGES = {"changed_ns": "i.mtime_ns", "sides_px": "max(i.width, i.height)", "sizes": "i.bytes"}
"""Parts of a filter that are ranges, and of what."""

RUN_RANGES = {"confidence_percent": "p.confidence * 100"}
"""Likewise, of the prediction of a run."""


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Which images; every part that is given must hold.

    Attributes:
        class_ids: Labelled with any of these classes.
        split: "train" or "test".
        is_labelled: With a label, or without.
        status: "ok", "unreadable", "missing", or None for any.
        text: Its name (with sub-folders) contains this; case of plain letters does not count.
        run_id: A run that has a prediction for it; needed for the rest.
        predicted_class_ids: The run says any of these classes. With `class_ids`: a cell of the confusion matrix.
        is_mistake: The run's prediction differs from the label as it is now, or agrees.
        kind: `predictions.OUT_OF_FOLD` or `predictions.NEW`.
        image_ids: One of these; () for any.
        is_of_earlier_version: Its label was given to an earlier version of its file, or not.
        is_excluded: It is excluded from training and judging, or not; see `core.project.exclusion`.
        excluded_reason: It is excluded for this reason: one of `exclusion.REASONS`, or a person's own words.
        changed_ns: When its file was last changed, in nanoseconds since 1970: at least the first, below the second;
            None for no bound, () for any.
        sides_px: Pixels of its longer side, likewise.
        sizes: Bytes of its file, likewise.
        flags: It has each of these flags; see `core.project.tags`.
        without_flags: It has none of these.
        tags: It has each of these tags; case does not count.
        confidence_percent: Confidence of the run's prediction in percent: at least the first, below the second.
    """

    source_id: int | None = None
    class_ids: tuple[int, ...] = ()
    split: str | None = None
    is_labelled: bool | None = None
    status: str | None = "ok"
    text: str = ""
    run_id: str | None = None
    predicted_class_ids: tuple[int, ...] = ()
    is_mistake: bool | None = None
    kind: int | None = None
    image_ids: tuple[int, ...] = ()
    is_of_earlier_version: bool | None = None
    is_excluded: bool | None = None
    excluded_reason: str | None = None
    changed_ns: Range = ()
    sides_px: Range = ()
    sizes: Range = ()
    flags: tuple[str, ...] = ()
    without_flags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    confidence_percent: Range = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many images a project holds; by class and labelled counts good images only.

    Attributes:
        n_images: All rows.
        n_ok, n_unreadable, n_missing: By status.
        n_labelled: Good images with a label.
        by_class: Good labelled images by class id.
        n_excluded: Good images that are excluded; they are among the others.
    """

    n_images: int
    n_ok: int
    n_unreadable: int
    n_missing: int
    n_labelled: int
    by_split: dict[str, int] = field(default_factory=dict)
    by_class: dict[int, int] = field(default_factory=dict)
    n_excluded: int = 0


def image_ids(
    project: Project, which: ImageFilter = ImageFilter(), *, order: str = "name", is_descending: bool = False
) -> np.ndarray:
    """Ids of the images that a filter lets through, (n_images,) int64.

    Args:
        order: One of `ORDERS`; images without a value come last. Ties are broken by id.
        is_descending: Largest first.

    Raises:
        RunError: The filter names a run that does not exist.
        ValueError: No such order, or one that needs a run without a run.
    """
    if order in _BY_PREDICTION and which.run_id is None or order not in ORDERS:
        raise ValueError(f"expected an order among {ORDERS}, with a run where it needs one, received {order!r}")
    which, tagged = _set_aside(project, which)
    ids = _ordered_ids(project, which, order, is_descending=is_descending)
    for some, are_wanted in tagged:
        ids = ids[np.isin(ids, some) == are_wanted]
    return ids


def _set_aside(project: Project, which: ImageFilter) -> tuple[ImageFilter, list[tuple[np.ndarray, bool]]]:
    """A filter without flags and tags that numpy knows sooner than SQLite: those of many images, and lacking ones.

    Returns:
        The rest of the filter; ids of images, and whether it wants these or all others.
    """
    kinds = ((TAG, which.tags), (FLAG, which.flags))
    many = {(kind, name) for kind, names in kinds for name in names if count_with(project, kind, name) > MANY}
    tagged = [(ids_with(project, kind, name), True) for kind, name in sorted(many)]
    tagged += [(ids_with(project, FLAG, name), False) for name in which.without_flags]
    rest = replace(which, without_flags=(), flags=tuple(n for n in which.flags if (FLAG, n) not in many),
                   tags=tuple(n for n in which.tags if (TAG, n) not in many))
    return rest, tagged


def ids_with(project: Project, kind: str, name: str) -> np.ndarray:
    """Ids of all images with a flag or tag, also of unreadable and removed ones, (n_images,) int64, ascending."""
    sql = (f"SELECT group_concat(image_id) FROM (SELECT i.image_id {_OF_TAG} ORDER BY 1)")
    return _numbers(project.catalog.rows(sql, (kind, fold_tag(name)))[0][0])


def count_with(project: Project, kind: str, name: str) -> int:
    """How many images have a flag or tag, also unreadable and removed ones."""
    return int(project.catalog.rows(f"SELECT count(*) {_OF_TAG}", (kind, fold_tag(name)))[0][0])


_OF_TAG = "FROM tag t JOIN image_tag i ON i.tag_id = t.id WHERE t.kind = ? AND t.folded = ?"


def _ordered_ids(project: Project, which: ImageFilter, order: str, *, is_descending: bool) -> np.ndarray:
    plain = ImageFilter(status=which.status, run_id=which.run_id, kind=which.kind,
                        predicted_class_ids=which.predicted_class_ids, confidence_percent=which.confidence_percent,
                        is_excluded=None if which.is_excluded else which.is_excluded)
    if order in _BY_PREDICTION and which == plain and which.status in (None, "ok"):
        tables, conditions, values = _run_clauses(project, which)
    else:
        tables, conditions, values = _clauses(project, which)
    if order == "name":
        direction = "DESC" if is_descending else "ASC"
        ordered = f"ORDER BY i.sort_key {direction}, i.id {direction}"
        sql = f"SELECT group_concat(id) FROM (SELECT i.id FROM {tables} WHERE {conditions} {ordered})"
        return _numbers(project.catalog.rows(sql, values)[0][0])
    if order == "added":
        sql = f"SELECT group_concat(i.id) FROM {tables} WHERE {conditions}"
        added = np.sort(_numbers(project.catalog.rows(sql, values)[0][0]))
        return added[::-1] if is_descending else added
    value = {**_BY_IMAGE, **_BY_PREDICTION}[order]
    image_id = "i.id" if "image i" in tables else "p.image_id"
    keyed = f"group_concat({image_id}), group_concat(coalesce({value}, {_NOTHING}))"
    sql = f"SELECT {keyed} FROM {tables} WHERE {conditions}"
    ids, keys = map(_numbers, project.catalog.rows(sql, values)[0])
    found: np.ndarray = ids[_order(ids, keys, is_descending=is_descending)]
    return found


def highest_id(project: Project) -> int:
    """An upper bound of the number of images that costs nothing to ask; 0 without any."""
    return int(project.catalog.rows("SELECT coalesce(max(id), 0) FROM image")[0][0])


def _numbers(text: str | None) -> np.ndarray:
    """Numbers that came as one text: a million rows one by one take three times as long.

    Part by part, for other threads stand still while numpy reads one.
    """
    parts, start = [np.empty(0, np.int64)], 0
    while text and start < len(text):
        end = text.find(",", start + _PART)
        end = len(text) if end < 0 else end
        parts.append(np.fromstring(text[start:end], dtype=np.int64, sep=","))
        start = end + 1
    return np.concatenate(parts)


def _order(ids: np.ndarray, keys: np.ndarray, *, is_descending: bool) -> np.ndarray:
    """Places in order of the keys, then ids; here, for SQLite sorts a million rows five times slower."""
    is_by_id = bool((ids[1:] > ids[:-1]).all())
    if is_by_id and len(keys) and keys.min() != _NOTHING:
        order = _sorted_places(keys)
        return order[::-1] if is_descending else order
    by_id = np.arange(len(ids)) if is_by_id else np.argsort(ids)
    is_there = keys[by_id] != _NOTHING
    places = by_id[is_there]
    with_value = places[_sorted_places(keys[places])]
    without = by_id[~is_there]
    parts = (with_value[::-1], without[::-1]) if is_descending else (with_value, without)
    return np.concatenate(parts)


def _sorted_places(keys: np.ndarray) -> np.ndarray:
    """A stable argsort of (n,) int64; key and place in one number, where they fit, sort five times faster."""
    n_bits = max(len(keys) - 1, 1).bit_length()
    if len(keys) and (keys.min() < 0 or int(keys.max()).bit_length() + n_bits > 63):
        return np.argsort(keys, kind="stable")
    packed = keys << n_bits | np.arange(len(keys))
    packed.sort()
    places: np.ndarray = packed & (1 << n_bits) - 1
    return places


def count_images(
    project: Project, which: ImageFilter = ImageFilter(), *, among: np.ndarray | None = None
) -> int:
    """How many images a filter lets through.

    Args:
        among: Count these images only, (n_images,) int64; a few of them cost next to nothing.

    Raises:
        RunError: The filter names a run that does not exist.
    """
    if which.without_flags and among is None:  # one by one SQLite would look twenty times as long
        rest = replace(which, without_flags=())
        return count_images(project, rest) - _count(project, rest, f"i.id IN ({_WITH_ANY})", which.without_flags)
    return _count(project, which, among=among)


_WITH_ANY = ("SELECT it.image_id FROM tag t JOIN image_tag it ON it.tag_id = t.id "
             f"WHERE t.kind = '{FLAG}' AND t.folded IN (SELECT value FROM json_each(?))")


def _count(
    project: Project, which: ImageFilter, condition: str = "", flags: Sequence[str] = (), *,
    among: np.ndarray | None = None,
) -> int:
    tables, conditions, values = _clauses(project, which)
    if condition:
        conditions, values = f"{conditions} AND {condition}", [*values, json.dumps(list(flags))]
    if among is not None:
        # a cross join keeps SQLite from looking through an index of all images first
        tables, conditions = f"json_each(?) j CROSS JOIN {tables}", f"i.id = j.value AND {conditions}"
        values.insert(0, as_json(among))
    return int(project.catalog.rows(f"SELECT count(*) FROM {tables} WHERE {conditions}", values)[0][0])


def count_labels(project: Project, image_ids: np.ndarray) -> dict[int, int]:
    """How many good images among these, (n_images,) int64, have a label, by class id."""
    sql = (
        "SELECT class_id, count(*) FROM json_each(?) j CROSS JOIN image i ON i.id = j.value "
        "WHERE status = 'ok' AND class_id IS NOT NULL GROUP BY 1"
    )
    return dict(project.catalog.rows(sql, (as_json(image_ids),)))


def count_all(project: Project) -> Counts:
    """All counts of the project at once."""
    rows = project.catalog.rows("SELECT class_id, status, split, count(*) FROM image GROUP BY 1, 2, 3")
    good = [(class_id, split, n) for class_id, status, split, n in rows if status == "ok"]
    by_status = _sum((status, n) for _, status, _, n in rows)
    by_class = _sum((class_id, n) for class_id, _, n in good if class_id is not None)
    return Counts(
        n_images=sum(row[3] for row in rows), n_ok=by_status.get("ok", 0),
        n_unreadable=by_status.get("unreadable", 0), n_missing=by_status.get("missing", 0),
        n_labelled=sum(by_class.values()), by_split=_sum((split, n) for _, split, n in good), by_class=by_class,
        n_excluded=count_images(project, ImageFilter(is_excluded=True)),
    )


def _sum(pairs: Any) -> dict[Any, int]:
    totals: dict[Any, int] = {}
    for key, n in pairs:
        totals[key] = totals.get(key, 0) + n
    return totals


def _clauses(project: Project, which: ImageFilter) -> tuple[str, str, list[Any]]:
    """Tables, conditions and their values."""
    conditions, values = ["1"], list[Any]()
    tables = "image i"
    for column in ("source_id", "split", "status"):
        if (value := getattr(which, column)) is not None:
            conditions.append(f"i.{column} = ?")
            values.append(value)
    if which.class_ids:
        _add_any(conditions, values, "i.class_id", which.class_ids)
    if which.is_labelled is not None:
        conditions.append("i.class_id IS NOT NULL" if which.is_labelled else "i.class_id IS NULL")
    if which.is_of_earlier_version is not None:
        conditions.append(f"i.label_content IS {'NOT ' * which.is_of_earlier_version}NULL")
    _add_excluded(which, conditions, values)
    if which.image_ids:
        _add_any(conditions, values, "i.id", which.image_ids)
    _add_ranges(RANGES, which, conditions, values)
    _add_tags(which, conditions, values)
    if which.text:
        conditions.append("i.name LIKE ? ESCAPE '\\'")
        plain = unicodedata.normalize("NFC", which.text)
        values.append("%" + re.sub(r"[\\%_]", r"\\\g<0>", plain) + "%")
    if which.run_id is not None:
        tables = "prediction p JOIN image i ON i.id = p.image_id"
        conditions.append("p.run_number = ?")
        values.append(run_number(project.catalog.db, which.run_id))
        _add_prediction(which, conditions, values)
    return tables, " AND ".join(conditions), values


def _add_excluded(which: ImageFilter, conditions: list[str], values: list[Any]) -> None:
    if which.is_excluded is not None:
        conditions.append((EXCLUDED if which.is_excluded else TAKES_PART).format("i.id"))
    if which.excluded_reason is not None:
        conditions.append(FOR_REASON.format("i.id"))
        values.append(reason_to_text(which.excluded_reason))


def _add_tags(which: ImageFilter, conditions: list[str], values: list[Any]) -> None:
    for kind, names, negation in (
        (FLAG, which.flags, ""), (FLAG, which.without_flags, "NOT "), (TAG, which.tags, ""),
    ):
        conditions += [negation + HAS.format("i.id", kind)] * len(names)
        values += map(fold_tag, names)


def _add_ranges(
    ranges: Mapping[str, str], which: ImageFilter, conditions: list[str], values: list[Any]
) -> None:
    for part, column in ranges.items():
        for bound, sign in zip(getattr(which, part), (">=", "<"), strict=False):
            if bound is not None:
                conditions.append(f"{column} {sign} ?")
                values.append(bound)


def _run_clauses(project: Project, which: ImageFilter) -> tuple[str, str, list[Any]]:
    """As `_clauses` over the predictions alone, twice as fast where nothing is asked of the images themselves."""
    conditions, values = ["p.run_number = ?"], [run_number(project.catalog.db, which.run_id or "")]
    if which.status == "ok" and project.catalog.rows("SELECT 1 FROM image WHERE status <> 'ok' LIMIT 1"):
        conditions.append("p.image_id NOT IN (SELECT id FROM image WHERE status <> 'ok')")
    if which.is_excluded is False:
        conditions.append(TAKES_PART.format("p.image_id"))
    _add_prediction(which, conditions, values)
    return "prediction p", " AND ".join(conditions), values


def _add_prediction(which: ImageFilter, conditions: list[str], values: list[Any]) -> None:
    if which.predicted_class_ids:
        _add_any(conditions, values, "p.class_id", which.predicted_class_ids)
    if which.is_mistake is not None:
        conditions.append("p.class_id <> i.class_id" if which.is_mistake else "p.class_id = i.class_id")
    if which.kind is not None:
        conditions.append("p.kind = ?")
        values.append(which.kind)
    _add_ranges(RUN_RANGES, which, conditions, values)


def _add_any(conditions: list[str], values: list[Any], column: str, ids: Sequence[int]) -> None:
    conditions.append(f"{column} IN (SELECT value FROM json_each(?))" if len(ids) > 1 else f"{column} = ?")
    values.append(as_json(ids) if len(ids) > 1 else ids[0])
