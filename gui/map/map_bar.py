"""The bar above the embedding map: colouring, run, tools, and the way to arrange it anew."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QToolButton, QWidget

from core.text import text
from core.workflow.map_groups import COLORINGS
from gui import theme
from gui.icons import icon_button
from gui.map.scatter_view import KEY_FACTOR, Tool
from gui.widgets.labels import ElidedButton, ElidedChoice
from gui.widgets.layouts import BAR, STRETCH, FoldingRow, column_of, row_of
from gui.widgets.run_chooser import RunChooser

TOOL_ICONS = {Tool.LASSO: "lasso", Tool.RECTANGLE: "rectangle", Tool.PAN: "pan"}


class MapBar(QWidget):
    """Signals:
        coloring_asked(str coloring): another one was chosen.
        run_asked(str run_id): another run was chosen.
        tool_asked(object tool): another `Tool`.
        zoom_asked(float factor): a button for it was clicked.
        fit_asked(), arrange_asked(): likewise.
    """

    coloring_asked = Signal(str)
    run_asked = Signal(str)
    tool_asked = Signal(object)
    zoom_asked = Signal(float)
    fit_asked = Signal()
    arrange_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colorings, self.chooser = ElidedChoice(), RunChooser()
        self.colorings.setAccessibleName(text("window_map.color_by"))
        self.colorings.setToolTip(text("window_map.color_by"))
        for coloring in COLORINGS:
            self.colorings.addItem(text(f"window_map.by_{coloring}"), coloring)
        self.tools: dict[Tool, QToolButton] = {}
        for tool, name in TOOL_ICONS.items():
            button = icon_button(name, text(f"window_map.tool_{tool}"), lambda _=False, tool=tool: self._ask(tool))
            button.setCheckable(True)
            self.tools[tool] = button
        self.arrange = ElidedButton("map", text("window_map.arrange_anew"), text("window_map.arrange_anew_tip"))
        self._zooms = (
            icon_button("zoom-in", text("window_map.zoom_in"), lambda: self.zoom_asked.emit(KEY_FACTOR)),
            icon_button("zoom-out", text("window_map.zoom_out"), lambda: self.zoom_asked.emit(1 / KEY_FACTOR)),
            icon_button("fit", text("window_map.fit"), self.fit_asked.emit))
        choices = row_of((self.colorings, 1), (self.chooser, 1))
        acts = row_of(*self.tools.values(), theme.BETWEEN, *self._zooms, STRETCH, self.arrange, spacing=0)
        column_of(FoldingRow(choices, acts, first_px=300), margins=BAR, parent=self)
        self.colorings.activated.connect(lambda at: self.coloring_asked.emit(self.colorings.itemData(at)))
        self.chooser.activated.connect(lambda at: self.run_asked.emit(self.chooser.itemData(at)))
        self.arrange.clicked.connect(self.arrange_asked)
        self.show_tool(Tool.LASSO)

    def show_coloring(self, coloring: str) -> None:
        """The one in force."""
        self.colorings.setCurrentIndex(self.colorings.findData(coloring))

    def enable_tools(self, is_on: bool) -> None:
        """Nothing can be zoomed or chosen where there are no points."""
        for button in (*self.tools.values(), *self._zooms):
            button.setEnabled(is_on)

    def show_tool(self, tool: Tool) -> None:
        """The one that is in hand."""
        for one, button in self.tools.items():
            button.setChecked(one is tool)

    def _ask(self, tool: Tool) -> None:
        self.show_tool(tool)
        self.tool_asked.emit(tool)
