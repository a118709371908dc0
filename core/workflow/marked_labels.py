"""Labels that were given to an earlier version of a file, as a finding and in sentences."""

from __future__ import annotations

from core.project.project import Project
from core.checks.findings import Finding, FindingKind

NOT_LEARNT = "Nothing is learnt from them until they are confirmed: give each its label again."


def say_marked(n_labels: int) -> str:
    """How many labels were given to an earlier version of their file, one sentence; empty for none."""
    if not n_labels:
        return ""
    what = "1 label was" if n_labels == 1 else f"{n_labels:,} labels were"
    return f"{what} given to an earlier version of the file."


def marked_finding(project: Project) -> tuple[Finding, ...]:
    """The finding for such labels; none without any."""
    sql = "SELECT id FROM image WHERE label_content IS NOT NULL AND status = 'ok' ORDER BY sort_key"
    ids = tuple(row[0] for row in project.catalog.rows(sql))
    if not ids:
        return ()
    return (Finding(
        "earlier version", FindingKind.EARLIER_VERSION, 0.5, "Labels of earlier versions", say_marked(len(ids)),
        f"{len(ids):,}", (NOT_LEARNT,), ids,
    ),)
