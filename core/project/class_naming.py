"""Which class a folder names: the whole path below a wrapping folder, its top, its last part, or all but batches.

`ClassNaming()` is the plain rule, "guns/pistol" for guns/pistol/a.jpg; `core.project.layout` finds the one that
suits a folder tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.project.paths import folder_text

WAYS = ("auto", "top", "leaf", "path", "none")
"""What a person may ask for: the program decides, the upper folder, the last folder, the whole path, or no class."""


@dataclass(frozen=True, slots=True)
class ClassNaming:
    """How a relative path becomes the name of a class.

    Attributes:
        by: "path", "top", "leaf", "none" (folders name no class), or the path without `batches`: "below" where they
            lie below the class folders, "above" where they lie above.
        wrapper: Folders around all classes, that are no part of their names; readable text of each.
        batches: Names of folders that only divide the images of a class; readable text.
    """

    by: str = "path"
    wrapper: tuple[str, ...] = ()
    batches: frozenset[str] = frozenset()

    def class_of(self, path: bytes) -> str:
        """The class that the folder of a file names; empty where it names none.

        Args:
            path: Relative path of the file, `os.fsencode`, parts joined by "/".
        """
        return self.class_of_folder(path.rpartition(b"/")[0])

    def class_of_folder(self, folder: bytes) -> str:
        """The class that a relative folder names; empty where it names none."""
        return self.name(folder_parts(folder))

    def name(self, parts: Sequence[str]) -> str:
        """The class that a folder names, from the readable text of its parts."""
        inner = [part for part in parts[self._n_wrapping(parts):] if part.strip()]
        return "/".join(" ".join(part.split()) for part in self._choose(inner))

    def _choose(self, inner: list[str]) -> list[str]:
        """The parts that name the class, of those without the wrapper."""
        if self.by in ("below", "above"):
            n_kept = int(self.by == "below")
            return [*inner[:n_kept], *(part for part in inner[n_kept:] if part not in self.batches)] or inner
        return {"none": [], "top": inner[:1], "leaf": inner[-1:]}.get(self.by, inner)

    def _n_wrapping(self, parts: Sequence[str]) -> int:
        n = 0
        while n < min(len(parts), len(self.wrapper)) and parts[n] == self.wrapper[n]:
            n += 1
        return n

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a command's answer."""
        return {"by": self.by, "wrapper": "/".join(self.wrapper), "batches": sorted(self.batches)}


def folder_parts(folder: bytes) -> tuple[str, ...]:
    """Readable text of each part of a relative folder; () for the folder itself."""
    return tuple(folder_text(part) for part in folder.split(b"/")) if folder else ()
