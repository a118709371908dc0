"""The plan of an import in the window: shown before anything is written, corrected, and carried out as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from core.jobs import JobContext
from core.project.project import Project
from core.workflow.planning import ListInput, list_folders, plan_import
from gui.library.importing import Importing
from gui.library.plan_dialog import CLASSES, FOLDER, USE, PlanDialog
from gui.messages import Message
from gui.session import Session
from gui.session_jobs import SessionJobs
from tests.conftest import draw_picture
from tests.gui.conftest import RunnerNow


def shapes(folder: Path, *parts: str) -> Path:
    for number, part in enumerate(parts):
        (folder / part).mkdir(parents=True, exist_ok=True)
        for i in range(2):
            draw_picture(10 * number + i, "red", (12, 9)).save(folder / part / f"{i}.png")
    return folder


def open_dialog(qtbot: QtBot, folder: Path, **values: bool) -> PlanDialog:
    listed = list_folders(ListInput(folder), JobContext())
    dialog = PlanDialog(lambda wishes: plan_import(None, listed, wishes), **values)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def rows(dialog: PlanDialog) -> dict[str, tuple[str, str]]:
    """Use and classes by folder."""
    return {_text(dialog, i, FOLDER): (_box(dialog, i).currentData(), _text(dialog, i, CLASSES))
            for i in range(dialog.table.rowCount())}


def _text(dialog: PlanDialog, row: int, column: int) -> str:
    item = dialog.table.item(row, column)
    assert item is not None
    return item.text()


def _box(dialog: PlanDialog, row: int) -> QComboBox:
    box = dialog.table.cellWidget(row, USE)
    assert isinstance(box, QComboBox)
    return box


def choose(box: QComboBox, key: str) -> None:
    """As the keyboard does it."""
    box.setFocus()
    while box.currentData() != key:
        before = box.currentIndex()
        QTest.keyClick(box, Qt.Key.Key_Down if box.findData(key) > before else Qt.Key.Key_Up)
        if box.currentIndex() == before:
            raise AssertionError(f"{key} cannot be reached")


def test_parts_are_shown_with_use_and_classes(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = open_dialog(qtbot, shapes(tmp_path, "train/disc", "train/square", "test/disc", "extra/x"))
    assert rows(dialog) == {"train": ("train", "disc (2), square (2)"), "test": ("test", "disc (2)"),
                            "extra": ("skip", "")}
    assert dialog.import_button.text() == "Import 6 images" and dialog.import_button.isDefault()
    assert "taken as splits" in dialog._remarks.text() and "--" not in dialog._remarks.text()
    assert dialog.splits.isVisible() and not dialog.naming.isVisible() and not dialog.follow.isVisible()


def test_a_part_is_used_otherwise_or_left_out(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = open_dialog(qtbot, shapes(tmp_path, "train/disc", "train/square", "test/disc"))
    choose(_box(dialog, 1), "train")
    assert rows(dialog)["test"][0] == "train" and dialog.import_button.text() == "Import 6 images"
    for row in (0, 1):
        choose(_box(dialog, row), "skip")
    assert {use for use, _ in rows(dialog).values()} == {"skip"}
    assert not dialog.import_button.isEnabled() and "left out" in dialog._problem.text()
    choose(_box(dialog, 0), "train")
    assert dialog.import_button.isEnabled()
    assert dialog.plans.layouts[0].options.uses == {"train": "train", "test": "skip"}


def test_classes_are_named_otherwise(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = open_dialog(qtbot, shapes(tmp_path, "disc/2021", "disc/2022", "square/2021"))
    assert [classes for _, classes in rows(dialog).values()] == ["disc (4), square (2)"]
    assert dialog.naming.isVisible() and not dialog.splits.isVisible()
    choose(dialog.naming, "path")
    assert [classes for _, classes in rows(dialog).values()] == ["disc/2021 (2), disc/2022 (2), square/2021 (2)"]


def test_splits_are_taken_as_classes(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = open_dialog(qtbot, shapes(tmp_path, "train/disc", "train/square", "test/disc"))
    dialog.splits.click()
    assert len(rows(dialog)) == 1 and not dialog.plans.layouts[0].has_splits
    dialog.splits.click()
    assert list(rows(dialog)) == ["train", "test"]


@pytest.fixture
def importing(session: Session, runner_now: RunnerNow, qtbot: QtBot) -> Importing:
    window = QWidget()
    qtbot.addWidget(window)
    return Importing(session, SessionJobs(session, runner_now, window), window)


def find_dialog(importing: Importing) -> PlanDialog:
    dialog = importing._window.findChild(PlanDialog)
    assert dialog is not None
    return dialog


def test_nothing_is_written_until_the_plan_is_taken(
    importing: Importing, session: Session, runner_now: RunnerNow, tmp_path: Path
) -> None:
    folder = shapes(tmp_path / "new", "train/disc", "train/square", "valid/disc", "test/square")
    before = session.counts
    importing.plan_folder(folder, "train")
    runner_now.run_all()
    dialog = find_dialog(importing)
    choose(_box(dialog, 1), "skip")
    session.images_were_changed()
    assert session.counts == before
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    runner_now.run_all()
    assert session.counts.n_images == before.n_images + 6 and session.counts.by_split["test"] == 2
    assert {c.name for c in session.classes} == {"blue", "red", "disc", "square"}
    importing.add_folder(folder, "train")
    runner_now.run_all()
    assert session.counts.n_images == before.n_images + 6, "what was left out stays left out"


def test_escape_leaves_the_project_alone(
    importing: Importing, session: Session, runner_now: RunnerNow, tmp_path: Path
) -> None:
    before = session.counts.n_images
    importing.plan_folder(shapes(tmp_path / "new", "disc", "square"), "train")
    runner_now.run_all()
    QTest.keyClick(find_dialog(importing), Qt.Key.Key_Escape)
    runner_now.run_all()
    session.images_were_changed()
    assert session.counts.n_images == before


def test_a_folder_without_images_is_told(
    importing: Importing, runner_now: RunnerNow, tmp_path: Path, messages: list[Message]
) -> None:
    (tmp_path / "empty").mkdir()
    importing.plan_folder(tmp_path / "empty", "train")
    runner_now.run_all()
    assert "no images" in messages[-1].sentence and importing._window.findChild(PlanDialog) is None


def test_labels_that_differ_from_their_folder_are_settled(
    importing: Importing, session: Session, runner_now: RunnerNow, image_folder: Path
) -> None:
    red = next(c.id for c in session.classes if c.name == "red")
    session.label([1], None)
    (image_folder / "blue" / "blue_0.png").rename(image_folder / "red" / "moved.png")
    importing.plan_folder(image_folder, "train")
    runner_now.run_all()
    dialog = find_dialog(importing)
    assert dialog.follow.isVisible()
    choose(dialog.follow, "all")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    runner_now.run_all()
    assert _label_of(session.project, "red/moved.png") == red


def _label_of(project: Project, name: str) -> int | None:
    label: int | None = project.catalog.rows("SELECT class_id FROM image WHERE name = ?", (name,))[0][0]
    return label


def test_folder_names_need_not_be_labels(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = open_dialog(qtbot, shapes(tmp_path, "disc", "square"))
    assert dialog.names_classes.isVisible() and dialog.names_classes.isChecked()
    dialog.names_classes.click()
    assert all(not part.classes for layout in dialog.plans.layouts for part in layout.parts)
    assert dialog.plans.n_images == 4 and dialog.import_button.isEnabled()
    dialog.names_classes.click()
    assert [name for layout in dialog.plans.layouts for part in layout.parts for name, _ in part.classes] == [
        "disc", "square"]


def test_without_folders_of_classes_nothing_is_asked_about_them(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = open_dialog(qtbot, shapes(tmp_path, ""))
    assert not dialog.names_classes.isVisible()
