"""What is known of the file: its name and size at the top, the rest at the end."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFont, QGuiApplication, QPalette, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QPushButton

from core.images.decode import FRAMED_FORMATS, count_frames
from core.images.files import READ_AT_ONCE_BYTES
from core.project.paths import display_text
from core.project.rows import ImageRow
from core.text import Message, text
from core.text.numbers import format_size
from gui import messages, theme
from gui.widgets.labels import ElidedLabel
from gui.icons import icon
from gui.inspector.section import Section, sentence_label
from gui.inspector.subject import Subject


class NameSection(Section):
    """The file's name, and in one line its pixels, bytes and format."""

    def __init__(self) -> None:
        super().__init__()
        self.name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        font = self.name.font()
        font.setWeight(QFont.Weight.DemiBold)
        self.name.setFont(font)
        self.figures = _caption()
        self.column.setSpacing(2)
        self.column.addWidget(self.name)
        self.column.addWidget(self.figures)

    def show_subject(self, subject: Subject) -> None:
        row = subject.look.row
        self.name.set_text(row.name.rpartition("/")[2])
        has_size = row.width and row.height
        pixels = text("window_inspector.pixels", width=row.width, height=row.height) if has_size else ""
        parts = (pixels, bytes_text(row.n_bytes) if row.n_bytes else "", row.format or "", frames_text(row))
        self.figures.set_text(" · ".join(part for part in parts if part))


def frames_text(row: ImageRow) -> str:
    """“first of 12 frames”, for pages and animations that are small enough to be counted at once."""
    if row.format not in FRAMED_FORMATS or row.n_bytes > READ_AT_ONCE_BYTES:
        return ""
    n_frames = count_frames(row.path)
    return text("window_inspector.first_of_frames", n=n_frames) if n_frames > 1 else ""


class FileSection(Section):
    """Where the file lies and when it was last changed; its path to copy, its folder to open."""

    def __init__(self) -> None:
        super().__init__(text("window_inspector.file"))
        self._row: ImageRow | None = None
        self.folder = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.when = sentence_label(is_caption=True)
        self.copy = QPushButton(icon("copy"), text("window_inspector.copy_path"))
        self.open_folder = QPushButton(icon("folder-open"), text("window_inspector.show_in_folder"))
        self.copy.clicked.connect(self._on_copy_clicked)
        self.open_folder.clicked.connect(self._on_open_folder_clicked)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(theme.BETWEEN)
        for button in (self.copy, self.open_folder):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._buttons.addWidget(button)
        for widget in (self.folder, self.when):
            self.column.addWidget(widget)
        self.column.addSpacing(theme.INSIDE)
        self.column.addLayout(self._buttons)

    def show_subject(self, subject: Subject) -> None:
        row = self._row = subject.look.row
        self.folder.set_text(readable(row.path.parent))
        split = text("window_inspector.training_image" if row.split == "train" else "window_inspector.test_image")
        self.when.setText(" · ".join(part for part in (date_text(row.mtime_ns), split) if part))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Buttons beside each other where they fit, below each other where they do not."""
        needed = self.copy.sizeHint().width() + self.open_folder.sizeHint().width() + theme.BETWEEN
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._buttons.setDirection(beside if self.width() >= needed else below)

    def _on_copy_clicked(self) -> None:
        if self._row is not None:
            QGuiApplication.clipboard().setText(readable(self._row.path))

    def _on_open_folder_clicked(self) -> None:
        if self._row is not None:
            show_folder(self._row.path.parent)


def show_folder(folder: Path) -> None:
    """Open a folder in the system's file manager, or say where it is."""
    if not folder.is_dir():
        messages.doubt(
            Message("window_inspector.folder_gone", folder=readable(folder)),
            Message("window_inspector.folder_gone.hint"),
        )
    elif not QDesktopServices.openUrl(QUrl.fromLocalFile(readable(folder))):
        messages.tell(
            Message("window_inspector.no_file_manager"),
            Message("window_inspector.no_file_manager.hint", folder=readable(folder)),
        )


def readable(path: Path) -> str:
    """A path as text, letter by letter as it is; what is not UTF-8 is shown as “�”."""
    written = str(path)
    try:
        written.encode("utf-8")
    except UnicodeEncodeError:
        return display_text(os.fsencode(path))
    return written


def bytes_text(n_bytes: int) -> str:
    """“84 kB” as the language in force writes it; a kB is 1000 bytes."""
    return format_size(n_bytes)


def date_text(mtime_ns: int) -> str:
    """Day and minute as the user's language writes them; "" if they are not known."""
    if not mtime_ns:
        return ""
    return text("window.at", at=datetime.fromtimestamp(mtime_ns // 1_000_000_000))


def _caption() -> ElidedLabel:
    label = ElidedLabel(role=QPalette.ColorRole.PlaceholderText)
    label.setFont(theme.tabular(theme.scaled_font(label.font(), theme.CAPTION_SCALE)))
    return label
