"""The window of the guide: opened by key and from each page, searched, walked through and read in any size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from core.text import text
from gui import theme
from gui.furnish import furnish
from gui.help.guide import START, TOPIC_OF_PAGE, sections_of
from gui.help.guide_window import GuideWindow, open_guide
from gui.language import speak
from gui.main_window import MainWindow
from gui.preferences import Preferences
from gui.session import Session
from tests.gui.conftest import RunnerNow


@pytest.fixture
def window(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, session: Session
) -> Iterator[MainWindow]:
    window = MainWindow(preferences, runner_now)
    context = furnish(window, runner_now, preferences)
    folder = session.project.folder
    session.close()
    window.show()
    context.session.open(folder)
    yield window
    speak("en")
    window.close()
    window.deleteLater()


def shown_topic(guide: GuideWindow) -> str:
    return guide.view.source().fileName().removesuffix(".md")


def guide_of(window: MainWindow) -> GuideWindow:
    guide = window.findChild(GuideWindow)
    assert guide is not None and guide.isVisible()
    return guide


def test_f1_opens_the_guide_and_its_place_is_kept(window: MainWindow) -> None:
    assert window.actions_table.qt_action("help.guide").shortcut().toString() == "F1"
    window.actions_table.do("help.guide")
    guide = guide_of(window)
    assert shown_topic(guide) == START and "Catalejo" in guide.view.toPlainText()
    guide.show_topic("glossary")
    guide.close()
    window.actions_table.do("help.guide")
    assert guide_of(window) is guide and shown_topic(guide) == "glossary"


def test_each_page_opens_what_the_guide_says_of_it(window: MainWindow) -> None:
    assert [page.name for page in window.workbench.pages] == list(TOPIC_OF_PAGE)
    button = next(b for b in window.workbench.findChildren(QToolButton) if b.accessibleName() == "What is this page?")
    for page in window.workbench.pages:
        window.go_to(page.name)
        button.click()
        assert shown_topic(guide_of(window)) == TOPIC_OF_PAGE[page.name]


def test_links_lead_to_sections_and_back(window: MainWindow) -> None:
    guide = open_guide(window)
    guide.show_topic("review", "the-confusion-matrix")
    QApplication.processEvents()
    assert guide.view.verticalScrollBar().value() > 0, "the section, not the top of the page"
    guide.view.backward()
    assert shown_topic(guide) == START
    guide.view.forward()
    assert shown_topic(guide) == "review"


def test_search_shows_sections_and_enter_the_first(window: MainWindow) -> None:
    guide = open_guide(window)
    n_pages = guide.contents.topLevelItemCount()
    guide.search.setText("confusion matrix row")
    assert 0 < guide.contents.topLevelItemCount() < n_pages
    guide.search.returnPressed.emit()
    assert shown_topic(guide) == "review"
    guide.search.setText("qwertz")
    assert guide.contents.topLevelItemCount() == 0
    guide.search.clear()
    assert guide.contents.topLevelItemCount() == n_pages


def test_the_guide_follows_language_and_theme(window: MainWindow) -> None:
    assert "Labelling" in open_guide(window, "labelling").view.toPlainText()
    theme.current().choose("dark")
    window.choose_language("es")
    guide = open_guide(window, "labelling")
    assert guide.language == "es" and "Etiquetar" in guide.view.toPlainText()
    assert len(window.findChildren(GuideWindow)) == 1


def test_the_wheel_with_ctrl_changes_the_size_of_the_text(window: MainWindow) -> None:
    view = open_guide(window).view
    before = view.font().pointSizeF()
    centre = QPointF(view.viewport().rect().center())
    QApplication.sendEvent(view.viewport(), QWheelEvent(
        centre, centre, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase, False))
    assert view.font().pointSizeF() > before


def test_no_picture_is_wider_than_the_view(window: MainWindow) -> None:
    guide = open_guide(window, "review")
    guide.resize(700, 600)
    QApplication.processEvents()
    guide.view._fit()
    assert guide.view.document().idealWidth() <= guide.view.viewport().width() + 1


@pytest.mark.parametrize("is_shown", [True, False])
def test_an_open_guide_speaks_the_language_that_is_chosen(window: MainWindow, is_shown: bool) -> None:
    guide = open_guide(window)
    guide.show_topic("review", "the-confusion-matrix")
    guide.setVisible(is_shown)
    window.choose_language("es")
    (again,) = window.findChildren(GuideWindow)
    assert again.isVisible() == is_shown and again.windowTitle() == text("window_help.guide")
    assert again.view.source().path().endswith("/es/review.md")
    assert again.view.source().fragment() == "la-matriz-de-confusión"
    assert again.contents.topLevelItem(0).text(0) == sections_of("es", START)[0].title
    window.choose_language("en")
    assert window.findChildren(GuideWindow)[0].view.source().fragment() == "the-confusion-matrix"
