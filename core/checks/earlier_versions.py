"""Check `earlier_versions`: labels that were given to an earlier version of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.checks.check import CatalogState, Check, CheckData, Finding, count_figure
from core.jobs import JobContext
from core.text import Message


@dataclass(frozen=True, slots=True)
class EarlierVersions:
    """Nothing is kept: the catalog knows them at any time."""


class EarlierVersionsCheck(Check[EarlierVersions]):
    """Reads what the catalog says now."""

    name = "earlier_versions"
    evidence = EarlierVersions
    always = EarlierVersions()

    def run(self, data: CheckData, context: JobContext) -> None:
        return None

    def findings(self, evidence: EarlierVersions, now: CatalogState) -> Iterator[Finding]:
        n = len(now.earlier_ids)
        if n:
            yield Finding(
                "earlier version", self.name, "earlier version", 0.5, Message("checks.title.earlier_versions"),
                Message("checks.labels_of_earlier_versions", n=n), count_figure(n),
                (Message("checks.confirm_labels"),), now.earlier_ids,
            )
