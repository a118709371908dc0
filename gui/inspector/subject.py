"""What the inspector shows, in one frozen piece: an image, what is known of it, and how its classes look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.project.classes import ClassRow
from core.project.runs import RunRow
from core.workflow.inspecting import Look
from gui.widgets.class_signs import class_sign


@dataclass(frozen=True, slots=True)
class Face:
    """How a class looks.

    Attributes:
        class_id: Its row in the catalog; None for a class that the project no longer has.
        name: Its name.
        color: "#RRGGBB", or "" for none.
        sign: "■", "◆" … beside the colour, or "".
        key: The character that labels with it, or "".
    """

    class_id: int | None
    name: str
    color: str = ""
    sign: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """One image in the inspector.

    Attributes:
        look: What the project knows of it.
        faces: The classes by id.
        run: The chosen run.
    """

    look: Look
    faces: Mapping[int, Face]
    run: RunRow | None

    @property
    def label(self) -> Face | None:
        """The class that a person gave."""
        return self.faces.get(self.look.row.class_id or 0)

    @property
    def is_readable(self) -> bool:
        return self.look.row.status == "ok"

    @property
    def is_as_imported(self) -> bool:
        """Whether it is readable and still what the last import saw, so that something can be said of it."""
        return self.is_readable and not self.look.file_changed

    def face(self, class_id: int | None, name: str = "") -> Face:
        """How a class looks, also one that is gone."""
        return self.faces.get(class_id or 0) or Face(None, name)


def faces_of(classes: Iterable[ClassRow]) -> dict[int, Face]:
    """The looks of all classes by id, in their order."""
    return {
        row.id: Face(row.id, row.name, row.color, class_sign(place), row.key or "")
        for place, row in enumerate(classes)
    }
