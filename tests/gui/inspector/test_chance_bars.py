"""Bars and their words."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from core.text.numbers import format_confidence, format_size
from gui.inspector.prediction_sections import BAR_PX, Bar, ChanceBars
from gui.inspector.file_sections import date_text
from gui.widgets.class_style import ClassStyle


@pytest.mark.parametrize(("p", "text"), [
    (0.0, "0.00"), (0.004, "<0.01"), (0.005, "0.01"), (0.42, "0.42"), (0.994, "0.99"), (0.9999, ">0.99"),
    (1.0, "1.00"),
])
def test_figures_are_never_rounded_to_certainty(p: float, text: str) -> None:
    assert format_confidence(p) == text


def test_bars_are_as_long_as_their_share(qtbot: QtBot) -> None:
    widget = ChanceBars()
    qtbot.addWidget(widget)
    pistol, phone = ClassStyle(1, "pistol", "#0072B2", "■"), ClassStyle(2, "phone", "#E69F00", "◆")
    widget.show_bars([Bar(pistol, 0.75), Bar(phone, 0.25)])
    widget.resize(200, widget.sizeHint().height())
    picture = widget.grab().toImage()
    y = widget.fontMetrics().height() + 1 + BAR_PX // 2
    blue = QColor("#0072B2").rgb()
    assert picture.pixel(10, y) == blue and picture.pixel(145, y) == blue and picture.pixel(155, y) != blue
    assert widget.accessibleName() == "pistol 0.7500; phone 0.2500"


def test_sizes_and_dates_are_in_words() -> None:
    assert format_size(84_000).replace("\u202f", " ") in ("84 kB", "84.0 kB")
    assert date_text(0) == "" and "2024" in date_text(1_714_980_000_000_000_000)
