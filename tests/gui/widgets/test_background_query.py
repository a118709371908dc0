"""In a large project the catalog is asked in a thread; what is shown in the end is the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QStackedWidget
from pytestqt.qtbot import QtBot

from core.errors import StorageError
from core.project.queries import ImageFilter, image_ids
from gui.widgets import listing, visible_browser
from gui.widgets.browser import ImageBrowser
from gui.widgets.image_query import ImageQuery
from gui.widgets.thumbnails import ThumbnailCache
from gui.messages import Message
from gui.session import Session


@pytest.fixture
def browser(
    session: Session, thumbnails: ThumbnailCache, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> Iterator[ImageBrowser]:
    """For which twenty pictures are many; it has been answered once."""
    monkeypatch.setattr(listing, "LARGE", 0)
    widget = ImageBrowser(session, thumbnails)
    qtbot.addWidget(widget)
    widget.show()
    wait_for_answer(widget, qtbot)
    yield widget
    widget.end()


def wait_for_answer(browser: ImageBrowser, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not browser.listing.is_asking, timeout=20_000)


def test_the_ids_follow_in_the_order_that_was_asked_last(
    browser: ImageBrowser, session: Session, qtbot: QtBot
) -> None:
    all_ids = image_ids(session.project, ImageFilter(status=None))
    assert np.array_equal(browser.model.ids, all_ids)
    told: list[int] = []
    browser.listing.changed.connect(lambda: told.append(len(browser.listing.ids)))
    browser.show_query(ImageQuery({"class_ids": (1,)}))
    browser.show_query(ImageQuery({"class_ids": (2,)}, "bytes", True))
    assert np.array_equal(browser.model.ids, all_ids), "the old list stays until there is a new one"
    wait_for_answer(browser, qtbot)
    wanted = image_ids(session.project, ImageFilter(class_ids=(2,)), order="bytes", is_descending=True)
    assert np.array_equal(browser.model.ids, wanted) and told == [10], "the first question is not answered"


def test_a_project_that_opens_is_not_called_empty(
    browser: ImageBrowser, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = session.project.folder
    session.close()
    stack = browser.findChild(QStackedWidget)
    assert stack is not None and browser.model.rowCount() == 0 and stack.currentWidget() is not browser.grid
    session.open(folder)
    assert browser.model.rowCount() == 0 and stack.currentWidget() is browser.grid
    wait_for_answer(browser, qtbot)
    assert browser.model.rowCount() == 21 and browser.selection.current_id() is not None


def test_an_answer_for_a_project_that_was_closed_is_dropped(
    browser: ImageBrowser, session: Session, qtbot: QtBot
) -> None:
    browser.show_query(ImageQuery({"class_ids": (1,)}))
    session.close()
    qtbot.wait(1)
    assert not browser.listing.is_asking and browser.model.rowCount() == 0


def test_what_waits_for_the_list_happens_once_it_is_there(
    browser: ImageBrowser, session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    browser.show_query(ImageQuery({"class_ids": (1,)}))
    wait_for_answer(browser, qtbot)
    red = int(image_ids(session.project, ImageFilter(class_ids=(2,)))[3])
    monkeypatch.setattr(visible_browser, "visible_browser", lambda _: browser)
    visible_browser.show_image(browser, red)  # type: ignore[arg-type]  # needs no window here
    assert not browser.is_loupe_open
    wait_for_answer(browser, qtbot)
    assert browser.is_loupe_open and browser.selection.current_id() == red
    browser.refresh()
    wait_for_answer(browser, qtbot)
    assert browser.selection.current_id() == red


def test_a_foreseen_error_is_told(
    browser: ImageBrowser, monkeypatch: pytest.MonkeyPatch, messages: list[Message], qtbot: QtBot
) -> None:
    def fail(*_: object, **__: object) -> np.ndarray:
        raise StorageError("The disk failed.", "Check the disk.")

    monkeypatch.setattr(listing, "image_ids", fail)
    browser.refresh()
    wait_for_answer(browser, qtbot)
    assert [m.sentence for m in messages] == ["The disk failed."] and browser.model.rowCount() == 0
