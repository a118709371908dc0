"""Dialog that accepts all predictions above a confidence threshold, with how often such predictions were right."""

from __future__ import annotations

from collections import Counter
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QSlider, QWidget

from core.text import Message, text
from core.text.numbers import format_float, format_whole
from core.workflow.labelling import Suggestions, TrackRecord
from gui import theme
from gui.widgets.layouts import DIALOG, answers, column_of, row_of
from gui.widgets.tile import catalog_tiles
from gui.widgets.grid_view import GridView
from gui.widgets.image_model import ImageModel
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.thumbnails import ThumbnailCache
from gui.session import Session

STEPS, FIRST = 1000, 950
"""Steps of the slider from 0 to 1, and where it stands at first."""

FEW = 20
"""With fewer labelled images than so many nothing can be said about how often the model is right."""

TILE_PX, SIZE = 104, (680, 560)


class ThresholdDialog(QDialog):
    """Opens over its window.

    Args:
        session: The open project and run.
        thumbnails: The one pool.
        suggestions: What the run says.
        record: How right it was so far.

    Signals:
        chosen(object ids): label these as the model says, (n,) int64.
    """

    chosen = Signal(object)

    def __init__(
        self, session: Session, thumbnails: ThumbnailCache, *, suggestions: Suggestions, record: TrackRecord,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window_label.accept_confident_title"))
        self._session, self._suggestions, self._record = session, suggestions, record
        self._model = ImageModel(partial(catalog_tiles, session), self)
        self._grid = GridView(self._model, ImageSelectionModel(self._model), thumbnails)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self._figure, self.count, self.doubt = QLabel(), QLabel(), theme.caption_label("")
        self._preview = theme.caption_label("")
        self.button = QPushButton()
        self._build()
        self._show()

    @property
    def confidence(self) -> float:
        """Least confidence, 0 … 1."""
        return self.slider.value() / STEPS

    def chosen_ids(self) -> np.ndarray:
        """What would be labelled, (n,) int64, the surest first."""
        return self._suggestions.image_ids[: self._suggestions.n_from(self.confidence)]

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        self._grid.set_tile_side(TILE_PX)
        self._grid.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._build_slider()
        self._figure.setFont(theme.tabular(self._figure.font()))
        self._figure.setMinimumWidth(self._figure.fontMetrics().horizontalAdvance("1.000"))
        self.doubt.setWordWrap(True)
        self.count.setWordWrap(True)
        self.count.setTextFormat(Qt.TextFormat.PlainText)  # names of classes stand in it
        self.count.setFont(theme.tabular(theme.emphasized(self.count.font())))
        column_of(
            QLabel(text("window_label.accept_from")), row_of((self.slider, 1), self._figure, spacing=theme.AROUND),
            self.count, self.doubt,
            theme.BETWEEN, self._preview, (self._grid, 1), answers(self, self.button),
            margins=DIALOG, parent=self
        )
        self.resize(*SIZE)

    def _build_slider(self) -> None:
        least = int(self._suggestions.confidences[-1] * STEPS) if len(self._suggestions.confidences) else 0
        self.slider.setRange(min(least, STEPS - 1), STEPS)
        self.slider.setSingleStep(5)
        self.slider.setPageStep(50)
        self.slider.setValue(FIRST)
        self.slider.setAccessibleName(text("window_label.confidence_threshold"))
        self.slider.valueChanged.connect(self._show)

    # ── what is shown ────────────────────────────────────────────────────

    def _show(self) -> None:
        ids = self.chosen_ids()
        self._figure.setText(format_float(self.confidence, ".3f"))
        self.count.setText(self._say_count(len(ids)))
        self.doubt.setText(self._say_record())
        self._preview.setText(text("window_label.least_confident_first") if len(ids) else "")
        self._model.set_ids(ids[::-1])
        self._grid.verticalScrollBar().setValue(0)
        self.button.setText(text("window_label.label_images", n=len(ids)))
        self.button.setEnabled(len(ids) > 0)

    def _say_count(self, n: int) -> str:
        n_all = len(self._suggestions.image_ids)
        if not n_all:
            return text("window_label.nothing_to_label")
        words = text("window_label.confident_count", chosen=n, images=Message("text.images", n=n_all))
        by_class = Counter(self._suggestions.class_ids[:n].tolist())
        names = [f"{c.name} {format_whole(by_class[c.id])}" for c in self._session.classes if by_class[c.id]]
        shown = ", ".join(names[:6]) + (" …" if len(names) > 6 else "")
        return f"{words}: {shown}" if shown else words

    def _say_record(self) -> str:
        """How right the model was where it was as sure, about images that it had not seen."""
        n, n_right = self._record.from_confidence(self.confidence)
        if n < FEW:
            return text("window_label.record_too_short")
        if n_right == n:
            return text("window_label.record_all_correct", count=n)
        n_wrong = n - n_right
        return text("window_label.record_with_mistakes", count=n, n=n_wrong, share=n_wrong / n)

    def accept(self) -> None:
        ids = self.chosen_ids()
        super().accept()
        self.chosen.emit(ids)
