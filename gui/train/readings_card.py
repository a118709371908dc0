"""What the images of each class were read as, the most frequent first; a click shows them in the library."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QPushButton, QTreeWidget, QTreeWidgetItem

from core.errors import AppError
from core.text import text
from core.text.numbers import format_percent, format_whole
from core.training.strategies.zero_shot import ZERO_SHOT
from core.workflow.read_as import ClassReadAs, ReadAs, ReadingTable, tabulate_readings
from gui import theme
from gui.widgets.class_style import class_styles
from gui.session import Session
from gui.train.card import Card
from gui.widgets.labels import wrapped_caption
from gui.widgets.layouts import STRETCH, fill, row_of

LINE, OF_CLASS = Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
MAX_LINES, MAX_OPEN, MAX_ROWS_IN_SIGHT = 60, 4, 12
NAME, N_IMAGES, SHARE = 0, 2, 3


class ReadingsCard(Card):
    """Shows the chosen run of the session if it is a reading; hidden otherwise.

    Args:
        session: Whose chosen run is shown.

    Signals:
        images_asked: Ids of images that are to be shown, a tuple.
        give_asked: Name of a class, and the number of the ImageNet class that is to stand for it.
    """

    images_asked = Signal(object)
    give_asked = Signal(str, int)

    def __init__(self, session: Session) -> None:
        super().__init__(text("window_train.readings"))
        self._session = session
        self.said = wrapped_caption()
        self.tree = QTreeWidget()
        self.show_button = QPushButton(text("window_train.show_images"))
        self.give_button = QPushButton()
        self.hide()
        self._build()
        self.tree.itemClicked.connect(lambda item, _: self._show_images(item))
        self.tree.itemActivated.connect(lambda item, _: self._show_images(item))
        self.tree.currentItemChanged.connect(lambda *_: self._refresh_buttons())
        self.show_button.clicked.connect(lambda: self._show_images(self.tree.currentItem()))
        self.give_button.clicked.connect(self._on_give_clicked)

    def refresh(self) -> None:
        """Show the chosen run by the labels as they are now."""
        run = self._session.run
        table: ReadingTable | None = None
        if run is not None and run.strategy == ZERO_SHOT.name:
            try:
                table = tabulate_readings(self._session.project, run.id)
            except AppError as error:
                self.said.setText(f"{error.sentence} {error.hint}")
        self.setVisible(run is not None and run.strategy == ZERO_SHOT.name)
        self.tree.setVisible(table is not None)
        self._fill(table)
        if table is not None:
            self.said.setText(self._say(table))
        self._refresh_buttons()

    def _build(self) -> None:
        tree = self.tree
        tree.setColumnCount(4)
        columns = ("imagenet_class", "counts_as", "images", "share")
        tree.setHeaderLabels([text(f"window_train.{column}") for column in columns])
        tree.setAccessibleName(self.title)
        tree.setFont(theme.tabular(tree.font()))
        tree.setUniformRowHeights(True)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        tree.header().setStretchLastSection(False)
        for column in (N_IMAGES, SHARE):
            tree.headerItem().setTextAlignment(column, _RIGHT)
        row = row_of(self.show_button, self.give_button, STRETCH)
        fill(self.column, self.said, tree, row)

    def _fill(self, table: ReadingTable | None) -> None:
        self.tree.clear()
        styles = class_styles(self._session.classes)
        signs = {style.name: style.sign for style in styles.values()}
        classes = table.classes if table is not None else ()
        for one in classes:
            title = f"{styles[one.class_id].sign}  {one.name}"
            top = QTreeWidgetItem([title, "", format_whole(one.n_images), ""])
            top.setSizeHint(NAME, QSize(0, theme.row_px(self.tree)))
            top.setFont(NAME, theme.emphasized(self.tree.font()))
            top.setTextAlignment(N_IMAGES, _RIGHT)
            top.addChildren([self._item(one, line, signs) for line in one.lines[:MAX_LINES]])
            if len(one.lines) > MAX_LINES:
                top.addChild(QTreeWidgetItem([text("window_train.more_readings", n=len(one.lines) - MAX_LINES)]))
            self.tree.addTopLevelItem(top)
            top.setExpanded(len(classes) <= MAX_OPEN)
        n_rows = sum(1 + (top.childCount() if top.isExpanded() else 0) for top in self._tops())
        self.tree.setFixedHeight(
            self.tree.header().sizeHint().height() + min(n_rows, MAX_ROWS_IN_SIGHT) * theme.row_px(self.tree)
            + 2 * self.tree.frameWidth() + 2
        )

    def _tops(self) -> list[QTreeWidgetItem]:
        found = (self.tree.topLevelItem(i) for i in range(self.tree.topLevelItemCount()))
        return [top for top in found if top is not None]

    def _item(self, one: ClassReadAs, line: ReadAs, signs: dict[str, str]) -> QTreeWidgetItem:
        counts_as = f"{signs.get(line.stands_for, '')}  {line.stands_for}".strip()
        item = QTreeWidgetItem([
            line.name, counts_as or text("window_train.none_of_these"), format_whole(len(line.image_ids)),
            format_percent(line.share),
        ])
        for column in (N_IMAGES, SHARE):
            item.setTextAlignment(column, _RIGHT)
        item.setData(NAME, LINE, line)
        item.setSizeHint(NAME, QSize(0, theme.row_px(self.tree)))
        item.setData(NAME, OF_CLASS, one.name)
        return item

    def _say(self, table: ReadingTable) -> str:
        if not table.classes:
            return text("window_train.readings_gone")
        if table.is_by_label:
            return text("window_train.readings_labelled")
        return text("window_train.readings_unlabelled")

    def _refresh_buttons(self) -> None:
        item = self.tree.currentItem()
        line = _line_of(item)
        self.show_button.setVisible(not self.tree.isHidden())
        self.show_button.setEnabled(line is not None)
        of_class = str(item.data(NAME, OF_CLASS)) if item is not None and line is not None else ""
        can_give = line is not None and line.stands_for != of_class
        self.give_button.setVisible(can_give)
        if line is not None and can_give:
            self.give_button.setText(text("window_train.let_count", name=line.name, of_class=of_class))
            self.give_button.setToolTip(text("text.images", n=len(line.image_ids)))

    def _show_images(self, item: QTreeWidgetItem | None) -> None:
        line = _line_of(item)
        if line is not None:
            self.images_asked.emit(line.image_ids)

    def _on_give_clicked(self) -> None:
        item = self.tree.currentItem()
        line = _line_of(item)
        if item is not None and line is not None:
            self.give_asked.emit(str(item.data(NAME, OF_CLASS)), line.index)


def _line_of(item: QTreeWidgetItem | None) -> ReadAs | None:
    line = item.data(NAME, LINE) if item is not None else None
    return line if isinstance(line, ReadAs) else None


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
