"""Asks what is needed to make a project from a folder of images, with answers proposed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton, QWidget

from core.project.project import OWN_LEFTOVERS
from core.text import text
from gui import theme
from gui.widgets.file_dialogs import ask_for_folder
from gui.widgets.layouts import answers, column_of, form_of, row_of

ENDING = ".catalejo"


class NewProjectDialog(QDialog):
    """Where the images are, where the project goes, and which images are for testing.

    Args:
        folder: The folder that was chosen or dropped; what lies in it is planned in the next step.
    """

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("imports.project.title"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._project = QLineEdit(str(propose_project(folder)))
        self._images = QLineEdit(str(folder))
        self._test = QLineEdit()
        self._test.setPlaceholderText(text("imports.project.none"))
        self._problem = theme.caption_label("")
        self._make = QPushButton(text("imports.project.show_plan"))
        self._build()
        self._check()

    @property
    def project(self) -> Path:
        """Folder that the project gets."""
        name = self._project.text().strip()
        return Path(name if name.endswith(ENDING) else name + ENDING).expanduser()

    @property
    def images(self) -> Path:
        return _typed(self._images.text())

    @property
    def test_images(self) -> Path | None:
        return _typed(self._test.text()) if self._test.text().strip() else None

    def _build(self) -> None:
        told = QLabel(text("imports.project.about"), wordWrap=True)
        form = form_of((
            (text("imports.project.images"), self._row(self._images, text("imports.project.image_folder"))),
            (text("imports.project.test_images"), self._row(self._test, text("imports.project.test_folder"))),
            (text("imports.project.project"), self._project),
        ))
        for field in (self._images, self._test, self._project):
            field.setMinimumWidth(360)
            field.textChanged.connect(self._check)
        buttons = answers(self, self._make)
        column_of(told, form, self._problem, buttons, spacing=theme.AROUND, margins=theme.MARGIN, parent=self)

    def _row(self, field: QLineEdit, title: str) -> QWidget:
        row = QWidget()
        button = QPushButton(text("imports.project.choose"))
        button.setAccessibleName(text("imports.project.choose_what", what=title))
        button.clicked.connect(lambda: self._choose(field, title))
        row_of((field, 1), button, parent=row)
        return row

    def _choose(self, field: QLineEdit, title: str) -> None:
        chosen = ask_for_folder(self, title, "images", _typed(field.text()) if field.text().strip() else None)
        if chosen is not None:
            field.setText(str(chosen))

    def _check(self) -> None:
        try:
            problem = self._find_problem()
        except (OSError, ValueError):
            problem = text("imports.project.odd_name")
        self._problem.setText(problem)
        self._make.setEnabled(not problem)

    def _find_problem(self) -> str:
        if not self._images.text().strip() or not self.images.is_dir():
            return text("imports.project.no_image_folder")
        if self.test_images is not None and not self.test_images.is_dir():
            return text("imports.project.no_test_folder")
        if not self.project.parent.is_dir():
            return text("imports.project.no_parent")
        if self.project.exists() and not _is_free(self.project):
            return text("imports.project.is_taken")
        return ""


def _typed(words: str) -> Path:
    """The folder of that very name, which may begin or end with spaces, or the one without them."""
    path = Path(words).expanduser()
    return path if path.is_dir() else Path(words.strip()).expanduser()


def _is_free(place: Path) -> bool:
    """Whether a folder is empty, but for what a making of a project left there that was killed."""
    try:
        return {entry.name for entry in place.iterdir()} <= OWN_LEFTOVERS
    except OSError:
        return False


def propose_project(folder: Path) -> Path:
    """A free place beside the images."""
    base = folder.parent / folder.name
    place, number = base.with_name(base.name + ENDING), 2
    while place.exists():
        place = base.with_name(f"{base.name} {number}{ENDING}")
        number += 1
    return place
