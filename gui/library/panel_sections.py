"""Sources and classes in the left panel: names, counts, and everything one can do to a class."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QUrl, Qt, Signal
from PySide6.QtGui import QColor, QDesktopServices, QKeyEvent
from PySide6.QtWidgets import (
    QColorDialog, QDialog, QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QWidget,
)

from core.project.classes import OKABE_ITO
from core.project.removal import remove_source
from core.project.rows import SourceRow
from core.text import Message, text
from core.text.numbers import format_whole
from gui import messages, theme
from gui.library.importing import Importing
from gui.session import Session
from gui.widgets.class_picker import ClassChooser
from gui.widgets.class_style import ClassStyle, class_styles
from gui.widgets.file_dialogs import ask_for_folder
from gui.widgets.layouts import DIALOG, STRETCH, column_of, row_of
from gui.widgets.row_list import PanelSection, Row, RowList, class_row

if TYPE_CHECKING:
    from gui.main_window import MainWindow

N_LEAST_SOURCES = 3
SOURCE_MENU = ("source.show", "", "source.find_new", "source.locate", "source.remove", "", "source.open_folder")
CLASS_MENU = ("class.show", "", "class.rename", "class.key", "class.color", "", "class.merge", "class.delete")
"""Acts in the context menus."""


class SourceSection(PanelSection):
    """The sources, and a menu for each."""

    def __init__(self, session: Session, importing: Importing, window: MainWindow) -> None:
        title = text("window_library.sources")
        super().__init__(title, RowList(title, n_least=N_LEAST_SOURCES), add=text("window_library.add_images"))
        self._session, self._importing, self._window = session, importing, window
        self._sources: dict[int, SourceRow] = {}
        self.rows.menu_asked.connect(lambda source_id, at: self.build_menu(source_id).popup(at))
        self.add.clicked.connect(self._on_add_clicked)

    def refresh(self) -> None:
        """Show the sources as they are now."""
        self._sources = {source.id: source for source in self._session.sources}
        self.rows.set_rows([self._row(source) for source in self._sources.values()])

    def _row(self, source: SourceRow) -> Row:
        split = text("widgets.training_images") if source.split == "train" else text("widgets.test_images")
        tip = f"{source.path}\n{split}, {format_whole(source.n_images)}"
        title = source.name
        if source.split == "test" and source.name.lower() != "test":
            title = text("window_library.test_source", name=source.name)
        if source.path.is_dir():
            return Row(source.id, title, source.n_images, icon="folder", tool_tip=tip)
        return Row(source.id, title, source.n_images, icon="doubt", note=text("window_library.folder_missing"),
                   tool_tip=f"{tip}\n{text('window_library.folder_missing_tip')}")

    def build_menu(self, source_id: int) -> QMenu:
        """Everything one can do with a source."""
        return self._window.actions_table.build_menu(SOURCE_MENU, self, of=source_id)

    def find_new(self, source_id: int) -> None:
        """Import what is new in its folder."""
        source = self._sources[source_id]
        self._importing.add_folder(source.path, source.split)

    def locate(self, source_id: int) -> None:
        """Ask where its folder is now, and look for its images there."""
        source = self._sources[source_id]
        folder = ask_for_folder(self._window, text("window_library.where_is", name=source.name), "images")
        if folder is not None:
            self._importing.relocate(source_id, folder)

    def remove(self, source_id: int) -> None:
        """Take it and its images out of the project; files stay, and undo brings all back."""
        source = self._sources[source_id]
        with messages.warned():
            n = remove_source(self._session.project, source_id)
            self._session.images_were_changed()
            code = f"window_library.{source.split}_source_removed"
            messages.tell(Message(code, name=source.name, n=n), Message("widgets.undo_hint"))

    def open_folder(self, source_id: int) -> None:
        """Show its folder in the system's file manager."""
        path = self._sources[source_id].path
        if not path.is_dir() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            messages.doubt(text("window_library.cannot_open_folder", folder=path))

    def _on_add_clicked(self) -> None:
        menu = _menu(self)
        menu.addAction(text("widgets.add_training_images"), lambda: self._importing.ask_for_images("train"))
        menu.addAction(text("widgets.add_test_images"), lambda: self._importing.ask_for_images("test"))
        menu.popup(self.mapToGlobal(QPoint(self.width() // 2, 24)))


N_LEAST_CLASSES = 6
"""So many classes are in sight even in a low window."""


class ClassSection(PanelSection):
    """The classes, a menu for each, and a field for new ones."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        title = text("widgets.classes")
        super().__init__(title, RowList(title, n_least=N_LEAST_CLASSES), add=text("window_library.add_class"))
        self._session, self._window = session, window
        self._new_name = _NewName()
        self.column.addWidget(self._new_name)
        self._new_name.returnPressed.connect(self._on_new_name_return_pressed)
        self.add.clicked.connect(self.ask_for_name)
        self.rows.menu_asked.connect(lambda class_id, at: self.build_menu(class_id).popup(at))
        self.rows.delete_asked.connect(self.delete)
        self.rows.renamed.connect(partial(self._try, session.rename_class))

    def refresh(self) -> None:
        """Show classes and counts as they are now."""
        counts = self._session.counts.by_class if self._session.is_open else {}
        styles = class_styles(self._session.classes)
        self.rows.set_rows([self._row(style, counts.get(class_id, 0)) for class_id, style in styles.items()])

    def ask_for_name(self) -> None:
        """Open the field for the name of a new class."""
        self._new_name.show()
        self._new_name.setFocus()

    def delete(self, class_id: int) -> None:
        """Delete a class; its images lose their label, and undo brings both back."""
        row, n = self._session.find_class(class_id), self._session.counts.by_class.get(class_id, 0)
        if row is not None and self._try(self._session.delete_class, class_id):
            messages.tell(text("window_library.class_deleted", name=row.name, n=n), text("widgets.undo_hint"))

    def merge(self, class_id: int, into_id: int) -> None:
        """Give the images of a class the label of another."""
        first, into = self._session.find_class(class_id), self._session.find_class(into_id)
        if first and into and self._try(self._session.merge_classes, class_id, into_id):
            words = text("window_library.merged", name=first.name, into=into.name)
            messages.tell(words, text("widgets.undo_hint"))

    def ask_for_color(self, class_id: int) -> None:
        """Let the user choose the colour of a class."""
        row = self._session.find_class(class_id)
        if row is None:
            return
        for place, color in enumerate(OKABE_ITO):
            QColorDialog.setCustomColor(place, QColor(color))
        chosen = QColorDialog.getColor(
            QColor(row.color), self._window, text("window_library.color_of", name=row.name),
            QColorDialog.ColorDialogOption.DontUseNativeDialog)
        if chosen.isValid():
            self._try(self._session.recolor_class, class_id, chosen.name())

    def ask_for_key(self, class_id: int) -> None:
        """Let the user press the key of a class."""
        row = self._session.find_class(class_id)
        if row is None:
            return
        dialog = KeyDialog(row.name, row.key or "", self._window)
        dialog.pressed.connect(lambda key: self._try(self._session.set_class_key, class_id, key or None))
        dialog.open()

    def ask_what_to_merge_into(self, class_id: int) -> None:
        """Let the user choose the other class."""
        row = self._session.find_class(class_id)
        if row is None:
            return
        title = text("window_library.merge_into", name=row.name)
        chooser = ClassChooser(self._session, title, without_id=class_id, parent=self._window)
        chooser.chosen.connect(lambda into_id: self.merge(class_id, into_id))
        chooser.open()

    def _row(self, style: ClassStyle, count: int) -> Row:
        tip = (text("window_library.class_tip", name=style.name, key=style.key) if style.key
               else text("window_library.class_tip_no_key", name=style.name))
        return class_row(style, count, tool_tip=tip, can_rename=True)

    def build_menu(self, class_id: int) -> QMenu:
        """Everything one can do to a class."""
        return self._window.actions_table.build_menu(CLASS_MENU, self, of=class_id)

    def _on_new_name_return_pressed(self) -> None:
        name = self._new_name.text()
        if not name.strip():
            self._new_name.hide()
        elif self._try(self._session.add_class, name):
            self._new_name.clear()

    def _try(self, act: Callable[..., object], *args: object) -> bool:
        with messages.warned():
            act(*args)
            return True
        return False


def _menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


class _NewName(QLineEdit):
    """Stays open for the next name; Esc, or leaving it empty, closes it."""

    def __init__(self) -> None:
        words = text("widgets.name_of_new_class")
        super().__init__(placeholderText=words)
        self.setAccessibleName(words)
        self.setContentsMargins(theme.BETWEEN, theme.INSIDE, theme.BETWEEN, 0)
        self.editingFinished.connect(self._on_self_editing_finished)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.hide()
        else:
            super().keyPressEvent(event)

    def _on_self_editing_finished(self) -> None:
        if not self.hasFocus() and not self.text().strip():
            self.hide()


WIDTH_PX = 340


class KeyDialog(QDialog):
    """Closes with the first key that has a character.

    Signals:
        pressed(str key): one character, or "" for no key.
    """

    pressed = Signal(str)

    def __init__(self, class_name: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window_library.key_of", name=class_name))
        self.setFixedWidth(WIDTH_PX)
        words = QLabel(text("window_library.press_key", name=class_name), wordWrap=True)
        hint = theme.caption_label(
            text("window_library.key_now", key=key) if key else text("window_library.key_none"))
        hint.setWordWrap(True)
        column_of(words, hint, self._build_buttons(), margins=DIALOG, parent=self)

    def _build_buttons(self) -> QHBoxLayout:
        row = row_of((STRETCH, 1), spacing=None)
        for title, slot in (
            (text("window_library.no_key"), lambda: self._take("")), (text("window_library.cancel"), self.reject),
        ):
            button = QPushButton(title)
            button.setAutoDefault(False)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(slot)
            row.addWidget(button)
        return row

    def keyPressEvent(self, event: QKeyEvent) -> None:
        typed = event.text()
        if len(typed) == 1 and typed.isprintable() and not typed.isspace():
            self._take(typed.lower())
        else:
            super().keyPressEvent(event)

    def _take(self, key: str) -> None:
        self.accept()
        self.pressed.emit(key)
