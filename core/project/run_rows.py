"""Rows of the table `run` as they are read: what is damaged is said in one sentence, and shown without its values.

A catalog may come from another person. A run is read only if its name can be the name of a folder and its values
are of the kinds that this program writes; one that is not must neither hide the other runs nor be taken for sound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.files.foreign import MOST_LETTERS, is_run_id, parse_json
from core.text import Message

COLUMNS = "id, created_at, strategy, backbone, seed, status, accuracy, low, high, n_train, settings, figures"
READ_COLUMNS = ", ".join(
    f"CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END" for name in COLUMNS.split(", "))
"""Texts as bytes: one that is not UTF-8 would keep SQLite from giving any row at all."""

FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One training.

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
        damage: What is wrong with its row in the catalog, one sentence; empty for a sound one.
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
    damage: str = ""


def read_row(row: Sequence[Any]) -> RunRow:
    """A row of `READ_COLUMNS`; one that is damaged has `damage` and none of the values."""
    try:
        return _sound_row(row)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        what = error.args[0] if isinstance(error, _Damage) else "its values are not those of a run"
        return RunRow(shown_id(row[0]), "", "", 0, 0, FAILED, damage=f"Its entry in the catalog is damaged: {what}.")


def shown_id(stored: Any) -> str:
    """The id of a run as it can be shown and asked for again, whatever lies in the catalog."""
    return stored.decode("utf-8", "replace") if isinstance(stored, bytes) else str(stored)


class _Damage(ValueError):
    """Says what is wrong."""


def _sound_row(row: Sequence[Any]) -> RunRow:
    texts = {name: value for name, value in zip(COLUMNS.split(", "), row, strict=True)}
    for name in ("id", "created_at", "strategy", "backbone", "status", "settings", "figures"):
        texts[name] = texts[name].decode("utf-8")
    if not is_run_id(texts["id"]):
        raise _Damage("its name cannot be the name of a folder")
    if max(len(texts["strategy"]), len(texts["backbone"])) > MOST_LETTERS:
        raise _Damage("a name in it is too long")
    settings, figures = parse_json(texts.pop("settings")), parse_json(texts.pop("figures"))
    found = RunRow(**texts, settings=settings, figures=figures)
    _require_numbers(found)
    if not isinstance(settings, dict):
        raise _Damage("its settings are no settings")
    _require_figures(figures)
    return found


def _require_numbers(run: RunRow) -> None:
    if not all(isinstance(n, int) for n in (run.seed, run.n_train)) or run.n_train < 0:
        raise _Damage("a number in it cannot be")
    for share in (run.accuracy, run.low, run.high):
        if share is not None and not (isinstance(share, float) and 0 <= share <= 1):
            raise _Damage("its accuracy is no share")


def _require_figures(figures: Any) -> None:
    """What every figure is that the program reads again; others may stand beside them."""
    if not isinstance(figures, dict):
        raise _Damage("its figures are no figures")
    for name, is_sound in _FIGURES.items():
        if name in figures and not is_sound(figures[name]):
            raise _Damage(f"its figures have no sound “{name}”")
    n_classes = len(figures.get("classes", ()))
    confusion, class_ids = figures.get("confusion") or (), figures.get("class_ids")
    if confusion and (len(confusion) != n_classes or any(len(line) != n_classes for line in confusion)):
        raise _Damage("its confusion matrix is not of its classes")
    if class_ids is not None and "classes" in figures and len(class_ids) != n_classes:
        raise _Damage("its classes are not those of the catalog")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300 or value != value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are(kind: Any) -> Any:
    return lambda values: isinstance(values, list) and all(kind(value) for value in values)


def _are_classes(values: Any) -> bool:
    return bool(_are(_is_text)(values) and all(values) and len(set(values)) == len(values))


def _is_finding(value: Any) -> bool:
    return isinstance(value, dict) and "acknowledged" in value and _is_text(value["acknowledged"] or "") and (
        _is_text(value.get("key")) and _is_message(value.get("sentence")) and _is_message(value.get("figure", ""))
        and _are(_is_message)(value.get("details", [])))


def _is_message(value: Any) -> bool:
    """Words of an earlier version count as one."""
    try:
        Message.from_json(value)
    except ValueError:
        return False
    return True


def _is_class_figure(value: Any) -> bool:
    return isinstance(value, dict) and _is_text(value.get("name")) and _is_count(value.get("n", 0)) and all(
        value.get(name) is None or _is_number(value[name]) for name in ("precision", "recall"))


def _is_epoch(value: Any) -> bool:
    return isinstance(value, dict) and _is_count(value.get("epoch")) and _is_count(value.get("n_epochs")) and all(
        figure is None or _is_number(figure) or isinstance(figure, bool) for figure in value.values())


_FIGURES: Mapping[str, Any] = {
    "classes": _are_classes, "confusion": _are(_are(_is_count)), "class_ids": _are(_is_count),
    "n_validation": _is_count, "accuracy_kind": _is_text, "per_class": _are(_is_class_figure),
    "notes": _are(_is_text), "findings": _are(_is_finding), "history": _are(_is_epoch),
    "seconds": lambda value: _is_number(value) and 0 <= value < math.inf,
    "log_loss": lambda value: value is None or _is_number(value), "stop_reason": _is_text, "what_next": _is_text,
    "best_epoch": lambda value: value is None or _is_count(value),
}
