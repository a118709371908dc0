"""The frozen values that cross from one part of core to another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One catalogued image, as jobs see it.

    Attributes:
        id: Row in the catalog; stable for the life of the project.
        path: Absolute path where the file was last seen; it may be gone by now.
        content_hash: SHA-256 of the file's bytes, 32 bytes; the image's identity.
    """

    id: int
    path: Path
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class Skipped:
    """One file that a job could not use, with the reason in one sentence."""

    path: Path
    reason: str
