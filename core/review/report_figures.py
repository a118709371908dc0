"""Tables and charts of the report: figures of classes, confusion matrix, calibration, curves, recipe."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.project.classes import OKABE_ITO
from core.review.charts import HEIGHT, WIDTH, Axis, Series, draw_chart, draw_intervals
from core.review.class_report import ClassScores, Share
from core.review.metrics import most_confused
from core.review.reliability import Calibration, Reliability
from core.review.report_blocks import Block, Cell, Chart, Matrix, Paragraph, Table
from core.review.report_input import ReportPart
from core.review.training_curves import curve_of
from core.review.verdict import describe_end, percent, shown_share
from core.runs.record import TEMPERATURE, RunRecord
from core.settings import choice_title, setting_title, todays_settings
from core.text import text
from core.text.numbers import format_float, format_moment, format_whole
from core.text.render import say_value

MAX_MATRIX_CLASSES = 12
"""With more classes the most confused pairs are listed instead of a matrix."""

MAX_PAIRS = 30
MAX_CHART_CLASSES = 20
"""With more classes their recall is in the table alone."""

SIGNS = "■◆●▲▼★◀▶"
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")

Looks = Mapping[str, tuple[str, str]]
"""Colour and sign of each class by its name."""


def look_of(classes: Sequence[str], colors: Mapping[str, str]) -> Looks:
    """Colour and sign of each class; what is not a plain colour does not reach the report."""
    return {
        name: (
            given if _COLOR.fullmatch(given := colors.get(name, "")) else OKABE_ITO[i % len(OKABE_ITO)],
            SIGNS[i % len(SIGNS)],
        )
        for i, name in enumerate(dict.fromkeys(classes))
    }


def named(name: str, look: Looks, *, small: str = "") -> Cell:
    """A class with its sign."""
    color, sign = look.get(name, ("", ""))
    return Cell(name, small, sign, color)


def say_share(value: float | None) -> str:
    """“98.7 %”, or “none”."""
    return text("report.none") if value is None else text("report.percent", share=shown_share(value))


def class_table(scores: Sequence[ClassScores], look: Looks, caption: str) -> Table:
    """Recall, precision and F1 of some classes, each with its interval."""
    titles = ("class", "labelled", "predicted", "recall", "precision", "f1")
    rows = tuple((named(s.name, look), Cell(format_whole(s.n_images)), Cell(format_whole(s.n_predicted)),
                  *map(_share_cell, (s.recall, s.precision, s.f1))) for s in scores)
    return Table(caption, tuple(text(f"report.{title}") for title in titles), rows, (1, 2, 3, 4, 5))


def _share_cell(share: Share | None) -> Cell:
    if share is None:
        return Cell(text("report.none"), is_soft=True)
    return Cell(say_share(share.value), f"{percent(share.low)}–{percent(share.high)}")


def recall_chart(scores: Sequence[ClassScores]) -> Chart | None:
    """Recall of each class with its interval; None for too many classes, or where no class has an image."""
    shown = [s for s in scores if s.recall is not None]
    if not shown or len(scores) > MAX_CHART_CLASSES:
        return None
    name, rows = text("report.recall_chart"), []
    for s in shown:
        assert s.recall is not None
        rows.append((s.name, s.recall.value, s.recall.low, s.recall.high))
    svg, height = draw_intervals(name, rows, _percent_axis(text("report.recall_axis")))
    table = Table(name, (text("report.class"), text("report.recall"), text("report.interval_column")), tuple(
        (Cell(words), Cell(say_share(value)), Cell(f"{percent(low)}–{percent(high)}"))
        for words, value, low, high in rows), (1, 2))
    return Chart(name, svg, WIDTH, height, text("report.recall_caption"), text("report.table_behind"), table)


def matrix_block(part: ReportPart, look: Looks, name: str, *, most_pairs: int) -> Block:
    """The confusion matrix; of many classes the most confused pairs, and a sentence where there are none."""
    counts = counts_of(part)
    if len(part.classes) <= MAX_MATRIX_CLASSES:
        totals = counts.sum(axis=1)
        rows = tuple(tuple(_matrix_cell(int(n), int(totals[i]), is_right=i == j) for j, n in enumerate(line))
                     for i, line in enumerate(counts))
        return Matrix(name, text("report.matrix_caption"), text("report.label"), text("report.prediction"),
                      tuple(named(c, look) for c in part.classes), rows)
    pairs = most_confused(counts, most_pairs)
    if not pairs:
        return Paragraph(text("report.no_confusion"))
    titles = ("label", "prediction", "images", "share_of_label")
    return Table(text("report.pairs_caption", classes=text("text.classes", n=len(part.classes))),
                 tuple(text(f"report.{title}") for title in titles),
                 tuple((named(part.classes[p.label], look), named(part.classes[p.prediction], look),
                        Cell(format_whole(p.n_images)), Cell(say_share(p.share))) for p in pairs), (2, 3))


def counts_of(part: ReportPart) -> NDArray[np.int64]:
    """Its confusion matrix as an array."""
    return np.array(part.confusion, np.int64).reshape(len(part.classes), len(part.classes))


def _matrix_cell(n: int, total: int, *, is_right: bool) -> Cell:
    share = n / total if total else 0.0
    return Cell(format_whole(n), say_share(share) if n else "–", share=share, is_right=is_right, is_soft=not n)


def reliability_chart(found: Calibration) -> Chart:
    """The reliability diagram: accuracy by confidence, before and after the temperature, with intervals."""
    name = text("report.reliability")
    before, after = (_points(part) for part in (found.before, found.after))
    series = (
        Series(text("report.reliability_ideal"), ((0.0, 0.0), (1.0, 1.0)), "soft", "dashed"),
        Series(text("report.reliability_before"), before, "soft", "rings"),
        Series(text("report.reliability_after"), after, "main", "points",
               tuple(b.interval for b in found.after.bins)),
    )
    svg = draw_chart(name, _percent_axis(text("report.confidence_axis")),
                     _percent_axis(text("report.accuracy_axis")), series)
    rows = tuple((Cell(say_share(b.confidence)), Cell(say_share(b.accuracy)),
                  Cell(f"{percent(b.interval[0])}–{percent(b.interval[1])}"), Cell(format_whole(b.n)))
                 for b in found.after.bins)
    titles = ("confidence", "accuracy", "interval_column", "images")
    table = Table(name, tuple(text(f"report.{title}") for title in titles), rows, (0, 1, 2, 3))
    return Chart(name, svg, WIDTH, HEIGHT, text("report.reliability_caption"), text("report.table_behind"), table)


def _points(part: Reliability) -> tuple[tuple[float, float], ...]:
    return tuple((one.confidence, one.accuracy) for one in part.bins)


def _percent_axis(title: str) -> Axis:
    return Axis(title, 0.0, 1.0, tuple((share, format_whole(round(100 * share))) for share in (0, .25, .5, .75, 1)))


def curve_charts(history: Sequence[Mapping[str, Any]]) -> tuple[Chart, ...]:
    """Accuracy and loss by epoch; none for a training without epochs."""
    charts = []
    for name, title in (("accuracy", "report.accuracy_axis"), ("loss", "report.loss_axis")):
        held_out, learnt = (curve_of(history, name, is_held_out=is_held_out) for is_held_out in (True, False))
        if held_out or learnt:
            charts.append(_curve_chart(name, text(title), held_out, learnt))
    return tuple(charts)


def _curve_chart(
    kind: str, title: str, held_out: Sequence[tuple[float, float]], learnt: Sequence[tuple[float, float]]
) -> Chart:
    name = text(f"report.{kind}_curve")
    epochs = sorted({epoch for epoch, _ in (*held_out, *learnt)})
    values = [value for _, value in (*held_out, *learnt)]
    percents = tuple((value, format_whole(value)) for value in (0, 25, 50, 75, 100))
    y = Axis(title, 0.0, 100.0, percents) if kind == "accuracy" else _axis_of(title, max(values))
    marks = sorted({epochs[round(share * (len(epochs) - 1))] for share in (0, .25, .5, .75, 1)})
    x = Axis(text("report.epoch_axis"), epochs[0], max(epochs[-1], epochs[0] + 1),
             tuple((epoch, format_whole(round(epoch))) for epoch in marks))
    style = "line" if len(epochs) > 1 else "points"
    svg = draw_chart(name, x, y, tuple(s for s in (
        Series(text("report.held_out_curve"), tuple(held_out), "main", style),
        Series(text("report.training_curve"), tuple(learnt), "second", "dashed" if style == "line" else "rings"),
    ) if s.points))
    by_epoch = [dict(held_out), dict(learnt)]
    rows = tuple((Cell(format_whole(round(epoch))), *(Cell(_say_value(at.get(epoch), kind)) for at in by_epoch))
                 for epoch in epochs)
    table = Table(name, (text("report.epoch_axis"), text("report.held_out_curve"), text("report.training_curve")),
                  rows, (0, 1, 2))
    return Chart(name, svg, WIDTH, HEIGHT, text("report.curve_caption"), text("report.table_behind"), table)


def _axis_of(title: str, largest: float) -> Axis:
    """From 0 to the first round value that is not below the largest, labelled in round steps."""
    least = largest / 4 if largest > 0 else 0.25
    power = 10.0 ** np.floor(np.log10(least))
    step = float(next(share * power for share in (1, 2, 2.5, 5, 10) if share * power >= least))
    n_steps = max(int(np.ceil(largest / step)), 1)
    return Axis(title, 0.0, n_steps * step, tuple((at * step, format_float(at * step, ".3g"))
                                                  for at in range(n_steps + 1)))


def _say_value(value: float | None, kind: str) -> str:
    if value is None:
        return "–"
    return say_share(value / 100) if kind == "accuracy" else format_float(value, ".4f")


# ── the recipe ───────────────────────────────────────────────────────────


def recipe_table(record: RunRecord) -> Table:
    """What the run was made with, as names and values."""
    return Table(text("report.settings_caption"), (),
                 tuple((Cell(name, is_soft=True), Cell(value)) for name, value in _recipe(record)))


def _recipe(record: RunRecord) -> list[tuple[str, str]]:
    trained_on = text("text.images", n=record.n_train) if record.n_train else text("report.untrained")
    known = {
        "report.run": record.run, "report.finished": _moment(record.created_at), "report.strategy": record.strategy,
        "report.backbone": record.backbone, "report.seed": str(record.seed), "report.trained_on": trained_on,
        "report.ended": describe_end(record.fit),
        "report.duration": text("report.seconds", seconds=record.seconds), "report.weights": record.weights,
        "report.machine": record.machine, "report.program": f"Catalejo {record.program_version}",
    }
    named_values = [(text(code), value) for code, value in known.items()]
    # tables and long lists are for machines
    fit = {name: value for name, value in record.fit.items() if _is_plain(value)}
    rest = [(str(setting_title("", name)), _say_setting(value))
            for name, value in {**todays_settings(record.settings), **fit}.items()
            if name not in ("backbone", "seed", "stop_reason", "best_epoch", TEMPERATURE)]
    return [(name, value) for name, value in named_values + rest if value]


def _say_setting(value: object) -> str:
    """“yes”, “0.05”, “exact duplicates” …"""
    if isinstance(value, list | tuple):
        return ", ".join(map(_say_setting, value))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return say_value(value) if is_number or value == "" else str(choice_title(value))


def _moment(created_at: str) -> str:
    try:
        return format_moment(datetime.fromisoformat(created_at))
    except ValueError:
        return created_at


def _is_plain(value: object) -> bool:
    """A text or number, or a list of such."""
    parts = value if isinstance(value, list | tuple) else (value,)
    return not any(isinstance(part, Mapping | list | tuple) for part in parts)
