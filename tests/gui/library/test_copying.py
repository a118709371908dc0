"""Paths of selected images are copied: of a few with the files, of many as text without holding up the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_paths
from core.text import text
from gui.library.copying import PathCopier
from gui.messages import Message
from gui.session import Session
from gui.widgets import file_drag


@pytest.fixture
def copier(session: Session) -> Iterator[PathCopier]:
    made = PathCopier(session, session)
    yield made
    made.end()


def copied() -> tuple[list[str], list[Path]]:
    """Lines of text, and files."""
    data: QMimeData = QGuiApplication.clipboard().mimeData()
    return data.text().split("\n"), [Path(url.toLocalFile()) for url in data.urls()]


def test_of_a_few_the_files_are_copied_too(copier: PathCopier, session: Session, messages: list[Message]) -> None:
    ids = image_ids(session.project, ImageFilter())[::-1][:3]
    copier.copy(ids)
    paths = image_paths(session.project, ids)
    assert copied() == ([str(path) for path in paths], paths) and len(set(paths)) == 3
    assert messages[-1].sentence == text("window_library.paths_copied", n=3) and not messages[-1].hint


def test_of_many_the_text_is_copied_and_that_is_said(
    copier: PathCopier, session: Session, messages: list[Message], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(file_drag, "MOST_DRAGGED", 2)
    QGuiApplication.clipboard().setText("before")
    ids = image_ids(session.project, ImageFilter())[:3]
    copier.copy(ids)
    assert copied()[0] == ["before"] and not messages, "the window does not wait"
    qtbot.waitUntil(lambda: bool(messages))
    lines, files = copied()
    assert lines == [str(path) for path in image_paths(session.project, ids)]
    assert not [file for file in files if file.is_file()], "and no part of the files without a word"
    assert messages[-1].hint == text("window_library.copied_as_text", most=2)


def test_the_images_of_a_project_that_was_closed_are_not_copied(
    copier: PathCopier, session: Session, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_drag, "MOST_DRAGGED", 0)
    copier.copy(image_ids(session.project, ImageFilter()))
    session.close()
    assert not copier._query.is_waiting and not messages
