"""What the window shows is the open project as it is: questions end with theirs, lists and classes follow."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from core.errors import StorageError
from core.project.classes import list_classes
from core.project.project import Project
from core.text import Message as Said
from core.workflow import history
from gui.messages import Message
from gui.pages import PageContext
from gui.widgets.browser import ImageBrowser
from gui.widgets.mixed_parts import MixedPartsBox
from gui.widgets.visible_browser import visible_browser


def browser(context: PageContext) -> ImageBrowser:
    found = visible_browser(context.window)
    assert found is not None
    return found


def test_a_question_of_one_project_ends_with_it(context: PageContext, two_projects: tuple[Path, Path]) -> None:
    context.window.open_asked.emit(two_projects[0])
    browser(context).selection.select_ids(browser(context).listing.ids)
    browser(context).unlabel()
    box = context.window.findChild(MixedPartsBox)
    assert box is not None and box.isVisible()
    context.window.open_asked.emit(two_projects[1])
    assert not box.isVisible() and context.session.counts.n_labelled == 8


def test_choosing_the_open_project_shows_it_without_a_word(
    context: PageContext, two_projects: tuple[Path, Path], messages: list[Message]
) -> None:
    context.window.open_asked.emit(two_projects[0])
    project = context.session.project
    context.window.go_to("train")
    context.window.open_asked.emit(two_projects[0])
    assert context.session.project is project and not messages
    assert context.window.workbench.current_page == "library"


def test_all_stay_selected_when_the_list_is_read_again(context: PageContext, two_projects: tuple[Path, Path]) -> None:
    context.window.open_asked.emit(two_projects[0])
    context.window.actions_table.do("image.select_all")
    assert len(browser(context).selection.selected_ids()) == 11
    context.session.images_were_changed()
    QApplication.processEvents()
    assert len(browser(context).selection.selected_ids()) == 11


def test_a_jump_that_fails_on_its_way_shows_how_far_it_came(
    context: PageContext, two_projects: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    context.window.open_asked.emit(two_projects[0])
    session, travel, n_travelled = context.session, history.travel, count(1)
    start = history.list_history(session.project)[0].entry.id
    session.rename_class(session.classes[0].id, "other")
    session.add_class("new")

    def fail_second(project: Project, *, is_undo: bool) -> Said | None:
        if next(n_travelled) == 2:
            raise StorageError("files.disk_full")
        return travel(project, is_undo=is_undo)

    monkeypatch.setattr(history, "travel", fail_second)
    with pytest.raises(StorageError):
        session.jump(history.plan_jump(session.project, start))
    assert session.classes == list_classes(session.project) and len(session.classes) == 2
