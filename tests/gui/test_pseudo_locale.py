"""No raw English in the window: with the pseudo-locale every word of ours stands in disguise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QAbstractTableModel, QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton, QAbstractItemView, QComboBox, QGroupBox, QLabel, QLineEdit, QSpinBox, QTabWidget, QWidget,
)
from pytestqt.qtbot import QtBot

from core.imagenet.tree import imagenet_names
from core.text.language import PSEUDO
from gui.about import AboutDialog
from gui.furnish import furnish
from gui.language import speak
from gui.main_window import MainWindow
from gui.pages import PageContext
from gui.palette.command_palette import CommandPalette, KeysOverview
from gui.preferences import Preferences
from gui.preferences_dialog import PreferencesDialog
from gui.welcome.new_project_dialog import NewProjectDialog
from gui.widgets.labels import ElidedLabel
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow

NOT_OURS = re.compile(
    r"Catalejo|Python|Qt|PySide|EfficientNet|MobileNet|ResNet|ConvNeXt|ImageNet|LeNet|VGG|English|Español|wvk|xqz|zzt"
    r"|red_\d+|blue_\d+|png|PNG|catalejo|/\S+|Linux\S*|LGPL\S*|efficientnet\S*|mobilenet\S*|MB|kB|px|GPU|CPU|JPEG"
    r"|Ctrl|Shift|Alt|Return|Backspace|Space|Tab|Del|Esc|Home|End|PgUp|PgDown|Up|Down|Left|Right|F\d+"
    r"|\d+ ?s\b|\d+ ?min\b|\d+ ?h\b")
"""Names, units and keys, which every language writes alike."""

IMAGENET_READING = re.compile(
    "(" + "|".join(re.escape(name) for name in sorted(imagenet_names(), key=len, reverse=True)) + r") \d+\s?%")

RAW = re.compile(r"[A-Za-z]{3,}")

LEFT_OVER: frozenset[str] = frozenset()
"""English that is still there; must be empty."""


@pytest.fixture
def context(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, tmp_path: Path
) -> Iterator[PageContext]:
    speak(PSEUDO)
    write_class_folder(tmp_path / "wvk" / "xqz", "red", 4)
    write_class_folder(tmp_path / "wvk" / "zzt", "blue", 4, first_seed=50)
    window = MainWindow(preferences, runner_now)
    context = furnish(window, runner_now, preferences)
    window.resize(1280, 800)
    window.show()
    context.jobs.new_project(tmp_path / "wvk.catalejo", tmp_path / "wvk")
    runner_now.run_all()
    yield context
    speak("en")
    window.close()
    window.deleteLater()


def raw_words(text: str) -> bool:
    """Whether something of a shown text did not go through the catalogues."""
    outside = re.sub(r"⟦[^⟧]*⟧", " ", text)
    if " %" in outside or "\xa0%" in outside:  # an ImageNet reading: names of classes, which are data
        outside = IMAGENET_READING.sub(" ", outside)
    return RAW.search(NOT_OURS.sub(" ", re.sub(r"<[^>]+>", " ", outside))) is not None


def said_by(widget: QWidget) -> Iterator[str]:
    """Every text that a widget shows or tells a screen reader."""
    yield from (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription(), widget.statusTip())
    if widget.isWindow():
        yield widget.windowTitle()
    if isinstance(widget, (QLabel, QAbstractButton)):
        yield widget.text()
    elif isinstance(widget, ElidedLabel):
        yield widget.text
    elif isinstance(widget, QLineEdit):
        yield widget.placeholderText()
    elif isinstance(widget, QGroupBox):
        yield widget.title()
    elif isinstance(widget, QComboBox):
        yield from (widget.itemText(i) for i in range(widget.count()))
    elif isinstance(widget, QSpinBox):
        yield from (widget.specialValueText(), widget.suffix(), widget.prefix())
    elif isinstance(widget, QTabWidget):
        yield from (widget.tabText(i) for i in range(widget.count()))
    elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from said_by_model(widget.model())


def said_by_model(model: QAbstractItemModel, parent: QModelIndex = QModelIndex()) -> Iterator[str]:
    n_columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)
    for column in range(n_columns):
        yield str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        for row in range(model.rowCount(parent)):
            index = model.index(row, column, parent)
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole,
                         Qt.ItemDataRole.AccessibleTextRole):
                value = index.data(role)
                yield value if isinstance(value, str) else ""
            if not isinstance(model, QAbstractListModel | QAbstractTableModel) and model.hasChildren(index):
                yield from said_by_model(model, index)


def find_raw(root: QWidget, where: str) -> list[str]:
    widgets = [root, *root.findChildren(QWidget)]
    texts: Iterable[str] = (text for widget in widgets for text in said_by(widget))
    titles = (action.text() for action in root.findChildren(QAction))
    return sorted({f"{where}: {text}" for text in (*texts, *titles) if text and raw_words(text)})


def test_pages_panels_and_menus_speak_through_the_catalogues(context: PageContext, runner_now: RunnerNow) -> None:
    window, found = context.window, []
    for page in window.workbench.pages:
        window.go_to(page.name)
        runner_now.run_all()
        found += find_raw(window, page.name)
    window.show_welcome()
    found += find_raw(window, "welcome")
    acts = [f"act {a.name}: {a.shown_title}" for a in window.actions_table.all() if raw_words(a.shown_title)]
    assert [words for words in dict.fromkeys([*acts, *found]) if words not in LEFT_OVER] == []


def test_dialogs_speak_through_the_catalogues(context: PageContext, qtbot: QtBot, tmp_path: Path) -> None:
    window, table = context.window, context.window.actions_table
    dialogs = [
        PreferencesDialog(context.preferences, table.declared(), {}, window), KeysOverview(table.all(), window),
        CommandPalette(table, window), NewProjectDialog(tmp_path / "wvk", window),
    ]
    about = AboutDialog(tmp_path / "wvk.log", window)
    found = [words for dialog in dialogs for words in find_raw(dialog, type(dialog).__name__)]
    found += [f"About: {name}" for name in about.rows if raw_words(name)]
    for dialog in (*dialogs, about):
        qtbot.addWidget(dialog)
    assert [words for words in found if words not in LEFT_OVER] == []


def test_raw_english_would_be_seen(qtbot: QtBot) -> None:
    label = QLabel("Delete run")
    qtbot.addWidget(label)
    assert find_raw(label, "here") == ["here: Delete run"]
    assert not raw_words("⟦Délété rúñ⟧ wvk 97.5 %")
