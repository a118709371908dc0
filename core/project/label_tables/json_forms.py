"""Label tables in JSON: one small reader for each program that writes one, in `JSON_FORMS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.images.formats import has_image_extension
from core.project.label_tables.rows import Grid, LabelRow, labels_in_value, text_of
from core.project.label_tables.titles import means_image, means_label

Rows = Iterable[LabelRow]
JsonReader = Callable[[Any], Rows | Grid | None]
"""What a document holds, or None if it is of another form."""


def _label_studio(document: Any) -> Rows | None:
    tasks = [task for task in document if isinstance(task, dict)] if isinstance(document, list) else []
    kind = next((k for k in ("annotations", "completions") if any(isinstance(t.get(k), list) for t in tasks)), None)
    if kind is None or not any(isinstance(task.get("data"), dict) for task in tasks):
        return None
    return [row for task in tasks for row in _label_studio_rows(task, kind)]


def _label_studio_rows(task: dict[str, Any], kind: str) -> Iterator[LabelRow]:
    """A row for each annotation of a task that was not skipped; one without a label if there is none."""
    given = task.get("data") or {}
    image = next((given[key] for key in ("image", "img", "url", "path") if isinstance(given.get(key), str)), None)
    image = image or next((value for value in given.values() if isinstance(value, str)), "")
    found = [a for a in task.get(kind) or () if isinstance(a, dict) and not a.get("was_cancelled")]
    for annotation in found:
        values = [r.get("value") for r in annotation.get("result") or () if isinstance(r, dict)]
        yield LabelRow(image, labels_in_value(values))
    if not found:
        yield LabelRow(image, ())


def _vott(document: Any) -> Rows | None:
    assets: Any = document.get("assets") if isinstance(document, dict) else None
    if isinstance(document, dict) and isinstance(document.get("asset"), dict):
        assets = {"": document}
    if not isinstance(assets, dict):
        return None
    return [
        LabelRow(text_of(one["asset"].get("path") or one["asset"].get("name")),
                 labels_in_value([{"tags": r.get("tags")} for r in one.get("regions") or () if isinstance(r, dict)]))
        for one in assets.values() if isinstance(one, dict) and isinstance(one.get("asset"), dict)
    ]


def _coco(document: Any) -> Rows | None:
    parts = [document.get(key) if isinstance(document, dict) else None
             for key in ("images", "annotations", "categories")]
    if not all(isinstance(part, list) for part in parts):
        return None
    images, annotations, categories = ([one for one in part or () if isinstance(one, dict)] for part in parts)
    names = {text_of(c.get("id")): text_of(c.get("name")) for c in categories}
    labels: dict[str, list[str]] = {}
    for one in annotations:
        category = text_of(one.get("category_id"))
        labels.setdefault(text_of(one.get("image_id")), []).append(names.get(category, category))
    return [LabelRow(text_of(i.get("file_name")), labels_in_value(labels.get(text_of(i.get("id")), [])))
            for i in images]


def _datumaro(document: Any) -> Rows | None:
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or not isinstance(document.get("categories"), dict):
        return None
    listed = (document["categories"].get("label") or {}).get("labels") or []
    names = [text_of(one.get("name")) for one in listed if isinstance(one, dict)]
    return [LabelRow(_datumaro_image(item), _datumaro_labels(item, names))
            for item in items if isinstance(item, dict)]


def _datumaro_image(item: dict[str, Any]) -> str:
    image = item.get("image")
    return text_of((image.get("path") if isinstance(image, dict) else None) or item.get("id"))


def _datumaro_labels(item: dict[str, Any], names: list[str]) -> tuple[str, ...]:
    numbers = [a.get("label_id") for a in item.get("annotations") or () if isinstance(a, dict)]
    return labels_in_value([names[n] for n in numbers if isinstance(n, int) and 0 <= n < len(names)])


def _fiftyone(document: Any) -> Rows | None:
    labels = document.get("labels") if isinstance(document, dict) else None
    names = document.get("classes") if isinstance(document, dict) else None
    if not isinstance(labels, dict) or not isinstance(names, list):
        return None
    return [LabelRow(image, labels_in_value(names[v] if isinstance(v, int) and 0 <= v < len(names) else v))
            for image, v in labels.items()]


def _via(document: Any) -> Grid | None:
    """The VGG Image Annotator: an object for each image, with its attributes."""
    images = document.get("_via_img_metadata", document) if isinstance(document, dict) else None
    if not isinstance(images, dict) or not images:
        return None
    records = list(images.values())
    return grid_of_records(records) if all(isinstance(r, dict) and "filename" in r for r in records) else None


def _records(document: Any) -> Grid | None:
    """A list of objects, or an object that holds one."""
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list) and value]
        document = lists[0] if len(lists) == 1 and isinstance(lists[0][0], dict) else None
    if not isinstance(document, list) or not document or not all(isinstance(one, dict) for one in document):
        return None
    return grid_of_records(document)


def _labelme(document: Any) -> Rows | None:
    """The flags of one image that are set; the labels of its shapes where none is."""
    if not isinstance(document, dict) or "imagePath" not in document:
        return None
    flags = document.get("flags")
    found = [name for name, is_set in flags.items() if is_set is True] if isinstance(flags, dict) else []
    shapes = [{"label": shape.get("label")} for shape in document.get("shapes") or () if isinstance(shape, dict)]
    return [LabelRow(text_of(document["imagePath"]), labels_in_value(found or shapes))]


def _rows(document: Any) -> Grid | None:
    """A list of rows, the first may hold titles."""
    if not isinstance(document, list) or not all(isinstance(row, list) and len(row) > 1 for row in document):
        return None
    return Grid(tuple(tuple(map(text_of, row)) for row in document)) if document else None


def _columns(document: Any) -> Grid | None:
    """As pandas writes tables: `{"file": {"0": "a.jpg"}, "label": {"0": "cat"}}`, lists of equal length instead of
    objects, or `{"columns": ["file", "label"], "data": [["a.jpg", "cat"]]}`."""
    if not isinstance(document, dict):
        return None
    titles, rows = document.get("columns"), document.get("data")
    if isinstance(titles, list) and isinstance(rows, list) and all(isinstance(row, list) for row in rows):
        return Grid((tuple(map(text_of, titles)), *(tuple(map(text_of, row)) for row in rows)), has_titles=True)
    if not any(map(means_image, document)) or not any(map(means_label, document)):
        return None
    columns = [list(value.values()) if isinstance(value, dict) else value for value in document.values()]
    keys = {tuple(value) for value in document.values() if isinstance(value, dict)}
    if len(keys) > 1 or not all(isinstance(column, list) for column in columns) or len(set(map(len, columns))) > 1:
        return None
    return Grid((tuple(document), *(tuple(map(text_of, row)) for row in zip(*columns, strict=True))), has_titles=True)


def _mapping(document: Any) -> Grid | Rows | None:
    """`{"a.jpg": "cat"}`, `{"a.jpg": {"label": "cat"}}` or `{"cat": ["a.jpg", "b.jpg"]}`."""
    if not isinstance(document, dict) or not document:
        return None
    values = list(document.values())
    if all(isinstance(value, str | int | bool) or value is None for value in values):
        return Grid(tuple((key, text_of(value)) for key, value in document.items()), has_titles=False)
    if all(isinstance(value, dict) for value in values):
        return grid_of_records([{"key": key, **value} for key, value in document.items()])
    if all(isinstance(value, list) and all(isinstance(one, str) for one in value) for value in values):
        return _lists(document)
    return None


def _lists(document: dict[str, list[str]]) -> Grid | Rows:
    """The labels of each image where a value stands in several lists, else the images of each label."""
    n_values, n_different = sum(map(len, document.values())), len({v for value in document.values() for v in value})
    if n_different < n_values or all(map(has_image_extension, document)):
        return [LabelRow(image, labels_in_value(labels)) for image, labels in document.items()]
    return Grid(tuple((one, key) for key, value in document.items() for one in value), has_titles=False)


JSON_FORMS: tuple[tuple[str, JsonReader], ...] = (
    ("tables.form.label_studio", _label_studio),
    ("tables.form.vott", _vott),
    ("tables.form.coco", _coco),
    ("tables.form.datumaro", _datumaro),
    ("tables.form.fiftyone", _fiftyone),
    ("tables.form.via", _via),
    ("tables.form.labelme", _labelme),
    ("tables.form.json_objects", _records),
    ("tables.form.json_rows", _rows),
    ("tables.form.json_columns", _columns),
    ("tables.form.json_mapping", _mapping),
)
"""In this order: the first that knows a document reads it."""


MAX_DEPTH = 4


def grid_of_records(records: Sequence[Mapping[str, Any]]) -> Grid:
    """A table with a column for each name, in the order in which the names appear."""
    flat = [dict(_flatten(record, "", MAX_DEPTH)) for record in records]
    titles = tuple(dict.fromkeys(title for record in flat for title in record))
    return Grid((titles, *(tuple(record.get(title, "") for title in titles) for record in flat)), has_titles=True)


def _flatten(record: Mapping[str, Any], prefix: str, depth: int) -> list[tuple[str, str]]:
    cells: list[tuple[str, str]] = []
    for name, value in record.items():
        is_choice = isinstance(value, dict) and ("choices" in value or "taxonomy" in value)  # one cell
        if isinstance(value, dict) and value and depth and not is_choice:
            cells += _flatten(value, f"{prefix}{name}.", depth - 1)
        else:
            cells.append((f"{prefix}{name}", text_of(value)))
    return cells
