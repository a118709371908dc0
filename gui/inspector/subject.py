"""What the inspector shows, in one frozen piece: an image, what is known of it, and how its classes look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.project.runs import RunRow
from core.workflow.inspecting import Look
from gui.widgets.class_style import ClassStyle


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
