"""Questions in a small dialog: yes or no, and training or test images."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from core.text import text

Role = QMessageBox.ButtonRole


def yes_no_box(
    parent: QWidget, title: str, sentence: str, explanation: str, *, yes: str, no: str, yes_name: str = "",
) -> QMessageBox:
    """A question to `open`; its `accepted` says yes, Enter and Escape say no.

    Args:
        parent: The window that asks.
        title, sentence, explanation: Of the dialog.
        yes, no: What the buttons say.
        yes_name: Object name of the first button.
    """
    box = _box(parent, title, sentence, explanation)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.addButton(yes, Role.AcceptRole).setObjectName(yes_name)
    keep = box.addButton(no, Role.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    return box


def ask_split(parent: QWidget, title: str, sentence: str, explanation: str) -> str:
    """Let the user say whether training or test images are meant: "train", "test", or "" for neither."""
    box = _box(parent, title, sentence, explanation)
    train = box.addButton(text("imports.training_images"), Role.AcceptRole)
    test = box.addButton(text("imports.test_images"), Role.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(train)
    box.exec()
    clicked = box.clickedButton()
    box.deleteLater()
    return "train" if clicked is train else "test" if clicked is test else ""


def _box(parent: QWidget, title: str, sentence: str, explanation: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(title)
    box.setText(sentence)
    box.setInformativeText(explanation)
    return box
