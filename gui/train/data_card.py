"""What would be learnt from, what speaks against it, and where that can be mended."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.text import Message, render, text
from core.workflow.readiness import Concern, Remedy, TrainingData
from gui import theme
from gui.widgets.class_style import ClassStyle, class_styles
from gui.session import Session
from gui.train.card import Card, SignedText, wrapped_caption
from gui.train.class_counts import ClassCounts, CountedClass

PLACES = {Remedy.IMPORT: ("library",), Remedy.LABEL: ("label", "library"), Remedy.LIBRARY: ("library",)}
"""Pages where a concern can be mended, best first."""


class DataCard(Card):
    """Counts and concerns.

    Signals:
        mend_asked: The user wants to mend a `Concern`.
    """

    mend_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__("")
        self.set_title(text("window_train.training_data"))
        self.counts = ClassCounts()
        self.all_button = QPushButton()
        self.all_button.setProperty("role", "quiet")
        self.all_button.clicked.connect(self._on_all_clicked)
        self._others = wrapped_caption()
        self._concerns = QVBoxLayout()
        self._concerns.setSpacing(theme.BETWEEN)
        self.column.addWidget(self.counts)
        self.column.addWidget(self.all_button)
        self.column.addWidget(self._others)
        self.column.addLayout(self._concerns)

    @property
    def others(self) -> str:
        """What is said of unlabelled and test pictures."""
        return self._others.text()

    def show_data(self, data: TrainingData, concerns: tuple[Concern, ...], session: Session) -> None:
        """Show what lies ready."""
        styles = class_styles(session.classes)
        self.counts.set_classes([
            CountedClass(styles.get(c.class_id, ClassStyle(None, c.name)), c.n_images) for c in data.classes
        ])
        self.counts.setVisible(bool(data.classes))
        self._refresh_all_button()
        self._others.setText(self._say_others(data))
        self._others.setVisible(bool(data.n_images))
        _clear(self._concerns)
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
        return text("window_train.get_predictions", parts=said) if data.n_unlabelled or data.n_test else said

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
        self.text = SignedText("wrong" if concern.is_blocking else "doubt",
                               role="red" if concern.is_blocking else "amber", text=render(concern.message))
        titles = {
            Remedy.IMPORT: text("window_train.go_to_library"), Remedy.LABEL: text("window_train.label_images"),
            Remedy.LIBRARY: text("window_train.show_them"),
        }
        self.button = QPushButton(titles[concern.remedy])
        self.button.setAccessibleDescription(render(concern.message))
        self.button.clicked.connect(lambda: on_clicked())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self.text)
        column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
