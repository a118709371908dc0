"""Remedies of findings: words and action of each code in `Finding.remedies`, for buttons, keys and menu entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog

from core.checks.check import Finding
from core.checks.duplicate_pairs import Match
from core.checks.label_issues import LabelIssue
from core.errors import AppError
from core.project import decisions
from core.project.exclusion import BY_HAND
from core.text import Message, text
from core.types import Skipped
from core.workflow.touched import split_touched
from core.workflow.trashing import move_to_trash, plan_duplicates, put_back
from gui import messages
from gui.health.trash_dialog import TrashDialog
from gui.health.watch import HealthWatch
from gui.pages import PageContext
from gui.widgets.browser import ImageBrowser
from gui.widgets.image_acts import exclude
from gui.widgets.mixed_parts import settle_parts

T = TypeVar("T")

ACCEPT = "accept"
"""The remedy that labels images as suggested."""

_PRIMARY = (ACCEPT, "trash")
_WITHOUT_TIP = ("count",)
_REASONS = {"label error": "label_issue", "outlier": "outlier"}
"""Why images of a kind of finding are excluded; see `core.project.exclusion.REASONS`."""


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
        if self._session.project.is_read_only:
            return ()
        acts: dict[str, Callable[[], None]] = {
            ACCEPT: self.accept_suggestion, "keep": self.keep, "skip": self.skip,
            "trash": partial(self.ask_for_trash, finding), "exclude": partial(self.exclude_leaked, finding),
            "exclude_selected": partial(self.exclude_selected, finding),
            "acknowledge": partial(self.ask_for_reason, finding), "count": partial(self.take_back, finding),
        }
        names = (*finding.remedies, "count" if finding.is_accepted else "acknowledge")
        return tuple(
            Remedy(name, text(f"window_health.remedy.{name}"), acts[name],
                   "" if name in _WITHOUT_TIP else text(f"window_health.remedy.{name}.tip"), name in _PRIMARY)
            for name in names
        )

    # ── labels ───────────────────────────────────────────────────────────

    def accept_suggestion(self) -> None:
        """Label the selected images as suggested, and go on to the next."""
        by_class: dict[int, list[int]] = {}
        for issue in self._chosen_issues():
            by_class.setdefault(issue.suggested_id, []).append(issue.image_id)
        for class_id, ids in by_class.items():
            self._label(ids, class_id)

    def keep(self) -> None:
        """The labels of the selected images are right: never list them again."""
        subjects = [issue.subject for issue in self._chosen_issues()]
        if self._try(lambda: decisions.keep_labels(self._session.project, subjects)):
            self._watch.refresh_decisions()

    def skip(self) -> None:
        """Ask later: go on to the next image."""
        row = self._browser.selection.currentIndex().row()
        if row + 1 < self._browser.model.rowCount():
            self._browser.selection.set_current_row(row + 1)

    def _chosen_issues(self) -> list[LabelIssue]:
        """Label issues of the selected images."""
        issues = {e.image_id: e for f in self._watch.findings for e in f.evidence if isinstance(e, LabelIssue)}
        return [issues[i] for i in self._browser.acting_ids().tolist() if i in issues]

    # ── duplicates ───────────────────────────────────────────────────────

    def ask_for_trash(self, finding: Finding) -> None:
        """Show which duplicates would go, and move them if that is wanted."""
        plan = plan_duplicates(self._session.project, [group.image_ids for group in finding.evidence])
        if not plan.moves:
            messages.tell(text("trash.nothing_to_move"), *map(_say_skipped, plan.protected[:1]))
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
            said = split_touched(self._session.project, found.image_ids).words
            messages.tell(Message("trash.moved", images=said), Message("trash.moved.hint"))
        if found.left:
            messages.doubt(text("trash.left_alone", n=len(found.left)), _say_skipped(found.left[0]))

    def bring_back(self) -> None:
        """Put everything back that was moved to the trash from here."""
        found = self._try(lambda: _while_waiting(partial(put_back, self._session.project)))
        self._session.images_were_changed()
        if found is None:
            return
        if found.image_ids:
            messages.tell(text("trash.put_back", n=len(found.image_ids)))
        if found.left:
            messages.doubt(text("trash.not_put_back", n=len(found.left)), _say_skipped(found.left[0]))

    def exclude_leaked(self, finding: Finding) -> None:
        """Exclude training images that are in the test set too, so that no model is trained on them; labels stay."""
        is_near = any(leak.match is Match.NEAR for leak in finding.evidence)
        ids = sorted({leak.train_id for leak in finding.evidence})
        self._exclude(ids, "near_duplicate" if is_near else "duplicate")

    def exclude_selected(self, finding: Finding) -> None:
        """Exclude the selected images for what was found of them."""
        reason = _REASONS.get(finding.kind, BY_HAND)
        settle_parts(self._session, self._browser, "exclude", self._browser.acting_ids(),
                     lambda ids: self._exclude(ids.tolist(), reason))

    def _exclude(self, ids: Sequence[int], reason: str) -> None:
        chosen = np.array(ids, np.int64)
        said = split_touched(self._session.project, chosen).words
        if self._try(lambda: exclude(self._session, chosen, reason)):
            messages.tell(Message("widgets.did.exclude", images=said, name=""), Message("widgets.undo_hint"))

    # ── accepting ────────────────────────────────────────────────────────

    def ask_for_reason(self, finding: Finding) -> None:
        """Ask why a finding is accepted."""
        reason, is_given = QInputDialog.getText(
            self._context.window, text("window_health.accept_title"), text("window_health.accept_question"))
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

    def _label(self, ids: Sequence[int], class_id: int | None) -> None:
        self._try(lambda: self._session.label(np.array(ids, np.int64), class_id))

    def _try(self, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except AppError as error:
            messages.warn(error)
            return None


def _say_skipped(skipped: Skipped) -> str:
    return text("trash.file_and_reason", name=skipped.path.name, reason=skipped.reason)


def _while_waiting(act: Callable[[], T]) -> T:
    """Do something that reads files, under the sign for it."""
    QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
    try:
        return act()
    finally:
        QGuiApplication.restoreOverrideCursor()
