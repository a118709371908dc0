"""What the model says, in little room."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from gui.label.class_buttons import LabelState
from gui.widgets.class_style import ClassStyle
from gui.label.label_bar import SuggestionBar


@pytest.mark.parametrize("width", [360, 420, 900])
def test_a_long_name_gives_way_and_the_figure_stays_in_sight(qtbot: QtBot, width: int) -> None:
    bar = SuggestionBar()
    qtbot.addWidget(bar)
    bar.resize(width, 40)
    bar.show()
    style = ClassStyle(1, "hand guns of every kind/semi-automatic", "#E69F00", "■", "1")
    bar.show_suggestion(style, LabelState(None, 1, 0.97))
    qtbot.waitUntil(lambda: _width(bar) <= bar._words.width(), timeout=20_000)
    said = re.sub("<[^>]*>", "", bar._words.text())
    assert said.endswith(" 0.97") and "…" in said and style.name in bar.text


def _width(bar: SuggestionBar) -> float:
    """Of the words as they are laid out."""
    document = QTextDocument()
    document.setDefaultFont(bar._words.font())
    document.setDocumentMargin(0)
    document.setHtml(bar._words.text())
    return document.idealWidth()
