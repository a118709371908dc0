"""What would be learnt from, with a bar for each class; what speaks against it, and where that can be mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QPainter, QPalette
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from core.text import Message, render, text
from core.text.numbers import format_whole
from core.workflow.readiness import Concern, Remedy, TrainingData
from gui import theme
from gui.session import Session
from gui.train.card import Card
from gui.widgets.class_style import BAR_CONTRAST, ClassStyle, class_styles, shown_color
from gui.widgets.labels import SignedSentence, wrapped_caption
from gui.widgets.layouts import column_of, empty, fill

N_SHOWN = 12
"""More classes than this are counted in the last line."""

BAR_SHARE = 0.3

CountedClass = tuple[ClassStyle, int]
"""A class and its number of images."""


class ClassCounts(QWidget):
    """Draws the counts; the first `N_SHOWN` classes, or all of them once `show_all` was called."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: tuple[CountedClass, ...] = ()
        self._limit = N_SHOWN
        self.setFont(theme.tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def n_hidden(self) -> int:
        """Classes that are not drawn."""
        return max(0, len(self._classes) - self._limit)

    def show_all(self) -> None:
        self._limit = len(self._classes)
        self.updateGeometry()
        self.update()

    def set_classes(self, classes: Sequence[CountedClass]) -> None:
        was_whole = len(self._classes) > N_SHOWN and self.n_hidden == 0
        self._classes = tuple(classes)
        self._limit = len(classes) if was_whole else N_SHOWN
        self.setAccessibleName(text("window_train.images_per_class"))
        self.setAccessibleDescription(", ".join(f"{style.name} {format_whole(n)}" for style, n in classes))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, min(self._limit, len(self._classes)) * self._line_px())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            largest = max((n for _, n in self._classes), default=0)
            for at, (style, n) in enumerate(self._classes[:self._limit]):
                self._paint_line(painter, style, n, at * self._line_px(), largest)

    def _paint_line(self, painter: QPainter, style: ClassStyle, n: int, top: int, largest: int) -> None:
        metrics, height = self.fontMetrics(), self._line_px()
        color = shown_color(style.color, self.palette(), ratio=BAR_CONTRAST)
        sign_px = self._sign_px()
        count_px = metrics.horizontalAdvance(format_whole(largest))
        bar_px = round(self.width() * BAR_SHARE)
        name_px = self.width() - sign_px - count_px - bar_px - 2 * theme.BETWEEN
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(color)
        painter.drawText(QRectF(0, top, sign_px, height), middle, style.sign)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        name = metrics.elidedText(style.name, Qt.TextElideMode.ElideMiddle, name_px)
        painter.drawText(QRectF(sign_px, top, name_px, height), middle, name)
        painter.drawText(
            QRectF(self.width() - count_px, top, count_px, height), middle | Qt.AlignmentFlag.AlignRight,
            format_whole(n),
        )
        length = bar_px * n / largest if largest else 0
        painter.fillRect(QRectF(sign_px + name_px + theme.BETWEEN, top + height / 2 - 3, length, 6), color)

    def _sign_px(self) -> int:
        """As wide as the widest sign, so that all names begin below each other."""
        signs = (style.sign for style, _ in self._classes[:self._limit])
        return max(map(self.fontMetrics().horizontalAdvance, signs), default=0) + theme.BETWEEN

    def _line_px(self) -> int:
        return self.fontMetrics().height() + theme.INSIDE


PLACES = {Remedy.IMPORT: ("library",), Remedy.LABEL: ("label", "library"), Remedy.LIBRARY: ("library",)}
"""Pages where a concern can be mended, best first."""


class DataCard(Card):
    """Counts and concerns.

    Signals:
        mend_asked: The user wants to mend a `Concern`.
    """

    mend_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__(text("window_train.training_data"))
        self.counts = ClassCounts()
        self.all_button = QPushButton()
        self.all_button.setProperty("role", "quiet")
        self.all_button.clicked.connect(self._on_all_clicked)
        self.others = wrapped_caption()
        self._concerns = column_of()
        fill(self.column, self.counts, self.all_button, self.others, self._concerns)

    def show_data(self, data: TrainingData, concerns: tuple[Concern, ...], session: Session) -> None:
        """Show what lies ready."""
        styles = class_styles(session.classes)
        self.counts.set_classes([
            (styles.get(c.class_id, ClassStyle(None, c.name)), c.n_labels) for c in data.classes
        ])
        self.counts.setVisible(bool(data.classes))
        self._refresh_all_button()
        self.others.setText(self._say_others(data))
        self.others.setVisible(bool(data.n_images))
        empty(self._concerns)
        for at, concern in enumerate(concerns):
            is_last = all(later.remedy is not concern.remedy for later in concerns[at + 1:])
            row = ConcernRow(concern, partial(self.mend_asked.emit, concern))
            row.button.setVisible(is_last)  # one way out for all that are mended in the same place
            self._concerns.addWidget(row)

    def _say_others(self, data: TrainingData) -> str:
        parts = [
            text("window_train.without_label", images=Message("text.images", n=data.n_unlabelled))
            if data.n_unlabelled else text("window_train.all_labelled"),
            text("window_train.earlier_labels", labels=Message("text.labels", n=data.n_earlier))
            if data.n_earlier else "",
            text("window_train.kept_as_test", images=Message("text.images", n=data.n_test))
            if data.n_test else "",
        ]
        said = " · ".join(part for part in parts if part)
        said = text("window_train.get_predictions", parts=said) if data.n_unlabelled or data.n_test else said
        return f"{said} {text('window_train.excluded', n=data.n_excluded)}" if data.n_excluded else said

    def _refresh_all_button(self) -> None:
        n_hidden = self.counts.n_hidden
        self.all_button.setText(text("window_train.more_classes", n=n_hidden))
        self.all_button.setVisible(n_hidden > 0)

    def _on_all_clicked(self) -> None:
        self.counts.show_all()
        self._refresh_all_button()


class ConcernRow(QWidget):
    """One sentence, and a button that leads to where it can be mended."""

    def __init__(self, concern: Concern, on_clicked: Callable[[], None]) -> None:
        super().__init__()
        self.text = SignedSentence(
            "wrong" if concern.is_blocking else "doubt", role="red" if concern.is_blocking else "amber",
            text=render(concern.message),
        )
        titles = {
            Remedy.IMPORT: text("window_train.go_to_library"), Remedy.LABEL: text("window_train.label_images"),
            Remedy.LIBRARY: text("window_train.show_them"),
        }
        self.button = QPushButton(titles[concern.remedy])
        self.button.setAccessibleDescription(render(concern.message))
        self.button.clicked.connect(lambda: on_clicked())
        column_of(self.text, (self.button, 0, Qt.AlignmentFlag.AlignLeft), spacing=theme.INSIDE, parent=self)
