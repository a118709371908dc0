"""Check `outliers`: images unlike all others, and files that are blank, dark, blurred, tiny or otherwise unusual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.checks.check import CatalogState, Check, CheckData, Finding, Note, count_figure
from core.checks.outlier_search import Outlier, find_far, find_odd_files
from core.jobs import JobContext
from core.text import Message


@dataclass(frozen=True, slots=True)
class Outliers:
    """Images far from all others first, then unusual files; one image may be there several times."""

    found: tuple[Outlier, ...]


class OutliersCheck(Check[Outliers]):
    """Asks embeddings, where there are any, and measurements."""

    name = "outliers"
    evidence = Outliers

    def run(self, data: CheckData, context: JobContext) -> Outliers:
        rows = np.flatnonzero(data.has_vector)
        far = () if data.vectors is None else find_far(data.vectors[rows], context)
        odd = find_odd_files(data.cues, data.job.names) if len(data.job.images) else ()
        return Outliers((
            *(replace(o, image_id=int(data.ids[rows[o.image_id]])) for o in far),
            *(replace(o, image_id=int(data.ids[o.image_id])) for o in odd),
        ))

    def findings(self, evidence: Outliers | None, now: CatalogState) -> Iterator[Finding]:
        found = evidence.found if evidence is not None else ()
        if found:
            counts = Counter(outlier.oddity for outlier in found)
            kinds = tuple(Message(f"checks.oddity.{o.name.lower()}", n=n) for o, n in counts.items())
            ids = tuple(dict.fromkeys(outlier.image_id for outlier in found))
            yield Finding(
                "odd", self.name, "outlier", 0.15, Message("checks.title.outliers"),
                Message("checks.images_are_unusual", n=len(ids), kinds=kinds), count_figure(len(ids)), (), ids, found,
            )

    def notes(self, finding: Finding) -> Mapping[int, Note]:
        return {outlier.image_id: Note((outlier.sentence,)) for outlier in reversed(finding.evidence)}

    def facts(self, evidence: Outliers | None, now: CatalogState) -> Mapping[str, Any]:
        return {"outliers": [
            {"path": now.path(o.image_id), "kind": str(o.oddity), "strength": o.strength, "reason": o.sentence}
            for o in (evidence.found if evidence is not None else ())
        ]}
