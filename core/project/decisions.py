"""What a person said to findings of the data check: "I am sure of this label", "I know, and here is why".

What a person says of runs stands in the same table; see `core.project.run_marks`.
A label is known by the content of its image and its class, so that the word holds after a move, and no
longer once the label is another one. Decisions are in the journal like labels: they can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.project.journal import DecisionState, now_text, write_entry
from core.project.project import Project
from core.text import Message

LABEL, FINDING = "label", "finding"
SURE = "sure"
"""The reason that stands where nobody asked for one."""


def label_subject(content_hash: str, class_id: int) -> str:
    """Names a label: the content of its image, hexadecimal, and its class."""
    return f"{content_hash}:{class_id}"


def list_decisions(project: Project, kind: str) -> dict[str, DecisionState]:
    """Decisions of a kind by their subject; none in a project of an older version that is only looked at."""
    if not project.catalog.rows("SELECT 1 FROM sqlite_master WHERE name = 'finding_decision'"):
        return {}
    rows = project.catalog.rows("SELECT kind, subject, reason, at FROM finding_decision WHERE kind = ?", (kind,))
    return {row[1]: DecisionState(*row) for row in rows}


def keep_labels(project: Project, subjects: Iterable[str]) -> int:
    """Note that a person is sure of labels, so that they are never shown as doubtful again.

    Returns:
        How many were not on record yet; 0 leaves no entry in the journal.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    known = list_decisions(project, LABEL)
    new = [subject for subject in dict.fromkeys(subjects) if subject not in known]
    decide(project, LABEL, dict.fromkeys(new, SURE), Message("project.journal.be_sure", n=len(new)))
    return len(new)


def acknowledge(project: Project, key: str, reason: str) -> None:
    """Note why a finding is known and accepted; a new reason takes the place of an older one.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    decide(project, FINDING, {key: reason}, Message("project.journal.accept_finding"))


def take_back(project: Project, key: str) -> None:
    """Forget why a finding was accepted, so that it counts again.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    if key in list_decisions(project, FINDING):
        decide(project, FINDING, {key: None}, Message("project.journal.reopen_finding"))


def decide(
    project: Project, kind: str, reasons: Mapping[str, str | None], title: Message, *, action: str = "decide"
) -> None:
    """Make or take back decisions of a kind, in one entry of the journal; without any there is no entry.

    Args:
        reasons: By subject, None to take back.
        action: What the journal calls it.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    if not reasons:
        return
    known, at = list_decisions(project, kind), now_text()
    before = [known.get(subject, DecisionState(kind, subject, None, at)) for subject in reasons]
    after = [DecisionState(kind, subject, reason, at) for subject, reason in reasons.items()]
    with project.catalog.transaction() as db:
        write_entry(db, title, action=action, decisions_before=before, decisions_after=after)
