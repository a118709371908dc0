"""The precision-recall curve of a class that is chosen from a list, and a slider for the probability threshold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QSlider, QWidget

from core.errors import AppError
from core.review.precision_recall import PrecisionRecall
from core.review.verdict import shown_share
from core.text import text
from core.text.numbers import format_percent
from core.workflow.confusion import JudgedClass
from core.workflow.judged_scores import JudgedScores
from gui import theme
from gui.review.calibration_plots import POINT_PX, SharePlot
from gui.widgets.class_style import ClassStyle
from gui.widgets.labels import ElidedChoice, wrapped_caption
from gui.widgets.layouts import column_of, row_of

STEPS, FIRST = 100, 50


class PrecisionRecallPlot(SharePlot):
    """Precision over recall; the dashed line is the share of the class, which naming every image so would reach."""

    def __init__(self) -> None:
        super().__init__(text("window_train.recall"), text("window_train.precision"))
        self.curve: PrecisionRecall | None = None
        self.threshold = FIRST / STEPS
        self.setAccessibleName(text("window_review.precision_recall"))

    def show_curve(self, curve: PrecisionRecall | None, threshold: float, words: str) -> None:
        """Draw it with the point of a threshold; words for screen readers."""
        self.curve, self.threshold = curve, threshold
        self.setAccessibleDescription(words)
        self.update()

    def paint_data(self, painter: QPainter) -> None:
        curve = self.curve
        if curve is None or curve.average_precision is None:
            return
        looks = theme.current()
        painter.setPen(QPen(looks.caption, 1, Qt.PenStyle.DashLine))
        painter.drawLine(self.place(0, curve.share), self.place(1, curve.share))
        painter.setPen(QPen(looks.accent, 2))
        painter.drawPolyline(QPolygonF([
            self.place(float(recall), float(precision))
            for recall, precision in zip(curve.recall, curve.precision, strict=True)
        ]))
        precision, recall = curve.at(self.threshold)
        if precision is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(looks.accent)
            painter.drawEllipse(self.place(recall, precision), POINT_PX + 1, POINT_PX + 1)


class PrecisionRecallPanel(QWidget):
    """Class, curve and slider.

    Attributes:
        classes: The choice.
        said: Average precision, and precision and recall at the slider.
    """

    def __init__(self) -> None:
        super().__init__()
        self.plot = PrecisionRecallPlot()
        self.classes, self.said = ElidedChoice(), wrapped_caption(keeps_height=True)
        self.slider, self._figure = QSlider(Qt.Orientation.Horizontal), QLabel()
        self._read: Callable[[], JudgedScores] | None = None
        self._scores: JudgedScores | None = None
        self._build()

    def show_classes(self, classes: Sequence[JudgedClass], styles: dict[int, ClassStyle]) -> None:
        """Offer these; the chosen one stays."""
        current = self.classes.currentData()
        with QSignalBlocker(self.classes):
            self.classes.clear()
            for one in classes:
                sign = styles[one.class_id].sign if one.class_id in styles else ""
                self.classes.addItem(f"{sign}  {one.name}".strip(), one.class_id)
            self.classes.setCurrentIndex(max(self.classes.findData(current), 0))

    def forget(self, read: Callable[[], JudgedScores] | None) -> None:
        """Another run or other labels: its probabilities are read when somebody looks."""
        self._read, self._scores = read, None
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Draw the curve of the chosen class."""
        try:
            if self._scores is None and self._read is not None:
                self._scores = self._read()
        except AppError as error:
            self.plot.show_curve(None, 0, "")
            self.said.setText(f"{error.sentence} {error.hint}".strip())
            return
        threshold = self.slider.value() / STEPS
        self._figure.setText(format_percent(threshold, 0))
        class_id = self.classes.currentData()
        curve = self._scores.curve_of(class_id) if self._scores is not None and class_id is not None else None
        words = self._say(curve, threshold)
        self.said.setText(words)
        self.plot.show_curve(curve, threshold, words)

    def _say(self, curve: PrecisionRecall | None, threshold: float) -> str:
        if curve is None or curve.average_precision is None:
            return text("window_review.no_curve")
        precision, recall = curve.at(threshold)
        said = [text("window_review.average_precision", average=curve.average_precision, n=curve.n_of_class,
                     total=curve.n_images)]
        said.append(text("window_review.never_from", threshold=threshold) if precision is None else text(
            "window_review.at_probability", threshold=threshold, precision=shown_share(precision),
            recall=shown_share(recall)))
        if self._scores is not None and self._scores.n_left_out:
            said.append(text("window_review.scores_left_out", n=self._scores.n_left_out))
        return " ".join(said)

    def _build(self) -> None:
        self.classes.setAccessibleName(text("window_review.curve_of_class"))
        self.slider.setRange(0, STEPS)
        self.slider.setValue(FIRST)
        self.slider.setAccessibleName(text("window_review.probability_from"))
        self._figure.setFont(theme.tabular(self._figure.font()))
        self._figure.setMinimumWidth(self._figure.fontMetrics().horizontalAdvance("100 %"))
        beside = column_of(
            self.classes, row_of((self.slider, 1), self._figure), self.said, (None, 1), spacing=theme.INSIDE)
        self._box = row_of((self.plot, 1), (beside, 1), spacing=theme.AROUND, parent=self)
        self.classes.currentIndexChanged.connect(lambda _: self.refresh())
        self.slider.valueChanged.connect(lambda _: self.refresh())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside the curve where it is low, below it where it is high."""
        super().resizeEvent(event)
        is_high, direction = self.height() > self.width(), QBoxLayout.Direction
        self._box.setDirection(direction.TopToBottom if is_high else direction.LeftToRight)
        self._box.setStretch(0, 3 if is_high else 1)
