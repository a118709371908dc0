"""One part of the inspector: a heading and what is below it.

The inspector is a list of sections and knows nothing else of them. A new one, such as a heat
map under the picture, is a subclass that is put into the list.
"""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from core.embeddings.inspection import InspectResult
from gui import theme
from gui.inspector.subject import Subject


class Section(QWidget):
    """Shows one side of the image.

    Args:
        title: Heading, sentence case; "" for none.
        explanation: What it means, as the heading's tooltip.

    Attributes:
        awaits_engine: What it shows comes with the engine's answer, and a change of label leaves it be.
    """

    awaits_engine = False

    def __init__(self, title: str = "", explanation: str = "") -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.INSIDE)
        self._heading = theme.caption_label(title)
        self._heading.setToolTip(explanation)
        self._heading.setVisible(bool(title))
        if title:
            self.column.addWidget(self._heading)

    def show_subject(self, subject: Subject) -> None:
        """Show what is known at once of an image; whatever was shown of another must go."""

    def show_answer(self, answer: InspectResult) -> None:
        """Show what the engine sees in the image that was shown last."""

    def show_waiting(self, words: str) -> None:
        """Say why the engine has not answered yet; "" while it is about to."""


def sentence_label(text: str = "", *, is_caption: bool = False) -> QLabel:
    """Text over as many lines as it needs, in whatever width there is."""
    label = theme.caption_label(text) if is_caption else QLabel(text)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label


def breakable(name: str) -> str:
    """A name that may be wrapped after the signs that join its parts."""
    for sign in "_-/.":
        name = name.replace(sign, f"{sign}\u200b")
    return name
