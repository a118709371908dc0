"""Asks what is needed to make a project from a folder of pictures, with answers proposed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog, QDialogButtonBox, QFileDialog, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout,
    QWidget,
)

from core.project.project import OWN_LEFTOVERS
from gui import theme

ENDING = ".catalejo"


class NewProjectDialog(QDialog):
    """Where the pictures are, where the project goes, and which pictures are for testing.

    Args:
        folder: The folder that was chosen or dropped; what lies in it is planned in the next step.
    """

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("New project"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._project = QLineEdit(str(propose_project(folder)))
        self._pictures = QLineEdit(str(folder))
        self._test = QLineEdit()
        self._test.setPlaceholderText(self.tr("None"))
        self._problem = theme.caption_label("")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._make = self._buttons.addButton(self.tr("Show the plan"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._build()
        self._check()

    @property
    def project(self) -> Path:
        """Folder that the project gets."""
        text = self._project.text().strip()
        return Path(text if text.endswith(ENDING) else text + ENDING).expanduser()

    @property
    def pictures(self) -> Path:
        return _typed(self._pictures.text())

    @property
    def test_pictures(self) -> Path | None:
        return _typed(self._test.text()) if self._test.text().strip() else None

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.MARGIN] * 4)
        column.setSpacing(theme.AROUND)
        told = QLabel(self.tr("Your pictures stay where they are and are never changed. "
                              "Folders inside the picture folder become classes, or splits if they are "
                              "called train and test; the next step shows the plan."))
        told.setWordWrap(True)
        form = QFormLayout()
        form.setHorizontalSpacing(theme.AROUND)
        form.setVerticalSpacing(theme.BETWEEN)
        form.addRow(self.tr("&Pictures"), self._row(self._pictures, self.tr("Folder of pictures")))
        form.addRow(self.tr("&Test pictures"), self._row(self._test, self.tr("Folder of test pictures")))
        form.addRow(self.tr("Pro&ject"), self._project)
        for field in (self._pictures, self._test, self._project):
            field.setMinimumWidth(360)
            field.textChanged.connect(self._check)
        self._make.setProperty("role", "primary")
        self._make.setDefault(True)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        column.addWidget(told)
        column.addLayout(form)
        column.addWidget(self._problem)
        column.addWidget(self._buttons)

    def _row(self, field: QLineEdit, title: str) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.BETWEEN)
        button = QPushButton(self.tr("Choose…"))
        button.setAccessibleName(self.tr("Choose: {what}").format(what=title))
        button.clicked.connect(lambda: self._choose(field, title))
        line.addWidget(field, 1)
        line.addWidget(button)
        return row

    def _choose(self, field: QLineEdit, title: str) -> None:
        chosen = QFileDialog.getExistingDirectory(self, title, field.text())
        if chosen:
            field.setText(chosen)

    def _check(self) -> None:
        try:
            problem = self._find_problem()
        except (OSError, ValueError):
            problem = self.tr("One of these names is too long or cannot be read.")
        self._problem.setText(problem)
        self._make.setEnabled(not problem)

    def _find_problem(self) -> str:
        if not self._pictures.text().strip() or not self.pictures.is_dir():
            return self.tr("The folder of pictures does not exist.")
        if self.test_pictures is not None and not self.test_pictures.is_dir():
            return self.tr("The folder of test pictures does not exist.")
        if not self.project.parent.is_dir():
            return self.tr("The folder that shall hold the project does not exist.")
        if self.project.exists() and not _is_free(self.project):
            return self.tr("There is something at the project's place already; choose another name.")
        return ""


def _typed(text: str) -> Path:
    """The folder of that very name, which may begin or end with spaces, or the one without them."""
    path = Path(text).expanduser()
    return path if path.is_dir() else Path(text.strip()).expanduser()


def _is_free(place: Path) -> bool:
    """Whether a folder is empty, but for what a making of a project left there that was killed."""
    try:
        return {entry.name for entry in place.iterdir()} <= OWN_LEFTOVERS
    except OSError:
        return False


def propose_project(folder: Path) -> Path:
    """A free place beside the pictures."""
    base = folder.parent / folder.name
    place, number = base.with_name(base.name + ENDING), 2
    while place.exists():
        place = base.with_name(f"{base.name} {number}{ENDING}")
        number += 1
    return place
