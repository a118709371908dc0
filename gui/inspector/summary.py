"""What stands in the inspector while several images are selected: how many, their labels, flags and tags."""

from __future__ import annotations

from collections import Counter

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from core.project.queries import count_labels
from core.text import text
from core.text.numbers import format_whole
from gui import theme
from gui.inspector.prediction_sections import Bar, ChanceBars
from gui.widgets.class_style import ClassStyle, class_styles
from gui.session import Session
from gui.widgets.tag_editor import TagEditor
from gui.widgets.labels import ElidedButton, wrapped_caption
from gui.widgets.layouts import STRETCH, column_of

COUNT_AFTER_MS = 120
MAX_COUNTED = 50_000
"""Labels of more images than this are not counted: it would take longer than a blink."""

MAX_BARS = 10


class Summary(QWidget):
    """Follows the selection while it is in sight; `label` is a button."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.title = theme.title_label("")
        self.heading = theme.caption_label(text("window_inspector.labels"))
        self.bars = ShareBars()
        self.note = wrapped_caption()
        self.label = ElidedButton("label", text("window_inspector.label_all_as"))
        self._pause = QTimer(self, singleShot=True, interval=COUNT_AFTER_MS)
        self._pause.timeout.connect(self._count)
        self.tags = TagEditor(session)
        column_of(
            self.title, self.label, theme.BETWEEN, self.heading, self.bars, self.note, theme.BETWEEN,
            theme.caption_label(text("widgets.flags_and_tags")), self.tags, (STRETCH, 1), parent=self)

    def refresh(self) -> None:
        """Say how many are selected, and count their labels once the selection rests."""
        self.title.setText(text("text.images", n=self._session.n_selected))
        self.title.setAccessibleName(text("window_inspector.n_selected", n=self._session.n_selected))
        self._pause.start()

    def _count(self) -> None:
        ids = self._session.selected_ids
        if not self._session.is_open or len(ids) < 2:
            return
        self.tags.show_images(ids)
        is_counted = len(ids) <= MAX_COUNTED
        self.heading.setVisible(is_counted)
        self.bars.setVisible(is_counted)
        if is_counted:
            self._show_counts(ids, Counter(count_labels(self._session.project, ids)))
        else:
            self.note.setText(text("window_inspector.too_many"))

    def _show_counts(self, ids: np.ndarray, counts: Counter[int]) -> None:
        styles = class_styles(self._session.classes)
        shown = [(styles.get(class_id, ClassStyle(None, "?")), n) for class_id, n in counts.most_common()]
        shown.append((ClassStyle(None, text("window_inspector.no_label")), len(ids) - counts.total()))
        bars = [Bar(style, n / len(ids), format_whole(n)) for style, n in shown if n]
        self.bars.show_bars(bars[:MAX_BARS])
        rest = len(bars) - MAX_BARS
        self.note.setText(text("window_inspector.more_classes", n=rest) if rest > 0 else "")


class ShareBars(ChanceBars):
    """Bars of counts: the note of each bar is the figure that is shown."""

    def figure(self, bar: Bar) -> str:
        return bar.note

    def note(self, bar: Bar) -> str:
        return ""

    def words(self, bar: Bar) -> str:
        return f"{bar.style.name} {bar.note}"
