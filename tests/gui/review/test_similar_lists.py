"""Similar images, contributions and ImageNet readings as lists of the window: from what, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_row
from core.text import text
from core.workflow.mistake_readings import MistakeReadings, ReadingLine, ReadingsOfClass
from gui.furnish import furnish
from gui.main_window import MainWindow
from gui.messages import Message
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.review.readings_panel import NAME, RIGHT, WRONG, ReadingsPanel
from gui.review.review_page import ReviewPage
from gui.widgets.browser import ImageBrowser
from gui.widgets.browser_view import BrowserView
from gui.widgets.visible_browser import visible_browser
from tests.gui.conftest import RunnerNow


@pytest.fixture
def whole(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, project_folder: Path
) -> Iterator[PageContext]:
    window = MainWindow(preferences, runner_now)
    qtbot.addWidget(window)
    made = furnish(window, runner_now, preferences)
    window.resize(1300, 900)
    window.show()
    window.open_asked.emit(project_folder)
    runner_now.run_all()
    yield made
    for browser in window.findChildren(ImageBrowser):
        browser.end()
    window.close()


def browser_of(whole: PageContext) -> ImageBrowser:
    found = visible_browser(whole.window)
    assert found is not None
    return found


def act(whole: PageContext, runner: RunnerNow, name: str) -> ImageBrowser:
    whole.window.actions_table.do(name)
    runner.run_all()
    return browser_of(whole)


def mistake(whole: PageContext) -> int:
    run = whole.session.run
    assert run is not None
    which = ImageFilter(run_id=run.id, is_mistake=True)
    return int(image_ids(whole.session.project, which, order="loss", is_descending=True)[0])


def test_a_list_has_the_image_first_then_the_others_by_similarity(whole: PageContext, runner_now: RunnerNow) -> None:
    browser = browser_of(whole)
    asked = int(browser.model.ids[3])
    browser.selection.set_current_row(3)
    browser.open_loupe()
    browser = act(whole, runner_now, "image.similar")
    tiles = browser.model.tiles(0, browser.model.rowCount() - 1)
    assert not browser.is_loupe_open and browser.selection.current_id() == asked
    assert tiles[0].id == asked and tiles[0].note == text("widgets.note_asked")
    assert len(tiles) == whole.session.counts.n_ok
    shown = [float(tile.note) for tile in tiles[1:]]
    assert shown == sorted(shown, reverse=True)
    assert browser.listing.own_order == text("window_library.by_similarity")
    assert [chip.text for chip in browser.listing_bar.chips()] == [
        text("window_library.like_images", n=1, name=image_row(whole.session.project, asked).path.name)]


def test_another_order_and_another_filter_end_the_list(whole: PageContext, runner_now: RunnerNow) -> None:
    browser = act(whole, runner_now, "image.similar")
    ranked = browser.listing.ids.tolist()
    kept = BrowserView.of(browser)
    browser.listing.sort("name")
    assert browser.listing.own_order == "" and browser.listing.ids.tolist() != ranked
    assert browser.model.tile(0).note, "the notes stay as long as the list does"
    browser.show_all()
    assert browser.listing.ranking is None and browser.model.tile(0).note == ""
    kept.restore(browser)
    assert browser.listing.ids.tolist() == ranked and browser.listing.own_order


def test_a_label_given_in_the_list_stays_in_it(whole: PageContext, runner_now: RunnerNow) -> None:
    browser = act(whole, runner_now, "image.similar")
    before = browser.listing.ids.tolist()
    browser.selection.set_current_row(1)
    browser.label(2)
    assert image_row(whole.session.project, before[1]).class_id == 2
    browser.refresh()
    assert browser.listing.ids.tolist() == before


def test_the_clipboard_a_dropped_file_and_an_empty_clipboard(
    whole: PageContext, runner_now: RunnerNow, messages: list[Message], tmp_path: Path
) -> None:
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    clipboard, n_images = QGuiApplication.clipboard(), whole.session.counts.n_images
    clipboard.setImage(picture)
    browser = act(whole, runner_now, "image.similar_pasted")
    assert browser.listing.which.image_ids and "red" in browser.model.tile(0).label
    [chip] = browser.listing_bar.chips()
    assert chip.text == text("window_library.like_pasted")
    browser.show_all()
    file = tmp_path / "outside.png"
    picture.save(str(file))
    clipboard.setText(str(file))
    assert act(whole, runner_now, "image.similar_pasted").listing.which.image_ids
    browser.show_all()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    at = (mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entered = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, *at)
    QGuiApplication.sendEvent(whole.window.workbench, entered)
    assert entered.isAccepted()
    QGuiApplication.sendEvent(whole.window.workbench, QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, *at))
    runner_now.run_all()
    assert browser_of(whole).listing.which.image_ids and whole.session.counts.n_images == n_images
    clipboard.setText("no path")
    act(whole, runner_now, "image.similar_pasted")
    assert messages[-1].sentence == text("window_library.no_picture")


def test_without_any_embedding_it_offers_to_compute_them(
    whole: PageContext, runner_now: RunnerNow, qtbot: QtBot
) -> None:
    for path in whole.session.project.embeddings_path.rglob("*"):
        if path.is_file():
            path.unlink()
    act(whole, runner_now, "image.similar")
    [box] = whole.window.findChildren(QMessageBox)
    box.findChild(type(box.buttons()[0]), "embed").click()
    runner_now.run_all()
    assert browser_of(whole).listing.which.image_ids


def test_what_pulls_a_mistake_is_a_list_to_relabel_from(whole: PageContext, runner_now: RunnerNow) -> None:
    asked = mistake(whole)
    browser = browser_of(whole)
    browser.selection.select_ids(np.array([asked]))
    browser = act(whole, runner_now, "image.contributions")
    tiles = browser.model.tiles(0, 3)
    assert tiles[0].id == asked and all("%" in tile.note for tile in tiles[1:])
    assert tiles[1].label == tiles[0].prediction
    assert browser.listing.own_order == text("window_library.by_contribution")


def test_the_readings_of_the_mistakes_lead_to_the_images(whole: PageContext, runner_now: RunnerNow) -> None:
    page = whole.window.workbench.go_to("review")
    assert isinstance(page, ReviewPage)
    page.matrix.fold_asked.emit(True)
    whole.window.actions_table.do("review.readings")
    runner_now.run_all()
    panel = page.matrix.readings
    assert panel.readings is not None and panel.readings.n_wrong == page.facts.confusion.n_wrong  # type: ignore
    top = panel.tree.topLevelItem(0)
    panel.tree.itemClicked.emit(top, NAME)
    assert sorted(page.listing.ids.tolist()) == sorted(panel.readings.classes[0].wrong_ids)


def test_readings_that_are_on_their_way_come_into_a_window_that_was_built_anew(
    whole: PageContext, runner_now: RunnerNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = whole.window.workbench.go_to("review")
    assert isinstance(page, ReviewPage)
    page.matrix.fold_asked.emit(True)
    started: list[str] = []
    start = runner_now.start
    monkeypatch.setattr(
        runner_now, "start",
        lambda title, task, *args, **named: (started.append(task), start(title, task, *args, **named))[1])
    whole.window.actions_table.do("review.readings")
    whole.window.rebuild()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    now = whole.window.workbench.go_to("review")
    assert isinstance(now, ReviewPage) and now is not page
    whole.window.actions_table.do("review.readings")
    runner_now.run_all()
    assert now.matrix.readings.readings is not None and started.count("read-imagenet") == 1


def test_what_is_open_and_current_among_the_readings_stays_while_labels_change(qtbot: QtBot) -> None:
    panel = ReadingsPanel()
    qtbot.addWidget(panel)
    panel.resize(500, 300)
    panel.show()

    def show(n_wrong: int) -> None:
        lines = (ReadingLine("assault rifle", tuple(range(n_wrong)), (50,)), ReadingLine("revolver", (60,), (61,)))
        classes = tuple(ReadingsOfClass(i, f"class {i}", lines) for i in range(40))
        panel.show_readings(MistakeReadings("net", classes, 0), {})

    show(5)
    panel.tree.topLevelItem(0).setExpanded(False)
    panel.tree.topLevelItem(30).setExpanded(True)
    panel.tree.setCurrentItem(panel.tree.topLevelItem(30).child(1))
    panel.tree.scrollToItem(panel.tree.currentItem(), QAbstractItemView.ScrollHint.PositionAtTop)
    at = panel.tree.verticalScrollBar().value()
    filled: list[bool] = []
    panel.filled.connect(lambda: filled.append(True))
    show(4)
    assert not panel.tree.topLevelItem(0).isExpanded() and panel.tree.topLevelItem(30).isExpanded()
    assert panel.tree.currentItem().text(NAME) == "revolver" and panel.tree.verticalScrollBar().value() == at > 0
    assert panel.tree.topLevelItem(30).text(WRONG) == "5" and not filled, "no other room is asked for"


def test_a_line_shows_its_mistakes_or_in_the_other_column_the_right_ones(qtbot: QtBot) -> None:
    panel = ReadingsPanel()
    qtbot.addWidget(panel)
    lines = (ReadingLine("assault rifle", (3, 4), (5,)), ReadingLine("revolver", (), (6, 7)))
    classes = [ReadingsOfClass(i, f"class {i}", lines) for i in range(100)]
    panel.show_readings(MistakeReadings("net", tuple(classes), 2), {})
    assert panel.tree.topLevelItemCount() == 100 and "2" in panel.said.text()
    first, second = (panel.tree.topLevelItem(0).child(i) for i in range(2))
    asked: list[tuple[int, ...]] = []
    panel.images_asked.connect(lambda ids, _: asked.append(ids))
    for item, column in ((first, NAME), (first, RIGHT), (second, NAME)):
        panel.tree.itemClicked.emit(item, column)
    assert asked == [(3, 4), (5,), (6, 7)]
    panel.show_readings(MistakeReadings("net", (), 0), {})
    assert panel.said.text() == text("window_review.readings_none") and panel.tree.isHidden()
