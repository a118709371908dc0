"""The welcome page: a folder of images on the left becomes a project, recent ones wait on the right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPalette
from PySide6.QtWidgets import (
    QFrame, QGridLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget,
)

from core.text import text
from gui import theme
from gui.icons import IconLabel, icon
from gui.widgets.labels import line
from gui.preferences import RecentProject
from gui.welcome.recent_list import RecentList
from gui.widgets.file_dialogs import ask_for_folder
from gui.widgets.layouts import STRETCH, column_of, row_of

LEFT_PX, RIGHT_MAX_PX, HEIGHT_MAX_PX = 304, 560, 560


class WelcomePage(QWidget):
    """Asks what to work on; decides nothing itself.

    Signals:
        new_asked: `Path` of a folder with images that shall become a project.
        open_asked: `Path` of a project.
        sample_asked: The sample project is wanted.
    """

    new_asked = Signal(object)
    open_asked = Signal(object)
    sample_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._drop = self._build_drop_card()
        self.recent = RecentList()
        self.recent.open_asked.connect(self.open_asked)
        self._recent_stack = QStackedWidget()
        self._build()
        self.show_recent(())

    def show_recent(self, projects: tuple[RecentProject, ...]) -> None:
        """Fill the list of recent projects."""
        self.recent.show_projects(projects)
        self._recent_stack.setCurrentIndex(0 if projects else 1)

    def ask_for_images(self) -> None:
        """Let the user choose a folder of images for a new project."""
        folder = ask_for_folder(self, text("window_welcome.choose_images"), "images")
        if folder is not None:
            self.new_asked.emit(folder)

    def ask_for_project(self) -> None:
        """Let the user choose an existing project."""
        folder = ask_for_folder(self, text("window_welcome.choose_project"), "project")
        if folder is not None:
            self.open_asked.emit(folder)

    def _build(self) -> None:
        content = QWidget()
        left = self._build_left()
        content.setMaximumSize(left.width() + theme.MARGIN + RIGHT_MAX_PX, HEIGHT_MAX_PX)
        columns = row_of(left, (self._build_right(), 1), spacing=theme.MARGIN)
        column_of(self._build_head(), (columns, 1), spacing=theme.AROUND, parent=content)
        page = QGridLayout(self)
        page.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.MARGIN)
        page.addWidget(content, 1, 1)
        for i, stretch in enumerate((1, 100, 1)):
            page.setRowStretch(i, stretch)
            page.setColumnStretch(i, stretch)

    def _build_head(self) -> QVBoxLayout:
        title = theme.bold(theme.title_label("Catalejo"))
        claim = QLabel(text("window_welcome.claim"))
        claim.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        return column_of(title, claim, spacing=theme.INSIDE)

    def _build_left(self) -> QWidget:
        private = theme.caption_label(text("window_welcome.private"))
        private.setWordWrap(True)
        left = QWidget()
        column_of(
            (self._drop, 1), _button("window.open_project", "folder-open", self.ask_for_project),
            _button("window.open_sample", "sample", self.sample_asked), private, parent=left)
        left.setFixedWidth(max(LEFT_PX, left.sizeHint().width()))
        return left

    def _build_drop_card(self) -> QFrame:
        card = QFrame()
        card.setProperty("role", "drop")
        self._new_button = QPushButton(text("window_welcome.new_button"))
        self._new_button.setProperty("role", "primary")
        self._new_button.setIcon(icon("folder-plus", role="on_accent"))
        self._new_button.setIconSize(QSize(theme.SMALL_ICON_PX, theme.SMALL_ICON_PX))
        self._new_button.clicked.connect(self.ask_for_images)
        column_of(
            (STRETCH, 1), (IconLabel("library", role="caption", side_px=40), 0, Qt.AlignmentFlag.AlignHCenter),
            theme.BETWEEN, _centred(QLabel(text("window_welcome.drop_here"))),
            _centred(theme.caption_label(text("window_welcome.folders_become_classes"))), (STRETCH, 1),
            self._new_button,
            margins=(theme.AROUND, theme.MARGIN, theme.AROUND, theme.AROUND), parent=card
        )
        return card

    def _build_right(self) -> QFrame:
        heading = theme.bold(QLabel(text("window_welcome.recent")))
        heading.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        self._recent_stack.addWidget(self.recent)
        self._recent_stack.addWidget(self._build_nothing_recent())
        card = QFrame()
        card.setProperty("role", "card")
        column_of(heading, line(), (self._recent_stack, 1), spacing=0, margins=1, parent=card)
        return card

    def _build_nothing_recent(self) -> QWidget:
        page = QWidget()
        words = text("window_welcome.nothing_recent")
        sentence = _centred(QLabel(words))
        sentence.setWordWrap(True)
        button = QPushButton(text("window.open_sample"))
        button.clicked.connect(self.sample_asked)
        column_of(
            (STRETCH, 1), sentence, (button, 0, Qt.AlignmentFlag.AlignHCenter), (STRETCH, 1), spacing=theme.AROUND,
            margins=(2 * theme.MARGIN, theme.MARGIN, 2 * theme.MARGIN, theme.MARGIN), parent=page
        )
        return page

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_folder(event) is not None:
            self._mark_target(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._mark_target(False)
        folder = _dropped_folder(event)
        if folder is None:
            return
        event.acceptProposedAction()
        is_project = (folder / "catalog.sqlite").is_file()
        (self.open_asked if is_project else self.new_asked).emit(folder)

    def _mark_target(self, is_target: bool) -> None:
        self._drop.setProperty("target", "true" if is_target else "false")
        self._drop.style().unpolish(self._drop)
        self._drop.style().polish(self._drop)


def _dropped_folder(event: QDropEvent) -> Path | None:
    """The one folder that is being dropped, or None."""
    urls = event.mimeData().urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    folder = Path(urls[0].toLocalFile())
    return folder if folder.is_dir() else None


def _button(code: str, icon_name: str, act: Callable[..., object] | SignalInstance) -> QPushButton:
    button = QPushButton(icon(icon_name), text(code))
    button.clicked.connect(act)
    return button


def _centred(label: QLabel) -> QLabel:
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label
