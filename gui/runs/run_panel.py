"""What is said of the selected runs, and what can be done with them: note, star, repeat, delete, curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from core.project.run_marks import set_deleted, set_note, set_star
from core.project.runs import RunRow
from core.review.verdict import RunWords, describe_end
from core.runs.environment import say_environment
from core.text import render, text
from core.workflow.comparing import compare_recorded, describe_change
from core.workflow.confusion import has_judged, read_confusion
from core.workflow.run_acts import read_environment
from core.workflow.runs import describe_recorded
from gui import messages, theme
from gui.pages import PageContext
from gui.runs.run_curves import RunCurves
from gui.runs.run_rules import why_not
from gui.widgets.labels import SignedSentence, wrapped, wrapped_caption
from gui.widgets.layouts import STRETCH, column_of, row_of


class RunPanel(QWidget):
    """Follows what is selected in the table.

    Args:
        context: What a page may use.

    Signals:
        comparison_asked(str before, str after): what changed from the older of two runs to the newer one.
    """

    comparison_asked = Signal(str, str)

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context, self._session = context, context.session
        self.runs: tuple[RunRow, ...] = ()
        self.title = theme.bold(wrapped())
        self.note = QLineEdit()
        self.note.setPlaceholderText(text("window_runs.note.placeholder"))
        self.note.setAccessibleName(text("window_runs.column.user_note"))
        self.damage, self.compared = SignedSentence("wrong", role="red"), wrapped()
        self.verdict, self.end = wrapped(), wrapped_caption()
        self.curves, self.environment = RunCurves(), wrapped_caption()
        self.star = self._button("star", self._on_star_clicked)
        self.copy = self._button("train_like", self._on_copy_clicked)
        self.repeat = self._button("repeat", self._on_repeat_clicked)
        self.delete = self._button("delete", self._on_delete_clicked)
        self.compare = self._button("compare", self._on_compare_clicked)
        self.compare.setProperty("role", "primary")
        column_of(
            self.title, self.note, self.damage, self.verdict, self.end, self.compared, self.curves, self.environment,
            row_of(self.compare, self.star, self.copy, self.repeat, self.delete, STRETCH), STRETCH,
            margins=theme.AROUND, parent=self)
        self.note.editingFinished.connect(self._on_note_finished)

    def _button(self, name: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text(f"window_runs.{name}"))
        button.clicked.connect(act)
        return button

    @property
    def is_one(self) -> bool:
        """Whether one sound run is selected."""
        return len(self.runs) == 1 and not self.runs[0].damage

    def why_not(self, act: str) -> str:
        """Why an act cannot be done with the selected runs; see `run_rules.why_not`."""
        is_writable = self._session.is_open and not self._session.project.is_read_only
        reason = why_not(act, self.runs, can_write=is_writable, is_training=self._context.training.is_training)
        return render(reason) if reason is not None else ""

    def show_runs(self, runs: Sequence[RunRow]) -> None:
        """Speak of these."""
        if self.note.hasFocus() and self.note.isModified():
            self._on_note_finished()
        self.runs = tuple(runs)
        self._show_words()
        self.curves.show_runs(self.runs)
        self._refresh_buttons()

    def _show_words(self) -> None:
        one = self.runs[0] if len(self.runs) == 1 else None
        is_sound = one is not None and not one.damage
        words = self._describe(one) if one is not None and is_sound else None
        self.title.setText(one.id if one else text("window_runs.n_selected", n=len(self.runs)) if self.runs else
                           text("window_runs.select_some"))
        self.damage.set_text(str(one.damage) if one is not None and one.damage else "")
        self.note.setText(self._session.marks[one.id].note if one and one.id in self._session.marks else "")
        self.note.setCursorPosition(0)
        environment: tuple[object, ...] = ()
        if one is not None and is_sound:
            environment = say_environment(read_environment(self._session.project.run_path(one.id)))
        figures = (words.verdict, words.baseline, words.as_trained) if words else ()
        for label, said in (
            (self.verdict, " ".join(filter(None, figures))),
            (self.end, describe_end(one.figures) if one is not None and is_sound else ""),
            (self.compared, self._compare()), (self.environment, " ".join(map(str, environment))),
        ):
            label.setText(said)
            label.setVisible(bool(said))

    def _describe(self, run: RunRow) -> RunWords:
        """By the labels as they are now, as Review and the command line do; the table has the figures as trained."""
        project = self._session.project
        return describe_recorded(run, read_confusion(project, run.id) if has_judged(project, run.id) else None)

    def _compare(self) -> str:
        """ "Since 2026-11-22-001-transfer: 3 fixed, 1 broken, …" of two runs; what to select for one."""
        if len(self.runs) > 1 and (reason := self.why_not("compare")):
            return reason
        if len(self.runs) != 2:
            return text("window_runs.select_two") if self.is_one and len(self._session.runs) > 1 else ""
        older, newer = self._by_age()
        found = compare_recorded(self._session.project, older.id, newer.id)
        change = text("window_train.since_run", run=older.id, change=describe_change(found))
        return text("window_runs.compared", run=newer.id, change=change)

    def _by_age(self) -> list[RunRow]:
        return sorted(self.runs, key=lambda run: (run.created_at, run.id))

    def _refresh_buttons(self) -> None:
        one = self.runs[0] if len(self.runs) == 1 else None
        is_starred = one is not None and one.id in self._session.marks and self._session.marks[one.id].is_starred
        self.star.setText(text("window_runs.unstar" if is_starred else "window_runs.star"))
        self.note.setVisible(one is not None)
        self.note.setReadOnly(bool(reason := self.why_not("note")))
        self.note.setToolTip(reason)
        for act, button in (("star", self.star), ("train_like", self.copy), ("repeat", self.repeat),
                            ("delete", self.delete), ("compare", self.compare)):
            reason = self.why_not(act)
            button.setVisible(bool(self.runs) if act != "compare" else len(self.runs) > 1)
            button.setEnabled(not reason)
            button.setToolTip(reason or text(f"window_runs.{act}.tip"))

    def refresh(self) -> None:
        """A training began or ended."""
        self._refresh_buttons()

    # ── what happens ─────────────────────────────────────────────────────

    def toggle_star(self, run: RunRow) -> None:
        """Give a run a star, or take it away."""
        marks = self._session.marks.get(run.id)
        with messages.warned():
            is_starred = marks is not None and marks.is_starred
            self._session.change_runs(lambda project: set_star(project, run.id, not is_starred))

    def _on_star_clicked(self) -> None:
        self.toggle_star(self.runs[0])

    def _on_note_finished(self) -> None:
        if len(self.runs) != 1 or not self.note.isModified():
            return
        self.note.setModified(False)
        run, note = self.runs[0], self.note.text()
        # not while the field still handles the key: the list is set anew
        QTimer.singleShot(0, self, lambda: self._keep_note(run, note))

    def _keep_note(self, run: RunRow, note: str) -> None:
        with messages.warned():
            if self._session.is_open:
                self._session.change_runs(lambda project: set_note(project, run.id, note))

    def _on_compare_clicked(self) -> None:
        older, newer = self._by_age()
        self.comparison_asked.emit(older.id, newer.id)

    def _on_copy_clicked(self) -> None:
        with messages.warned():
            self._context.plan.copy_run(self.runs[0])
            self._context.window.go_to("train")

    def _on_repeat_clicked(self) -> None:
        run = self.runs[0]
        self._context.jobs.repeat(run.id, run.strategy)

    def _on_delete_clicked(self) -> None:
        with messages.warned():
            ids = [run.id for run in self.runs]
            self._session.change_runs(lambda project: set_deleted(project, ids, True))
