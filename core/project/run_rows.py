"""Rows of the table `run`: made from the record of a run, and read back with every value checked.

A catalog may come from another person. A run is read only if its name can be the name of a folder and its values
are of the kinds that this program writes; one that is not must neither hide the other runs nor be taken for sound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.files.foreign import MOST_LETTERS, is_run_id, parse_json
from core.runs.record import RunRecord
from core.text import Message

COLUMNS = "id, created_at, strategy, backbone, seed, status, accuracy, low, high, n_train, settings, figures"
READ_COLUMNS = ", ".join(
    f"CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END" for name in COLUMNS.split(", "))
"""Texts as bytes: one that is not UTF-8 would keep SQLite from giving any row at all."""

FINISHED, STOPPED, FAILED = "finished", "stopped", "failed"
STOPPED_BY_USER = "stopped by user"
"""The stop reason of a run that was cancelled with a usable model; see `core.training.settings.StopReason`."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run.

    Attributes:
        id: Such as "2026-11-22-001-transfer"; also its folder's name, unless it is damaged.
        strategy: "transfer", "zero-shot" …
        backbone: Key of the pretrained network; empty without one.
        seed: Start of its random numbers.
        n_train: Labelled images that it was trained on.
        status: "finished", "stopped" (cancelled, with a usable model) or "failed".
        accuracy: Share of right answers on images that the model did not see, 0 … 1, or None.
        low, high: 95 % interval of the accuracy, or None.
        settings: The settings as JSON values.
        figures: Further figures as JSON values (per class, confusion …).
        created_at: ISO 8601, UTC; filled in when recorded if empty.
        damage: What is wrong with its row in the catalog, one sentence; None for a sound one.
    """

    id: str
    strategy: str
    backbone: str
    seed: int
    n_train: int
    status: str = "finished"
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    created_at: str = ""
    damage: Message | None = None


def row_of_record(record: RunRecord, class_ids: Sequence[int]) -> RunRow:
    """What the catalog keeps of a run, out of its record.

    Args:
        record: As in `run.json`.
        class_ids: Rows of its classes in the catalog, in their order.
    """
    low, high = record.interval or (None, None)
    figures = {
        "classes": list(record.classes), "n_validation": record.n_validation, "accuracy_kind": record.accuracy_kind,
        "confusion": [list(row) for row in record.confusion], "log_loss": record.log_loss,
        "per_class": [{"name": f.name, "n": f.n_images, "precision": f.precision, "recall": f.recall}
                      for f in record.per_class],
        "seconds": record.seconds, "notes": list(record.notes), "findings": [dict(f) for f in record.findings],
        "class_ids": list(class_ids),
    }
    if "stop_reason" in record.fit:
        figures |= {"stop_reason": str(record.fit["stop_reason"]), "best_epoch": record.fit.get("best_epoch"),
                    "history": list(record.fit.get("history", ()))}
    return RunRow(
        record.run, record.strategy, record.backbone, record.seed, record.n_train,
        STOPPED if figures.get("stop_reason") == STOPPED_BY_USER else FINISHED, record.accuracy, low, high,
        dict(record.settings), figures, record.created_at,
    )


def read_row(row: Sequence[Any]) -> RunRow:
    """A row of `READ_COLUMNS`; one that is damaged has `damage` and none of the values."""
    try:
        return _sound_row(row)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        what = error.message if isinstance(error, _Damage) else Message("runs.row_values")
        return RunRow(shown_id(row[0]), "", "", 0, 0, FAILED, damage=Message("runs.row_damaged", what=what))


def shown_id(stored: Any) -> str:
    """The id of a run as it can be shown and asked for again, whatever lies in the catalog."""
    return stored.decode("utf-8", "replace") if isinstance(stored, bytes) else str(stored)


class _Damage(ValueError):
    """What is wrong, as the end of a sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.message = Message(code, **params)


def _sound_row(row: Sequence[Any]) -> RunRow:
    texts = {name: value for name, value in zip(COLUMNS.split(", "), row, strict=True)}
    for name in ("id", "created_at", "strategy", "backbone", "status", "settings", "figures"):
        texts[name] = texts[name].decode("utf-8")
    if not is_run_id(texts["id"]):
        raise _Damage("runs.row_name")
    if max(len(texts["strategy"]), len(texts["backbone"])) > MOST_LETTERS:
        raise _Damage("runs.row_long_name")
    settings, figures = parse_json(texts.pop("settings")), parse_json(texts.pop("figures"))
    found = RunRow(**texts, settings=settings, figures=figures)
    _require_numbers(found)
    if not isinstance(settings, dict):
        raise _Damage("runs.row_settings")
    _require_figures(figures)
    return found


def _require_numbers(run: RunRow) -> None:
    if not all(isinstance(n, int) for n in (run.seed, run.n_train)) or run.n_train < 0:
        raise _Damage("runs.row_number")
    for share in (run.accuracy, run.low, run.high):
        if share is not None and not (isinstance(share, float) and 0 <= share <= 1):
            raise _Damage("runs.row_accuracy")


def _require_figures(figures: Any) -> None:
    """What every figure is that the program reads again; others may stand beside them."""
    if not isinstance(figures, dict):
        raise _Damage("runs.row_figures")
    for name, is_sound in _FIGURES.items():
        if name in figures and not is_sound(figures[name]):
            raise _Damage("runs.row_figure", name=name)
    n_classes = len(figures.get("classes", ()))
    confusion, class_ids = figures.get("confusion") or (), figures.get("class_ids")
    if confusion and (len(confusion) != n_classes or any(len(line) != n_classes for line in confusion)):
        raise _Damage("runs.row_confusion")
    if class_ids is not None and "classes" in figures and len(class_ids) != n_classes:
        raise _Damage("runs.row_classes")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300 or value != value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_message(value: Any) -> bool:
    """A message as JSON, or a text of an earlier version."""
    return Message.from_json(value) is not None


def _are(kind: Any) -> Any:
    return lambda values: isinstance(values, list) and all(kind(value) for value in values)


def _are_classes(values: Any) -> bool:
    return bool(_are(_is_text)(values) and all(values) and len(set(values)) == len(values))


def _is_finding(value: Any) -> bool:
    return isinstance(value, dict) and "acknowledged" in value and _is_text(value["acknowledged"] or "") and (
        _is_text(value.get("key")) and _is_message(value.get("sentence")) and _is_message(value.get("figure", ""))
        and _are(_is_message)(value.get("details", [])))


def _is_class_figure(value: Any) -> bool:
    return isinstance(value, dict) and _is_text(value.get("name")) and _is_count(value.get("n", 0)) and all(
        value.get(name) is None or _is_number(value[name]) for name in ("precision", "recall"))


def _is_epoch(value: Any) -> bool:
    return isinstance(value, dict) and _is_count(value.get("epoch")) and _is_count(value.get("n_epochs")) and all(
        figure is None or _is_number(figure) or isinstance(figure, bool) for figure in value.values())


_FIGURES: Mapping[str, Any] = {
    "classes": _are_classes, "confusion": _are(_are(_is_count)), "class_ids": _are(_is_count),
    "n_validation": _is_count, "accuracy_kind": _is_text, "per_class": _are(_is_class_figure),
    "notes": _are(_is_message), "findings": _are(_is_finding), "history": _are(_is_epoch),
    "seconds": lambda value: _is_number(value) and 0 <= value < math.inf,
    "log_loss": lambda value: value is None or _is_number(value), "stop_reason": _is_text,
    "best_epoch": lambda value: value is None or _is_count(value),
}
