"""The sources in the left panel: folders of images, with those that are gone marked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from core.project.rows import SourceRow
from core.text import text
from core.text.numbers import format_whole
from gui import messages
from gui.library.importing import Importing
from gui.widgets.row_list import PanelSection, Row, RowList
from gui.session import Session

N_LEAST = 3


class SourceSection(PanelSection):
    """Signals: source_chosen(int source_id, bool adds): show its images."""

    source_chosen = Signal(int, bool)

    def __init__(self, session: Session, importing: Importing, window: QWidget) -> None:
        title = text("window_library.sources")
        super().__init__(title, RowList(title, n_least=N_LEAST), add=text("window_library.add_images"))
        self._session, self._importing, self._window = session, importing, window
        self._sources: dict[int, SourceRow] = {}
        self.rows.chosen.connect(lambda source_id, adds: self.source_chosen.emit(source_id, adds))
        self.rows.menu_asked.connect(lambda source_id, at: self.build_menu(source_id).popup(at))
        self.add_asked.connect(self._on_self_add_asked)

    def refresh(self) -> None:
        """Show the sources as they are now."""
        self._sources = {source.id: source for source in self._session.sources}
        self.rows.set_rows([self._row(source) for source in self._sources.values()])

    def _row(self, source: SourceRow) -> Row:
        split = text("widgets.training_images") if source.split == "train" else text("widgets.test_images")
        is_there = source.path.is_dir()
        tip = f"{source.path}\n{split}, {format_whole(source.n_images)}"
        if not is_there:
            tip += "\n" + text("window_library.folder_missing_tip")
        title = source.name if source.split == "train" else text("window_library.test_source", name=source.name)
        if source.name.lower() == source.split:
            title = source.name
        note = "" if is_there else text("window_library.folder_missing")
        return Row(source.id, title, source.n_images, icon="folder" if is_there else "doubt", note=note, tool_tip=tip)

    def build_menu(self, source_id: int) -> QMenu:
        """Everything one can do with a source."""
        source = self._sources[source_id]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        is_there = source.path.is_dir()
        again = menu.addAction(text("window_library.find_new_images"),
                               lambda: self._importing.add_folder(source.path, source.split))
        again.setEnabled(is_there)
        menu.addAction(text("window_library.locate_folder"), lambda: self._find(source))
        menu.addSeparator()
        menu.addAction(text("window_library.show_in_file_manager"), lambda: self._show(source)).setEnabled(is_there)
        return menu

    def _find(self, source: SourceRow) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, text("window_library.where_is", name=source.name))
        if folder:
            self._importing.add_folder(Path(folder), source.split)

    def _show(self, source: SourceRow) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(source.path))):
            messages.doubt(text("window_library.cannot_open_folder", folder=source.path))

    def _on_self_add_asked(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(text("widgets.add_training_images"), lambda: self._importing.ask_for_images("train"))
        menu.addAction(text("widgets.add_test_images"), lambda: self._importing.ask_for_images("test"))
        menu.popup(self.mapToGlobal(QPoint(self.width() // 2, 24)))
