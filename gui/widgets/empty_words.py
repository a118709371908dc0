"""What an empty list of pictures says, and where its button leads."""

from __future__ import annotations

from dataclasses import dataclass

from gui.widgets.filter_words import tr
from gui.widgets.listing import Listing
from gui.widgets.look import PARTS, Look, is_narrowed
from gui.session import Session


@dataclass(frozen=True, slots=True)
class EmptyWords:
    """A sentence, a button, and what the button shows; without `look` the page answers."""

    sentence: str = ""
    button: str = ""
    look: Look | None = None


def words_for(session: Session, listing: Listing, own: EmptyWords) -> EmptyWords:
    """The words for the list as it is asked for now.

    Args:
        session: For whether there is a run.
        listing: The empty list.
        own: The page's words for a list without filters.
    """
    which, start = listing.which, listing.start
    if not is_narrowed(which, start):
        return own if own.sentence else EmptyWords(tr("There are no pictures here yet."))
    n_parts = sum(getattr(which, part) != getattr(start, part) for part in PARTS)
    everything = tr("Show all pictures")
    if n_parts > 1 and not (n_parts == 2 and which.split and which.is_labelled is False):
        return EmptyWords(tr("No picture fits all of these filters."), everything, Look())
    if which.is_mistake and session.run is not None:
        button = tr("Look at the most unsure instead")
        return EmptyWords(tr("No mistakes here."), button, Look({"status": "ok"}, "uncertainty", True))
    if which.status == "unreadable":
        return EmptyWords(tr("Every picture here can be read."), everything, Look())
    if which.is_labelled is False:
        return EmptyWords(tr("Every picture here has a label."), everything, Look())
    if which.text:
        return EmptyWords(tr("No picture is called like “{0}”.").format(which.text), everything, Look())
    return EmptyWords(tr("No picture fits this filter."), everything, Look())
