"""The frozen values that cross from one part of core to another."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.text import Message


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells cheaply that a file is still the one that was read.

    Attributes:
        n_bytes: Size of the file.
        mtime_ns: When it was last changed, nanoseconds since 1970.
        ctime_ns: When its inode was last changed, which no program can set; None where nobody noted it.
        read_before_ns: Without `ctime_ns`: a moment at which the file had been read already.
    """

    n_bytes: int
    mtime_ns: int
    ctime_ns: int | None = None
    read_before_ns: int = 0


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One catalogued image, as jobs see it.

    Attributes:
        id: Row in the catalog; stable for the life of the project.
        path: Absolute path where the file was last seen; it may be gone by now.
        content_hash: SHA-256 of the file's bytes, 32 bytes; the image's identity.
        stamp: Of the file when it was last read; None where nobody needs to know whether it changed since.
    """

    id: int
    path: Path
    content_hash: bytes
    stamp: FileStamp | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Skipped:
    """One file that a job could not use, and why."""

    path: Path
    reason: Message

    def to_json(self) -> dict[str, str]:
        """Its path and the reason in words."""
        return {"path": str(self.path), "reason": str(self.reason)}


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Precision and recall of one class.

    Attributes:
        n_images: Images with this label.
        n_predicted: Images that were predicted to be of this class.
        precision: Share of `n_predicted` that is right, 0 … 1, or None if nothing was predicted so.
        recall: Share of `n_images` that was found, 0 … 1, or None if there are none.
    """

    name: str
    n_images: int
    n_predicted: int
    precision: float | None
    recall: float | None

    def to_json(self) -> dict[str, Any]:
        """As among the figures of a run."""
        return {"name": self.name, "n": self.n_images, "precision": self.precision, "recall": self.recall}

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall, 0 … 1; None where either is undefined."""
        if self.precision is None or self.recall is None:
            return None
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0
