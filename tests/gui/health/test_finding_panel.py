"""One finding in words: nothing lies over anything else, however little room there is."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.checks.check import Finding
from core.text import Message
from gui.health.findings import FindingPanel
from gui.health.remedies import Remedy


def test_buttons_in_two_rows_and_a_long_note_do_not_overlap(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    panel, column = FindingPanel(), QVBoxLayout(host)
    column.addWidget(panel)
    column.addWidget(QWidget(), 1)
    host.resize(420, 240)
    host.show()
    remedies = [Remedy(f"act{i}", title, lambda: None, "") for i, title in enumerate(
        ("Take the suggestion", "I am sure", "Later", "Accept with a reason…"))]
    finding = Finding(
        "k", "label_issues", "label error", 0.5, Message("Label issues"), Message("word " * 40), Message("19"))
    panel.show_finding(finding, remedies)
    panel.show_note("a long name of a class " * 12)
    qtbot.waitUntil(lambda: panel.note.geometry().top() > max(
        button.geometry().bottom() for button in panel.buttons.values()))
