"""The parts of a filter as chips, and the orders, in words."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from core.project.queries import ImageFilter
from core.cli.sentences import plural
from gui.widgets.class_style import class_styles
from gui.session import Session


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of a filter that is at work.

    Attributes:
        part: Field of `ImageFilter` that its × takes away.
        text: What it lets through.
        sign, color: Of a class, or empty.
    """

    part: str
    text: str
    sign: str = ""
    color: str = ""


def tr(text: str) -> str:
    return QCoreApplication.translate("FilterWords", text)


def chips_of(session: Session, which: ImageFilter) -> list[Chip]:
    """One chip for each part but the text, which stands in its own field."""
    chips = [*_place_chips(session, which), *_label_chips(session, which), *_prediction_chips(session, which)]
    if which.image_ids:
        chips.append(Chip("image_ids", tr("these {0}").format(plural(len(which.image_ids), tr("picture")))))
    if which.is_of_earlier_version is not None:
        chips.append(Chip("is_of_earlier_version", tr("changed since labelled")))
    if which.status in ("unreadable", "missing"):
        chips.append(Chip("status", tr("cannot be read") if which.status == "unreadable" else tr("file is gone")))
    return chips


def _place_chips(session: Session, which: ImageFilter) -> list[Chip]:
    chips = []
    if which.source_id is not None:
        name = next((s.name for s in session.sources if s.id == which.source_id), "?")
        chips.append(Chip("source_id", tr("from {0}").format(name)))
    if which.split is not None:
        chips.append(Chip("split", tr("training pictures") if which.split == "train" else tr("test pictures")))
    return chips


def _label_chips(session: Session, which: ImageFilter) -> list[Chip]:
    chips = []
    if which.class_ids:
        chips.append(_class_chip(session, "class_ids", which.class_ids, "{0}"))
    if which.is_labelled is not None:
        chips.append(Chip("is_labelled", tr("labelled") if which.is_labelled else tr("without label")))
    return chips


def _prediction_chips(session: Session, which: ImageFilter) -> list[Chip]:
    chips = []
    if which.predicted_class_ids:
        chips.append(_class_chip(session, "predicted_class_ids", which.predicted_class_ids, tr("model says {0}")))
    if which.is_mistake is not None:
        chips.append(Chip("is_mistake", tr("mistakes") if which.is_mistake else tr("model agrees")))
    if which.kind is not None:
        chips.append(Chip("kind", tr("judged without having seen it") if which.kind == 0 else tr("new to the model")))
    return chips


def _class_chip(session: Session, part: str, ids: tuple[int, ...], words: str) -> Chip:
    found = [style for style in class_styles(session.classes).values() if style.id in ids]
    names = tr(" or ").join(style.name for style in found) or tr("a deleted class")
    if len(found) != 1:
        return Chip(part, words.format(names))
    return Chip(part, words.format(names), found[0].sign, found[0].color)


def order_titles() -> dict[str, tuple[str, str, bool]]:
    """By order: title, explanation, and whether it begins with the largest."""
    return {
        "name": (tr("Name"), tr("By name, numbers in their order."), False),
        "date": (tr("Date"), tr("By the date of the file."), True),
        "added": (tr("Added"), tr("As they came into the project."), True),
        "bytes": (tr("File size"), tr("By the size of the file."), True),
        "pixels": (tr("Picture size"), tr("By the number of pixels."), True),
        "uncertainty": (tr("Unsure"), tr("Where the model hesitates between classes (entropy)."), True),
        "confidence": (tr("Confidence"), tr("By how sure the model is of what it says."), False),
        "loss": (tr("Disagreement"), tr("Labels that the model believes least come first (loss)."), True),
        "margin": (tr("Close call"), tr("Where the first and the second guess are close (margin)."), False),
    }
