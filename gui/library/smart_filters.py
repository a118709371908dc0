"""The filters under “Look at”: a registration, and those that are there from the start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from core.project.queries import ImageFilter, count_images
from core.workflow.confusion import mistakes_of
from gui.widgets.asking import Question
from gui.widgets.filter_words import tr
from gui.widgets.look import Look
from gui.session import Session


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class SmartFilter:
    """One entry under “Look at”.

    Attributes:
        name: Known to code ("mistakes").
        title: Known to people.
        look: What to show when it is chosen.
        count: How many images it has; given ids, (n,) int64, how many of those, which must be quick,
            for it is asked before and after each label. None for a filter that is an order only.
        question: The same count of all, for a thread of its own; None where `count` is always quick.
        icon: A key of `gui.icons.NAMES`.
        tool_tip: What it shows, with the term if there is one.
        is_there: Whether it can be chosen now.
        hides_when_empty: Not shown while it has no image.
    """

    name: str
    title: str
    look: Callable[[], Look] = field(compare=False)
    count: Callable[[np.ndarray | None], int] | None = field(default=None, compare=False)
    question: Callable[[], Question] | None = field(default=None, compare=False)
    icon: str = "filter"
    tool_tip: str = ""
    is_there: Callable[[], bool] = field(default=_always, compare=False)
    hides_when_empty: bool = False


def standard_filters(session: Session) -> list[SmartFilter]:
    """Unlabelled, most unsure, mistakes, test pictures, and what cannot be read or is gone."""

    def has_run() -> bool:
        return session.run is not None

    def by_parts(name: str, title: str, icon: str, tool_tip: str, **parts: object) -> SmartFilter:
        which = ImageFilter(**{"status": "ok", **parts})  # type: ignore[arg-type]
        return SmartFilter(
            name, title, lambda: Look(parts), lambda among: count_images(session.project, which, among=among),
            lambda: partial(count_images, which=which), icon, tool_tip, hides_when_empty="status" in parts)

    mistakes = {name: getattr(mistakes_of(""), name) for name in ("status", "is_mistake", "kind")}

    def ask_mistakes() -> Question:
        run = session.run
        if run is None:
            return lambda _: 0
        return partial(count_images, which=mistakes_of(run.id))

    def count_mistakes(among: np.ndarray | None) -> int:
        return int(ask_mistakes()(session.project, among=among)) if session.run is not None else 0

    return [
        by_parts("unlabelled", tr("Without label"), "label", tr("Training pictures that have no label yet."),
                 split="train", is_labelled=False),
        SmartFilter(
            "unsure", tr("Most unsure"), lambda: Look({"status": "ok"}, "uncertainty", True), icon="help",
            tool_tip=tr("Where the model hesitates most comes first: labels help most there."), is_there=has_run),
        SmartFilter(
            "mistakes", tr("Mistakes"), lambda: Look(mistakes, "loss", True), count_mistakes,
            ask_mistakes, "mistake", tr("The model says another class than your label. Either may be wrong."),
            has_run),
        by_parts("test", tr("Test pictures"), "runs", tr("Pictures that the model is to predict."), split="test"),
        replace(by_parts(
            "earlier version", tr("Changed since labelled"), "doubt",
            tr("The file changed after its label was given. Give the label again to confirm it."),
            is_of_earlier_version=True), hides_when_empty=True),
        by_parts("unreadable", tr("Cannot be read"), "wrong", tr("Files that are no whole picture."),
                 status="unreadable"),
        by_parts("missing", tr("File is gone"), "doubt", tr("Pictures whose file was not found."), status="missing"),
    ]
