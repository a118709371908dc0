"""Check `unreadable`: files that cannot be decoded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.checks.check import CatalogState, Check, CheckData, Finding, count_figure
from core.checks.inputs import UnreadableFile
from core.images.files import CHANGED
from core.jobs import JobContext
from core.text import Message


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The files: those that the catalog knows, then those that cannot be read now."""

    files: tuple[UnreadableFile, ...]


class UnreadableCheck(Check[Unreadable]):
    """Files that changed since the import are not among them: whether they can be read is for an import to say."""

    name = "unreadable"
    evidence = Unreadable
    no_facts = {"unreadable": ()}

    def run(self, data: CheckData, context: JobContext) -> Unreadable:
        images = [data.job.images[row] for row in np.flatnonzero(~data.cues.is_read)]
        unread = [UnreadableFile(image.id, data.cues.unread.get(image.content_hash)) for image in images]
        broken = (file for file in unread if file.reason is None or file.reason.code != CHANGED)
        return Unreadable((*data.job.unreadable, *broken))

    def findings(self, evidence: Unreadable, now: CatalogState) -> Iterator[Finding]:
        if files := evidence.files:
            first = files[0].reason
            yield Finding(
                "unreadable", self.name, "unreadable", 0.37, Message("checks.title.unreadable"),
                Message("checks.files_unreadable", n=len(files)), count_figure(len(files)),
                (Message("checks.first_reason", reason=first),) if first is not None else (),
                tuple(file.image_id for file in files),
            )

    def facts(self, evidence: Unreadable, now: CatalogState) -> Mapping[str, Any]:
        return {"unreadable": [{"path": now.path(f.image_id), "reason": f.reason or ""} for f in evidence.files]}
