"""The welcome page: what is dropped, chosen or clicked becomes one wish."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from gui.preferences import RecentProject
from gui.welcome.new_project_dialog import NewProjectDialog
from gui.welcome.recent_list import describe_counts
from gui.welcome.welcome_page import WelcomePage

NOW = datetime(2026, 11, 22, 15, 4)


@pytest.fixture
def page(qtbot: QtBot) -> WelcomePage:
    welcome = WelcomePage()
    qtbot.addWidget(welcome)
    welcome.resize(1024, 640)
    welcome.show()
    return welcome


@pytest.fixture
def projects(tmp_path: Path) -> tuple[RecentProject, ...]:
    """One that is there and one that is not."""
    there = tmp_path / "there"
    there.mkdir()
    (there / "catalog.sqlite").touch()
    return (RecentProject("there", there, NOW, 10, 10, 2), RecentProject("gone", tmp_path / "gone", NOW))


def drag(page: WelcomePage, *paths: Path) -> QDragEnterEvent:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    page.data = data  # type: ignore[attr-defined]  # Qt does not own it
    return QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )


def drop(page: WelcomePage, *paths: Path) -> None:
    entering = drag(page, *paths)
    page.dragEnterEvent(entering)
    page.dropEvent(QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, entering.mimeData(), Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    ))


def test_a_dropped_folder_becomes_a_new_project(page: WelcomePage, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(page.new_asked) as asked:
        drop(page, tmp_path)
    assert asked.args == [tmp_path]


def test_a_dropped_project_is_opened(
    page: WelcomePage, qtbot: QtBot, projects: tuple[RecentProject, ...]
) -> None:
    with qtbot.waitSignal(page.open_asked) as asked:
        drop(page, projects[0].folder)
    assert asked.args == [projects[0].folder]


def test_what_is_not_one_folder_is_not_taken(page: WelcomePage, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for paths in ((tmp_path / "file",), (tmp_path, tmp_path), ()):
        with qtbot.assertNotEmitted(page.new_asked), qtbot.assertNotEmitted(page.open_asked):
            drop(page, *paths)


def test_the_target_is_marked_while_something_is_over_it(page: WelcomePage, tmp_path: Path) -> None:
    page.dragEnterEvent(drag(page, tmp_path))
    assert page._drop.property("target") == "true"
    page.dragLeaveEvent(None)  # type: ignore[arg-type]
    assert page._drop.property("target") == "false"


def test_buttons_ask_for_a_folder_and_pass_it_on(
    page: WelcomePage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/some/where")
    buttons = {b.text(): b for b in page.findChildren(QPushButton)}
    for text, signal in (("New from a folder…", page.new_asked), ("Open project…", page.open_asked)):
        with qtbot.waitSignal(signal) as asked:
            buttons[text].click()
        assert asked.args == [Path("/some/where")]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    with qtbot.assertNotEmitted(page.new_asked):
        buttons["New from a folder…"].click()


def test_without_projects_there_is_a_sentence_and_a_button(page: WelcomePage, qtbot: QtBot) -> None:
    assert not page.recent.isVisible()
    visible = [b for b in page._recent_stack.findChildren(QPushButton) if b.isVisible()]
    with qtbot.waitSignal(page.sample_asked):
        visible[0].click()


def test_a_project_is_opened_by_click_and_by_key(
    page: WelcomePage, qtbot: QtBot, projects: tuple[RecentProject, ...]
) -> None:
    page.show_recent(projects)
    place = page.recent.visualItemRect(page.recent.item(0)).center()
    with qtbot.waitSignal(page.open_asked) as asked:
        qtbot.mouseClick(page.recent.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == [projects[0].folder]
    with qtbot.waitSignal(page.open_asked):
        qtbot.keyClick(page.recent, Qt.Key.Key_Return)


def test_a_missing_project_is_told_not_opened_and_can_be_removed(
    page: WelcomePage, qtbot: QtBot, projects: tuple[RecentProject, ...]
) -> None:
    page.show_recent(projects)
    gone = page.recent.item(1)
    assert "not found" in gone.data(Qt.ItemDataRole.AccessibleTextRole)
    page.recent.setCurrentItem(gone)
    with qtbot.assertNotEmitted(page.open_asked):
        qtbot.keyClick(page.recent, Qt.Key.Key_Return)
    with qtbot.waitSignal(page.recent.forget_asked) as asked:
        qtbot.keyClick(page.recent, Qt.Key.Key_Delete)
    assert asked.args == [projects[1].folder]


def test_the_menu_of_a_row_removes_it(
    page: WelcomePage, qtbot: QtBot, projects: tuple[RecentProject, ...]
) -> None:
    page.show_recent(projects)
    page.recent.customContextMenuRequested.emit(page.recent.visualItemRect(page.recent.item(0)).center())
    menu = page.recent.findChild(QMenu)
    assert menu is not None
    with qtbot.waitSignal(page.recent.forget_asked):
        menu.actions()[0].trigger()
    menu.close()


def test_rows_paint_with_names_of_any_length(
    page: WelcomePage, projects: tuple[RecentProject, ...]
) -> None:
    page.show_recent((*projects, RecentProject("long " * 100, Path("/" + "deep/" * 100), NOW)))
    empty = WelcomePage()
    assert page.recent.viewport().grab().toImage() != empty.recent.viewport().grab().toImage()
    empty.deleteLater()


def test_counts_and_days_are_told_in_words() -> None:
    project = RecentProject("x", Path("/x"), NOW, 1540, 741, 2)
    assert describe_counts(project) == "1,540 images · 2 classes · 741 labelled"
    assert describe_counts(RecentProject("x", Path("/x"), NOW, 1, 1, 1)) == "1 image · 1 class · all labelled"


def test_a_folder_whose_name_ends_with_a_space_can_be_chosen(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "square ").mkdir()
    dialog = NewProjectDialog(tmp_path / "square ")
    qtbot.addWidget(dialog)
    assert dialog.images == tmp_path / "square " and dialog._make.isEnabled()
    dialog._images.setText("x" * 3000)
    assert not dialog._make.isEnabled() and dialog._problem.text()
    dialog._images.setText(f"  {tmp_path}  ")
    assert dialog.images == tmp_path and dialog._make.isEnabled()


def test_a_folder_with_leftovers_of_a_killed_making_is_free(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    place = tmp_path / "p.catalejo"
    place.mkdir()
    for name in ("catalog.lock", "catalog.sqlite.new", "catalog.sqlite.new-journal"):
        (place / name).touch()
    dialog = NewProjectDialog(tmp_path / "pictures")
    qtbot.addWidget(dialog)
    dialog._project.setText(str(place))
    assert dialog._make.isEnabled()
    (place / "thesis.txt").touch()
    dialog._project.setText(str(place) + " ")
    assert not dialog._make.isEnabled()
