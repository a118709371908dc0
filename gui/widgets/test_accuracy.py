"""The accuracy of a run on labelled test images: warning, figure, baseline and notes, as the pages show them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.project.runs import RunRow
from core.text import text
from core.workflow.labelled_test import LabelledTest, describe_test
from gui import theme
from gui.widgets.labels import SignedSentence, wrapped
from gui.widgets.layouts import column_of


class TestAccuracy(QWidget):
    """Hidden where no test image has a label.

    Signals:
        prediction_asked: Labelled test images that the run has not predicted yet are to be predicted.
    """

    __test__ = False  # no class of tests
    prediction_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.warning = SignedSentence("doubt", role="amber")
        self.verdict, self.baseline = wrapped(is_strong=True), wrapped()
        self.notes = SignedSentence("note")
        self.notes.link.clicked.connect(self.prediction_asked)
        column_of(self.warning, self.verdict, self.baseline, self.notes, spacing=theme.INSIDE, parent=self)
        self.hide()

    def show_test(self, test: LabelledTest | None, run: RunRow | None, *, offers_prediction: bool = False) -> None:
        """Say it.

        Args:
            test: Predictions of labelled test images, or None without any.
            run: Whose.
            offers_prediction: Offer to predict those that are not predicted yet.
        """
        words = describe_test(test, run) if test is not None and run is not None else None
        for label, said in ((self.verdict, words.verdict if words else ""),
                            (self.baseline, words.baseline if words else "")):
            label.setText(said)
            label.setVisible(bool(said))
        self.warning.set_text(words.warning if words else "")
        self.notes.set_text(" ".join(words.notes) if words else "")
        self.notes.link.setText(text("window_review.predict_test_images"))
        self.notes.link.setVisible(offers_prediction and test is not None and len(test.unpredicted_ids) > 0)
        self.setVisible(words is not None)
