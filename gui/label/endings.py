"""What stands in the picture's place where there is none: nothing to label, or everything labelled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from core.cli.sentences import plural
from core.workflow.labelling import Scope
from gui.label.queue import LabelQueue
from gui.session import Session


class Way(StrEnum):
    """Where the button leads."""

    TRAIN = "train"
    AGAIN = "again"
    ADD_TRAIN = "add_train"
    ADD_TEST = "add_test"


@dataclass(frozen=True, slots=True)
class Ending:
    """One sentence, one button."""

    sentence: str
    button: str
    way: Way


def tr(text: str) -> str:
    return QCoreApplication.translate("Endings", text)


def ending_of(session: Session, queue: LabelQueue) -> Ending:
    """The words for a queue that is empty, or that one has come to the end of."""
    progress, scope = queue.progress, queue.scope
    if not progress.n_images:
        return _nothing_there(session, scope)
    if not queue.n_left and scope is not Scope.TEST:
        n_labels = plural(progress.n_labelled, tr("label"))
        return Ending(tr("Everything is labelled."), tr("Train on {0}").format(n_labels), Way.TRAIN)
    if scope is Scope.UNLABELLED:
        left = tr("One picture still has no label.") if queue.n_left == 1 else tr(
            "{0} still have no label.").format(plural(queue.n_left, tr("picture")))
        return Ending(tr("That was the last one.") + " " + left, tr("Go through them") if queue.n_left > 1 else tr(
            "Go to it"), Way.AGAIN)
    return Ending(tr("That was the last picture."), tr("Begin again with the first"), Way.AGAIN)


def _nothing_there(session: Session, scope: Scope) -> Ending:
    if scope is Scope.TEST:
        return Ending(tr("There are no test pictures in this project."), tr("Add test pictures…"), Way.ADD_TEST)
    words = tr("There are no training pictures in this project yet.")
    if not session.is_open or not session.counts.n_ok:
        words = tr("There are no pictures in this project yet.")
    return Ending(words, tr("Add a folder of pictures…"), Way.ADD_TRAIN)
