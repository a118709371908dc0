"""The line below the loupe with a heat map: whose evidence is shown, how strongly, and on what scale."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from core.text import text
from gui import theme
from gui.widgets.heat_maps import Heat, HeatMaps
from gui.widgets.heat_painter import ColourBar, Overlay
from gui.widgets.labels import ElidedLabel
from gui.widgets.layouts import FoldingRow, column_of, row_of
from gui.widgets.tile import Tile

STEPS = 20
BAR_PX = 96
LEAST_CHARACTERS = 30
"""Of whose evidence it is, beside the scale."""


class LoupeHeat(QWidget):
    """Hidden while no heat map is wanted.

    Args:
        heat: Where the maps come from.

    Signals:
        changed(): another overlay is to be drawn; see `overlay`.
    """

    changed = Signal()

    def __init__(self, heat: HeatMaps) -> None:
        super().__init__()
        self._heat = heat
        self._tile: Tile | None = None
        self._found: Heat | None = None
        self.evidence, self.words = QLabel(), ElidedLabel()
        self.buttons = [QToolButton(), QToolButton()]
        self._group = QButtonGroup(self)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self._build()
        heat.arrived.connect(self._on_heat_arrived)
        heat.outdated.connect(self._on_heat_outdated)
        heat.waiting.connect(self._on_heat_waiting)

    @property
    def overlay(self) -> Overlay | None:
        """What is drawn over the image now."""
        if self.isHidden() or self._found is None:
            return None
        return Overlay(self._found.images[self._at], self.slider.value() / STEPS)

    @property
    def _at(self) -> int:
        """Which of the maps is shown."""
        return min(max(self._group.checkedId(), 0), len(self._found.images) - 1) if self._found is not None else 0

    def toggle(self, tile: Tile | None) -> None:
        """Show a heat map of this image, or none any more."""
        self.setVisible(self.isHidden())
        self.show_tile(tile)

    def show_tile(self, tile: Tile | None, following: Tile | None = None) -> None:
        """Another image is shown; the one after it is likely to be next."""
        self._tile = tile
        if self.isHidden() or tile is None:
            self._found = None
            self._heat.ask(self, [])
        else:
            self._heat.ask(self, [one.id for one in (tile, following) if one is not None and not one.is_unreadable])
            self._look()
        self.changed.emit()

    def _build(self) -> None:
        for at, button in enumerate(self.buttons):
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            self._group.addButton(button, at)
        self.buttons[0].setChecked(True)
        self.slider.setRange(0, STEPS)
        self.slider.setValue(STEPS)
        self.slider.setFixedWidth(BAR_PX)
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slider.setAccessibleName(text("window_heat.opacity"))
        bar = ColourBar()
        bar.setFixedWidth(BAR_PX)
        bar.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        bar.setToolTip(text("heat.meaning"))
        self.evidence.setToolTip(text("heat.meaning"))
        row = FoldingRow(
            row_of(self.evidence, *self.buttons, (self.words, 1)),
            row_of(theme.caption_label(text("window_heat.scale_low")), bar,
                   theme.caption_label(text("window_heat.scale_high")), theme.AROUND,
                   theme.caption_label(text("window_heat.opacity")), self.slider),
            first_px=LEAST_CHARACTERS * self.fontMetrics().averageCharWidth())
        row.setContentsMargins(theme.AROUND, theme.INSIDE, theme.AROUND, theme.INSIDE)
        column_of(row, spacing=0, parent=self)
        self._group.idClicked.connect(self._on_group_id_clicked)
        self.slider.valueChanged.connect(lambda _: self.changed.emit())
        self.hide()

    def _look(self) -> None:
        """What is there of the image that is shown."""
        assert self._tile is not None
        self._found = self._heat.get(self._tile.id, self._tile.content_hash)
        names = self._found.names if self._found is not None else ()
        for at, button in enumerate(self.buttons):
            button.setVisible(at < len(names) and len(names) > 1)
            button.setText(names[at] if at < len(names) else "")
            if at < len(names) and self._found is not None:
                role = self._found.question.roles(self._found.explained)[at]
                button.setToolTip(text(f"window_heat.role.{role[0]}") if role else "")
        self._say_whose()
        waiting = text("window_heat.being_made" if self._heat.has_run else "window_heat.no_run")
        self.words.set_text("" if names else self._heat.reason(self._tile.id, self._tile.content_hash) or waiting)

    def _say_whose(self) -> None:
        names = self._found.names if self._found is not None else ()
        self.evidence.setText(text("window_heat.evidence_for", name=names[self._at]) if names else "")
        self.evidence.setVisible(bool(names))

    def _on_group_id_clicked(self, _: int) -> None:
        self._say_whose()
        self.changed.emit()

    def _on_heat_arrived(self, image_ids: frozenset[int]) -> None:
        if not self.isHidden() and self._tile is not None and self._tile.id in image_ids:
            self._look()
            self.changed.emit()

    def _on_heat_outdated(self) -> None:
        if not self.isHidden() and self.isVisible():
            self.show_tile(self._tile)

    def _on_heat_waiting(self, words: str) -> None:
        if words and not self.isHidden() and self._found is None:
            self.words.set_text(words)
