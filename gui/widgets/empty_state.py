"""What stands in place of images where there are none: one sentence and, where it helps, one button."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from core.text import text
from gui import theme
from gui.session import Session
from gui.widgets.layouts import STRETCH, column_of, fill
from gui.widgets.listing import Listing
from gui.widgets.image_query import PARTS, ImageQuery, is_narrowed

WIDEST_PX = 420


class EmptyState(QWidget):
    """One sentence and one button in the middle.

    Args:
        sentence: What is empty, and why ("No mistakes here.").
        button: What the button does ("Look at the most unsure instead"); "" for none.

    Signals:
        acted(): the button was clicked.
    """

    acted = Signal()

    def __init__(self, sentence: str, button: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._sentence.setMaximumWidth(WIDEST_PX)
        self._button = QPushButton()
        self._button.clicked.connect(self.acted)
        column = column_of(STRETCH, self._sentence, spacing=theme.AROUND, margins=theme.MARGIN, parent=self)
        column.setAlignment(self._sentence, Qt.AlignmentFlag.AlignHCenter)
        fill(column, (self._button, 0, Qt.AlignmentFlag.AlignHCenter), STRETCH)
        self.say(sentence, button)

    def say(self, sentence: str, button: str = "") -> None:
        """Other words, as for another filter."""
        self._sentence.setText(sentence)
        # a wrapped label takes the least width that it may: give it the width of its text
        text_width = self._sentence.fontMetrics().horizontalAdvance(sentence) + theme.BETWEEN
        self._sentence.setMinimumWidth(min(text_width, WIDEST_PX))
        # and the height of its lines, which a layout forgets for a label that it puts in the middle
        self._sentence.setMinimumHeight(max(self._sentence.heightForWidth(min(text_width, WIDEST_PX)), 0))
        self._button.setText(button)
        self._button.setVisible(bool(button))


@dataclass(frozen=True, slots=True)
class EmptyWords:
    """A sentence, a button, and what the button shows; without `query` the page answers."""

    sentence: str = ""
    button: str = ""
    query: ImageQuery | None = None


def empty_words(session: Session, listing: Listing, own: EmptyWords) -> EmptyWords:
    """The words for the list as it is asked for now.

    Args:
        session: For whether there is a run.
        listing: The empty list.
        own: The page's words for a list without filters.
    """
    which, start = listing.which, listing.start
    if not is_narrowed(which, start):
        return own if own.sentence else EmptyWords(text("widgets.no_images"))
    # that excluded images are left out goes without saying
    n_parts = sum(getattr(which, part) != getattr(start, part) for part in PARTS
                  if part != "is_excluded" or which.is_excluded)
    everything = text("widgets.show_all_images")
    if n_parts > 1 and not (n_parts == 2 and which.split and which.is_labelled is False):
        return EmptyWords(text("widgets.no_image_matches_all"), everything, ImageQuery())
    if which.is_mistake and session.run is not None:
        button = text("widgets.show_most_uncertain")
        return EmptyWords(text("widgets.no_mistakes"), button, ImageQuery({"status": "ok"}, "uncertainty", True))
    if which.status == "unreadable":
        return EmptyWords(text("widgets.all_readable"), everything, ImageQuery())
    if which.is_labelled is False:
        return EmptyWords(text("widgets.all_labelled"), everything, ImageQuery())
    if which.text:
        return EmptyWords(text("widgets.no_image_named", name=which.text), everything, ImageQuery())
    return EmptyWords(text("widgets.no_image_matches"), everything, ImageQuery())
