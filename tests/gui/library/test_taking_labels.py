"""Labels from a table in the window: what is unclear is asked, what is left out is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from core.project.backups import list_contents
from core.project.label_tables.rows import ColumnsUnclear, Grid
from core.project.project import Project
from gui.library import taking_labels
from gui.library.taking_labels import ColumnsDialog, take_labels
from gui.messages import Message, Tone
from gui.session import Session
from tests.conftest import write_class_folder
from tests.project_acts import import_folder

SHAPES = "image,colour,shape\n" + "".join(f"red_{i},c{i % 2},s{i // 2}\n" for i in range(4))


@pytest.fixture
def session(tmp_path: Path, qapp: object) -> Iterator[Session]:
    """Four training images and four test images of the same names, of which training has one more."""
    write_class_folder(tmp_path / "train", "red", 5)
    write_class_folder(tmp_path / "test", "red", 4, first_seed=9)
    project = Project.create(tmp_path / "p.catalejo")
    import_folder(project, tmp_path / "train")
    import_folder(project, tmp_path / "test", split="test", with_labels=False)
    session = Session()
    session.adopt(project)
    yield session
    session.close()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def labels(session: Session, split: str) -> dict[str, str]:
    sql = "SELECT i.name, c.name FROM image i JOIN class c ON c.id = i.class_id WHERE i.split = ?"
    return dict(session.project.catalog.rows(sql, (split,)))


def test_columns_and_part_are_asked_where_they_are_unclear(
    session: Session, window: QWidget, tmp_path: Path, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def choose(dialog: ColumnsDialog) -> int:
        asked.append(dialog.columns)
        dialog.label.setCurrentIndex(2)
        dialog.take.click()
        return dialog.result()

    monkeypatch.setattr(ColumnsDialog, "exec", choose)
    monkeypatch.setattr(taking_labels, "ask_split", lambda *said: asked.append(said[2]) or "test")
    (tmp_path / "t.csv").write_text(SHAPES)
    take_labels(session, tmp_path / "t.csv", window)
    assert asked[0] == (0, 1) and "match all test images" in str(asked[1])
    assert labels(session, "test") == {f"red_{i}.png": f"s{i // 2}" for i in range(4)}
    assert not labels(session, "train")
    assert "4 test images labelled" in messages[-1].sentence and "Ctrl+Z" in messages[-1].hint


def test_who_does_not_choose_changes_nothing(
    session: Session, window: QWidget, tmp_path: Path, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ColumnsDialog, "exec", lambda dialog: dialog.reject() or dialog.result())
    (tmp_path / "t.csv").write_text(SHAPES)
    take_labels(session, tmp_path / "t.csv", window)
    assert messages[-1].tone is Tone.WRONG and "unclear" in messages[-1].sentence
    monkeypatch.setattr(QMessageBox, "exec", lambda box: 0)
    (tmp_path / "t.csv").write_text(SHAPES.replace("colour", "note").replace("c0", "x"))
    monkeypatch.setattr(ColumnsDialog, "exec", lambda dialog: dialog.accept() or dialog.result())
    take_labels(session, tmp_path / "t.csv", window)
    assert "match all test images" in messages[-1].sentence
    assert labels(session, "train") == labels(session, "test") == {}


def test_rows_that_are_left_out_are_said(
    session: Session, window: QWidget, tmp_path: Path, messages: list[Message]
) -> None:
    (tmp_path / "t.csv").write_text("path,label\nred_4.png,1\nnothing.png,1\nred_4.png,\n")
    take_labels(session, tmp_path / "t.csv", window)
    said = messages[-1].sentence
    assert "1 training image labelled" in said and "1 row not found in the project (nothing.png)" in said
    assert "1 row left out because it has no label (red_4.png)" in said and messages[-1].tone is Tone.DOUBT


def test_a_table_leaves_a_copy_of_the_catalog_with_its_labels(
    session: Session, window: QWidget, tmp_path: Path, messages: list[Message]
) -> None:
    (tmp_path / "l.csv").write_text("image,label\nred_4.png,crimson\n")
    take_labels(session, tmp_path / "l.csv", window)
    assert "crimson" in labels(session, "train").values(), messages
    assert list_contents(session.project.folder)[0].n_labels == session.counts.n_labelled


def test_the_dialog_begins_with_the_likeliest_columns(window: QWidget) -> None:
    grid = Grid((("n", "file", "kind", "breed"), ("1", "a.jpg", "x")), has_titles=True)
    dialog = ColumnsDialog(ColumnsUnclear("What is what?", grid, hint="Choose."), window)
    assert dialog.columns == (1, 2) and dialog.take.isEnabled() and dialog.table.rowCount() == 1
    dialog.label.setCurrentIndex(1)
    assert not dialog.take.isEnabled(), "the same column twice"
    grid = Grid((("1", "a.jpg"), ("2", "b.jpg", "x")))
    dialog = ColumnsDialog(ColumnsUnclear("What is what?", grid, hint="Choose."), window)
    assert dialog.columns == (0, 1) and dialog.image.itemText(2) == "Column 3" and dialog.table.rowCount() == 2
