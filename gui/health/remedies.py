"""What can be done about a finding, in one place for its buttons, keys and menu entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog

from core.errors import AppError
from core.project import decisions
from core.project.decisions import label_subject
from core.checks.findings import Finding, FindingKind
from core.checks.health_result import SuspectLabel
from core.cli.sentences import plural
from core.workflow.duplicate_plan import plan_copies
from core.workflow.trashing import can_put_back, move_to_trash, put_back
from gui import messages
from gui.health.trash_dialog import TrashDialog
from gui.health.watch import HealthWatch
from gui.widgets.browser import ImageBrowser
from gui.pages import PageContext

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Remedy:
    """One button.

    Attributes:
        name: Known to code.
        title: What happens.
        act: Does it.
        tool_tip: More about it, with the key.
        is_primary: The one that comes first.
    """

    name: str
    title: str
    act: Callable[[], None]
    tool_tip: str = ""
    is_primary: bool = False


class Remedies(QObject):
    """Acts on the images of the chosen finding.

    Args:
        context: Session and window.
        watch: What was found.
        browser: Shows the images; what is selected there is acted upon.
    """

    def __init__(self, context: PageContext, watch: HealthWatch, browser: ImageBrowser) -> None:
        super().__init__(browser)
        self._context, self._session, self._watch, self._browser = context, context.session, watch, browser

    def offered(self, finding: Finding) -> tuple[Remedy, ...]:
        """What can be done about a finding, the most useful first."""
        own = {
            FindingKind.LABEL_ERROR: self._for_labels, FindingKind.DUPLICATE: self._for_copies,
            FindingKind.LEAK: self._for_leaks,
        }.get(finding.kind, tuple)()
        if self._session.project.is_read_only:
            return ()
        return (*own, self._for_reason(finding))

    def suspects(self) -> dict[int, SuspectLabel]:
        """Doubtful labels by image id."""
        return {s.image_id: s for s in self._watch.result.label_errors} if self._watch.result is not None else {}

    # ── labels ───────────────────────────────────────────────────────────

    def accept_suggestion(self) -> None:
        """Label the selected pictures as suggested, and go on to the next."""
        suspects = self.suspects()
        chosen = [suspects[i] for i in self._browser.acting_ids().tolist() if i in suspects]
        by_class: dict[int, list[int]] = {}
        for suspect in chosen:
            by_class.setdefault(suspect.suggested_id, []).append(suspect.image_id)
        for class_id, ids in by_class.items():
            self._label(ids, class_id)

    def keep(self) -> None:
        """The labels of the selected pictures are right: never doubt them again."""
        suspects = self.suspects()
        chosen = [suspects[i] for i in self._browser.acting_ids().tolist() if i in suspects]
        subjects = [label_subject(s.content_hash, s.label_id) for s in chosen]
        n_kept = self._try(lambda: decisions.keep_labels(self._session.project, subjects))
        if n_kept:
            self._watch.refresh_decisions()

    def skip(self) -> None:
        """Ask later: go on to the next picture."""
        row = self._browser.selection.currentIndex().row()
        if row + 1 < self._browser.model.rowCount():
            self._browser.selection.set_current_row(row + 1)

    def _for_labels(self) -> tuple[Remedy, ...]:
        return (
            Remedy("accept", self.tr("Take the suggestion"), self.accept_suggestion,
                   self.tr("Labels what is selected as suggested (Enter)"), is_primary=True),
            Remedy("keep", self.tr("I am sure"), self.keep,
                   self.tr("The label is right; it is never shown as doubtful again (K)")),
            Remedy("skip", self.tr("Later"), self.skip, self.tr("Goes on to the next picture (→)")),
        )

    # ── copies ───────────────────────────────────────────────────────────

    def ask_for_trash(self) -> None:
        """Show which copies would go, and move them if that is wanted."""
        if self._watch.result is None:
            return
        plan = plan_copies(self._session.project, self._watch.result)
        if not plan.moves:
            first = plan.protected[:1]
            messages.tell(
                self.tr("No duplicate can be moved: each side of train and test keeps one of every image."),
                *(f"“{one.path.name}”: {one.reason}" for one in first))
            return
        dialog = TrashDialog(plan, self._context.window)
        dialog.accepted.connect(lambda: self.trash([(kept.id, moved.id) for kept, moved in dialog.moves]))
        dialog.open()

    def trash(self, moves: Sequence[tuple[int, int]]) -> None:
        """Move files to the trash, (kept id, moved id); a person has agreed."""
        found = self._try(lambda: _while_waiting(partial(move_to_trash, self._session.project, moves)))
        self._session.images_were_changed()
        if found is None:
            return
        if found.image_ids:
            moved = plural(len(found.image_ids), self.tr("duplicate"))
            messages.tell(self.tr("{0} moved to the trash.").format(moved), self.tr("Ctrl+Z brings them back."))
        for skipped in found.left[:1]:
            messages.doubt(self.tr("{0} left alone.").format(plural(len(found.left), self.tr("file"))),
                           f"“{skipped.path.name}”: {skipped.reason}")

    def bring_back(self) -> None:
        """Put everything back that was moved to the trash from here."""
        found = self._try(lambda: _while_waiting(partial(put_back, self._session.project)))
        self._session.images_were_changed()
        if found is None:
            return
        if found.image_ids:
            messages.tell(self.tr("{0} put back.").format(plural(len(found.image_ids), self.tr("file"))))
        for skipped in found.left[:1]:
            messages.doubt(self.tr("{0} could not be put back.").format(plural(len(found.left), self.tr("file"))),
                           f"“{skipped.path.name}”: {skipped.reason}")

    @property
    def n_in_trash(self) -> int:
        """Files that can be put back."""
        return can_put_back(self._session.project) if self._session.is_open else 0

    def _for_copies(self) -> tuple[Remedy, ...]:
        return (Remedy(
            "trash", self.tr("Move the duplicates to the trash…"), self.ask_for_trash,
            self.tr("Keeps the largest and least compressed one; shows the list first"), is_primary=True),)

    # ── leaks ────────────────────────────────────────────────────────────

    def unlabel_twins(self, finding: Finding) -> None:
        """Take the labels of the training twins away, so that no model learns from them; can be undone."""
        shown = set(finding.image_ids)
        leaks = self._watch.result.leaks if self._watch.result is not None else ()
        ids = sorted({leak.train_id for leak in leaks if leak.train_id in shown})
        self._label(ids, None)

    def _for_leaks(self) -> tuple[Remedy, ...]:
        finding = self._watch.find("leak:same") or self._watch.find("leak:near")
        if finding is None:
            return ()
        return (Remedy(
            "unlabel", self.tr("Do not learn from the twins"), lambda: self.unlabel_twins(self._chosen_leak(finding)),
            self.tr("Takes the label of each training picture that has a twin in the test; Ctrl+Z brings it back")),)

    def _chosen_leak(self, default: Finding) -> Finding:
        """The leak whose images are in sight."""
        shown = set(self._browser.listing.ids.tolist())
        leaks = [f for f in self._watch.findings if f.kind is FindingKind.LEAK]
        return next((f for f in leaks if set(f.image_ids) >= shown), default)

    # ── accepting ────────────────────────────────────────────────────────

    def ask_for_reason(self, finding: Finding) -> None:
        """Ask why a finding is accepted."""
        reason, is_given = QInputDialog.getText(
            self._context.window, self.tr("Accept this finding"),
            self.tr("Why is it no problem? The reason is kept in every run and printed in its review page."))
        if is_given and reason.strip():
            self.acknowledge(finding, reason.strip())

    def acknowledge(self, finding: Finding, reason: str) -> None:
        """Accept a finding; it counts no more."""
        self._try(partial(decisions.acknowledge, self._session.project, finding.key, reason))
        self._watch.refresh_decisions()

    def take_back(self, finding: Finding) -> None:
        """Let an accepted finding count again."""
        self._try(partial(decisions.take_back, self._session.project, finding.key))
        self._watch.refresh_decisions()

    def _for_reason(self, finding: Finding) -> Remedy:
        if finding.is_acknowledged:
            return Remedy("count", self.tr("Let it count again"), partial(self.take_back, finding))
        return Remedy(
            "acknowledge", self.tr("Accept with a reason…"), partial(self.ask_for_reason, finding),
            self.tr("It counts no more; the reason is kept in every run"))

    def _label(self, ids: Sequence[int], class_id: int | None) -> None:
        self._try(lambda: self._session.label(np.array(ids, np.int64), class_id))

    def _try(self, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except AppError as error:
            messages.warn(error)
            return None


def _while_waiting(act: Callable[[], T]) -> T:
    """Do something that reads files, under the sign for it."""
    QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
    try:
        return act()
    finally:
        QGuiApplication.restoreOverrideCursor()
