"""What this program is, which parts it runs with, and where its log lies."""

from __future__ import annotations

import platform
from pathlib import Path

import PySide6
from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

import core
from gui import theme
from gui.icons import IconLabel, icon


class AboutDialog(QDialog):
    """Opened from the menu Help.

    Args:
        log_path: The log file, or None where none could be written.
    """

    def __init__(self, log_path: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("About Catalejo"))
        self._log_path = log_path
        self.rows = {
            self.tr("Version"): core.__version__,
            self.tr("Python"): platform.python_version(),
            self.tr("Qt"): f"{qVersion()} (PySide {PySide6.__version__})",
            self.tr("System"): platform.platform(),
            self.tr("Log file"): str(log_path) if log_path is not None else self.tr("cannot be written"),
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.AROUND)
        column.setSpacing(theme.AROUND)
        column.addLayout(self._build_head())
        column.addLayout(self._build_rows())
        column.addWidget(self._build_buttons())
        self.setFixedWidth(560)

    def copy(self) -> None:
        """Put versions and log place on the clipboard."""
        QGuiApplication.clipboard().setText("\n".join(f"{name}: {value}" for name, value in self.rows.items()))

    def _build_head(self) -> QHBoxLayout:
        claim = self.tr("From a folder of photographs to a classifier that you have reason to trust.")
        private = self.tr("Your pictures stay where they are; nothing leaves this computer.")
        label = QLabel(f"{claim}\n{private}")
        label.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(theme.INSIDE)
        words.addWidget(theme.title_label("Catalejo"))
        words.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(theme.AROUND)
        row.addWidget(IconLabel("app", role="accent", side_px=48), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _build_rows(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(theme.AROUND)
        form.setVerticalSpacing(theme.INSIDE)
        for name, value in self.rows.items():
            shown = QLabel(value)
            shown.setWordWrap(True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(theme.caption_label(name), shown)
        return form

    def _build_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        copy = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setIcon(icon("copy"))
        copy.clicked.connect(self.copy)
        if self._log_path is not None:
            show = buttons.addButton(self.tr("Show the log"), QDialogButtonBox.ButtonRole.ActionRole)
            show.setIcon(icon("folder-open"))
            show.clicked.connect(self._on_show_clicked)
        return buttons

    def _on_show_clicked(self) -> None:
        assert self._log_path is not None
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_path.parent)))
