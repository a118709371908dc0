"""The undo history: every change of the project, newest first, from which one jumps to any point.

The list is that of the journal, so it is the same after a restart. What was undone is shown grey and with a sign
until something else is changed; the present point is marked. A question is asked before a jump undoes an import.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHeaderView, QPushButton, QTreeView

from core.project.journal import list_entries
from core.text import text
from core.workflow.history import BEGINNING, N_LISTED, Jump, Travelled, jump_questions, list_history, plan_jump
from gui import messages, theme
from gui.edit_actions import tell_travelled
from gui.history.history_model import HistoryModel, list_points
from gui.pages import PageContext
from gui.widgets.labels import wrapped_caption
from gui.widgets.layouts import DIALOG, answers, column_of
from gui.widgets.questions import yes_no_box

SIZE = (560, 480)

LATER_MS = 150
"""Labelling must not wait for the list."""

POLL_MS = 1_000
"""Between two looks for changes that no signal tells of."""


class HistoryDialog(QDialog):
    """Stays open beside the window and follows the project.

    Args:
        context: What a page may use.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.window)
        self._context, self._session = context, context.session
        self.setWindowTitle(text("window.history"))
        self._later = QTimer(self, singleShot=True, interval=LATER_MS)
        self._later.timeout.connect(self._refresh_if_visible)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._on_poll_timeout)
        self._poll.start()
        self.model, self.rows = HistoryModel(self), QTreeView()
        self.rows.setModel(self.model)
        self.go_button = QPushButton()
        self.said = wrapped_caption(text("window.history_explained"))
        self._build()
        session = self._session
        for signal in (session.labels_changed, session.classes_changed, session.images_changed, session.runs_changed,
                       session.project_opened):
            signal.connect(self._refresh_later)
        session.project_closed.connect(self._on_session_project_closed)
        context.window.rebuilding.connect(self._on_window_rebuilding)
        self.refresh()

    @property
    def point(self) -> int | None:
        """The point that is chosen in the list."""
        row = self.rows.currentIndex().row()
        return self.model.points[row].id if row >= 0 else None

    def choose(self, point: int) -> None:
        """Choose a point, as a click does."""
        for row, one in enumerate(self.model.points):
            if one.id == point:
                self.rows.setCurrentIndex(self.model.index(row, 0))

    def refresh(self) -> None:
        """List the changes as they are now; the present point is chosen."""
        listed = list_history(self._session.project) if self._session.is_open else ()
        points = list_points(listed, is_whole=self._session.is_open and len(listed) < N_LISTED)
        self.model.show(points)
        self.choose(next((one.id for one in points if one.is_present), BEGINNING))
        self._refresh_button()

    def jump(self) -> None:
        """Go to the chosen point, after a question where one is due."""
        planned = self._plan()
        if planned is None or not planned.entries:
            return
        project = self._session.project
        questions = jump_questions(project, planned)
        if not questions:
            self._carry_out(planned, gives_up=False)
            return
        box = yes_no_box(
            self.window(), text("window.undo"), "\n".join(map(str, questions)), text("window.undo_question_hint"),
            yes=self._words(planned), no=text("window.cancel"), yes_name="undo",
        )
        box.setObjectName("undoQuestion")
        self._session.project_changed.connect(box.reject)  # entries of one project are others in the next
        box.accepted.connect(lambda: self._carry_out(planned, gives_up=True))
        box.open()

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        self.rows.setAccessibleName(text("window.history"))
        self.rows.setRootIsDecorated(False)
        self.rows.setUniformRowHeights(True)
        self.rows.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.rows.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.rows.selectionModel().currentChanged.connect(self._refresh_button)
        self.rows.doubleClicked.connect(self._on_rows_double_clicked)
        buttons = answers(self)
        self.go_button.setProperty("role", "primary")
        self.go_button.setDefault(True)  # Enter in the list
        self.go_button.clicked.connect(self.jump)
        buttons.addButton(self.go_button, QDialogButtonBox.ButtonRole.ActionRole)
        column_of(self.said, (self.rows, 1), buttons, spacing=theme.BETWEEN, margins=DIALOG, parent=self)
        self.resize(*SIZE)

    # ── what happens ─────────────────────────────────────────────────────

    def _on_rows_double_clicked(self) -> None:
        """A jump lists all anew, which must not happen while the view still handles the click."""
        QTimer.singleShot(0, self, self.jump)

    def _refresh_later(self) -> None:
        self._later.start()

    def _on_session_project_closed(self) -> None:
        self.close()

    def _refresh_if_visible(self) -> None:
        if self.isVisible():
            self.refresh()

    def _plan(self) -> Jump | None:
        if self.point is None or not self._session.is_open or self._session.project.is_read_only:
            return None
        return plan_jump(self._session.project, self.point)

    def _words(self, planned: Jump) -> str:
        code = "window.history_undo_n" if planned.is_undo else "window.history_redo_n"
        return text(code, n=len(planned.entries))

    def _refresh_button(self) -> None:
        planned = self._plan()
        can_jump = planned is not None and bool(planned.entries)
        self.go_button.setEnabled(can_jump)
        self.go_button.setText(
            text("window.undo") if planned is None else self._words(planned) if can_jump
            else text("window.history_is_present"))

    def _carry_out(self, planned: Jump, *, gives_up: bool) -> None:
        found: Travelled | None = None
        if self._session.is_open:
            with messages.warned():
                found = self._session.jump(planned, gives_up=gives_up)
        self.refresh()
        if found is not None:
            tell_travelled(found, "window.undone" if planned.is_undo else "window.redone")

    def _on_window_rebuilding(self) -> None:
        """In another language the next one is built anew."""
        self.close()
        self.setParent(None)
        self.deleteLater()

    def _on_poll_timeout(self) -> None:
        """Some changes, such as an accepted finding, are told by no signal."""
        if not self.isVisible() or not self._session.is_open:
            return
        newest = list_entries(self._session.project, n_most=1)
        if newest and newest[0].entry.id != self.model.points[0].id:
            self.refresh()
