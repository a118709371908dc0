"""One part of the inspector, and the image that all parts show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QSizePolicy, QWidget

from core.review.inspection import InspectResult
from core.project.runs import RunRow
from core.workflow.inspecting import Look
from gui import theme
from gui.widgets.class_style import ClassStyle
from gui.widgets.layouts import column_of


@dataclass(frozen=True, slots=True)
class Subject:
    """One image in the inspector.

    Attributes:
        look: What the project knows of it.
        styles: The classes by id.
        run: The chosen run.
    """

    look: Look
    styles: Mapping[int, ClassStyle]
    run: RunRow | None

    @property
    def label(self) -> ClassStyle | None:
        """The class that a person gave."""
        return self.styles.get(self.look.row.class_id or 0)

    @property
    def is_readable(self) -> bool:
        return self.look.row.status == "ok"

    @property
    def is_as_imported(self) -> bool:
        """Whether it is readable and still what the last import saw, so that something can be said of it."""
        return self.is_readable and not self.look.file_changed

    def style(self, class_id: int | None, name: str = "") -> ClassStyle:
        """How a class looks, also one that is gone."""
        return self.styles.get(class_id or 0) or ClassStyle(None, name)


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
        self.column = column_of(spacing=theme.INSIDE, parent=self)
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


def breakable(name: str) -> str:
    """A name that may be wrapped after the signs that join its parts."""
    for sign in "_-/.":
        name = name.replace(sign, f"{sign}\u200b")
    return name
