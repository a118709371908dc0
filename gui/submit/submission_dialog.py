"""Asks what a submission (competition file) needs, checks it while one types, shows its first lines, and saves it."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog, QDialogButtonBox, QGridLayout, QHeaderView, QLabel, QLineEdit,
    QPushButton, QTableWidget, QTableWidgetItem, QWidget,
)

from core.errors import AppError
from core.jobs import JobContext
from core.project.removal import count_removed
from core.project.spared import require_spared
from core.review.decide import NONE_OF_THESE, UNSURE
from core.submission import (
    MapSource, Missing, Says, Submission, SubmissionInput, make_submission, propose_form, write_submission,
)
from core.text import Message, text
from core.workflow.answers import AnswerJob, RunAnswers, answer_images, prepare_answers, record_answers
from core.workflow.deciding import make_rule
from core.workflow.predicting import submission_of
from gui import messages, theme
from gui.actions import Action
from gui.jobs import Job
from gui.pages import PageContext
from gui.window_actions import OUTPUTS
from gui.widgets.answer_wishes import AnswerWishes
from gui.widgets.file_dialogs import ask_for_file, ask_where_to_save
from gui.widgets.layouts import ScrollArea, column_of
from gui.widgets.run_chooser import RunChooser
from gui.submit.dialog_parts import CodeTable, Tone, VerdictLine, build_missing_box, build_write_box
from gui.widgets.window_size import resize_within_screen

N_PREVIEW = 6
WIDTH_PX = 600
N_NAMED = 3
"""So many images without a prediction are named; the others are counted."""

_UNANSWERED = {UNSURE: "window_submit.unsure", NONE_OF_THESE: "window_submit.none_of_these"}
"""How many lines have no answer, by the reason."""

_OPTIONS = re.compile(r" \([^()]*--[^()]*\)")
"""What a hint says of options of the command line, which the window does not have."""


class SubmissionDialog(QDialog):
    """One competition file for the test images of the open project.

    Args:
        context: Session and runner.
    """

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window_submit.title"))
        self._session, self._runner = context.session, context.runner
        self._answers: RunAnswers | None = None
        self._made: Submission | None = None
        self._is_typed = False
        self._job: Job | None = None
        self.run, self.template = RunChooser(), QLineEdit()
        self.write, self.missing = build_write_box(), build_missing_box()
        self.wishes = AnswerWishes(self._session.project)
        self.codes, self.about = CodeTable(), QLabel(wordWrap=True)
        self.verdict = VerdictLine()
        self.preview = QTableWidget()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = self._buttons.addButton(text("window_submit.save"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._build()
        self._connect()
        self._ask_run()

    @property
    def template_path(self) -> Path | None:
        """The competition's example file, or None."""
        typed = self.template.text().strip()
        return Path(typed).expanduser() if typed else None

    @property
    def _wanted(self) -> Says | None:
        chosen = self.write.currentData()
        return Says(chosen) if chosen else None

    def save_to(self, out: Path) -> bool:
        """Write the file; returns whether that worked."""
        if self._answers is None or self._made is None:
            return False
        try:
            require_spared(self._session.project, out)
            made = write_submission(self._inputs(self._answers), out)
        except AppError as error:
            self.verdict.say(_in_window(error), Tone.WRONG)
            return False
        messages.tell(text("window_submit.saved", n=len(made.rows), out=out))
        self.accept()
        return True

    # ── asking the run ───────────────────────────────────────────────────

    def _ask_run(self) -> None:
        self._answers = None
        self._forget_job()
        try:
            asked = prepare_answers(
                self._session.project, self.run.currentData(), "test", has_none=self.wishes.wish.has_none)
            if not asked.n_missing and not asked.has_none:
                self._take_answers(answer_images(asked, JobContext()))
                return
        except AppError as error:
            self._refuse(error)
            return
        self._predict(asked, asked.n_missing)

    def _predict(self, asked: AnswerJob, n_missing: int) -> None:
        """New test images are predicted in the engine, and compared with the training images where that is asked."""
        said = text("window_submit.not_predicted_yet", n=n_missing) if n_missing else text("window_submit.comparing")
        self._show_nothing(said, Tone.NOTE)
        job = self._job = self._runner.start(text("window_submit.job"), "answer", asked)
        job.succeeded.connect(self._on_job_succeeded)
        job.failed.connect(self._refuse)
        job.cancelled.connect(lambda: self._show_nothing(text("window_submit.cancelled"), Tone.DOUBT))

    def _on_job_succeeded(self, answers: RunAnswers) -> None:
        self._job = None
        with messages.warned():
            if record_answers(self._session.project, answers):
                self._session.labels_were_changed()  # what is expected of these images can be told now
        self._take_answers(answers)

    def _take_answers(self, answers: RunAnswers) -> None:
        self._answers = answers
        self._propose()

    def _forget_job(self) -> None:
        if self._job is not None and not self._job.is_over:
            self._job.forget()
        self._job = None

    # ── checking ─────────────────────────────────────────────────────────

    def _propose(self) -> None:
        """Another template, run or wish: the form and the codes that it suggests."""
        if self._answers is None:
            return
        self._is_typed = False
        self.codes.setEnabled(True)
        try:
            form = propose_form(submission_of(
                self._answers, template=self.template_path, wanted=self._wanted))
        except AppError as error:
            self.codes.show_codes(self._answers.classes, {})
            self._refuse(error)
            return
        self.codes.show_codes(tuple(form.codes.codes), form.codes.codes)
        is_free = any(column.says is Says.CLASS for column in form.columns)
        self.codes.setEnabled(is_free or form.codes.source is not MapSource.TEMPLATE)
        self._check()

    def _inputs(self, answers: RunAnswers) -> SubmissionInput:
        """What is asked for; codes count as given only where they were typed."""
        missing = self.missing.currentData()
        return submission_of(
            answers, template=self.template_path, class_map=self.codes.codes if self._is_typed else None,
            wanted=self._wanted, missing=Missing(missing) if missing else None,
            rule=make_rule(self._session.project, answers.classes, self.wishes.wish),
        )

    def _on_codes_edited(self) -> None:
        self._is_typed = True
        self._check()

    def _check(self) -> None:
        if self._answers is None:
            return
        try:
            self._made = make_submission(self._inputs(self._answers))
        except AppError as error:
            self._refuse(error)
            return
        self.verdict.say(*self._say_made(self._made, self._answers))
        self.about.show()
        self.about.setText(f"{self._made.form.words} {_without_options(str(self._made.form.codes.reason))}")
        self._show_preview(self._made)
        self.save.setEnabled(True)

    def _say_made(self, made: Submission, answers: RunAnswers) -> tuple[str, Tone]:
        """Whether the file is whole; what the user should know before the file is uploaded is a doubt."""
        lines = Message("window_submit.lines", n=len(made.rows))
        notes = list(map(str, made.notes))
        if made.decided is not None:
            notes += [text(code, n=n) for reason, code in _UNANSWERED.items()
                      if (n := int((made.decided == reason).sum()))]
            is_other = (made.decided >= 0) & (made.decided != made.probabilities.argmax(axis=1))
            notes += [text("window_submit.by_cost", n=int(is_other.sum()))] if is_other.any() else []
        if answers.changed:
            notes.append(text("window_submit.changed", n=len(answers.changed)))
        without = [text("window_submit.name_reason", name=s.path.name, reason=s.reason) for s in answers.skipped]
        if made.guessed:
            names = _cut(without) if without else made.guessed[:N_NAMED]
            said = text("window_submit.guessed", lines=lines, n=len(made.guessed), names=names)
        elif without:
            said = text("window_submit.left_out", lines=lines, names=_cut(without))
        else:
            said = text("window_submit.ready", lines=lines)
        is_right = not (made.guessed or without or notes)
        notes += [_without_options(str(note)) for note in answers.notes]
        is_right = is_right and not count_removed(self._session.project, split="test")
        return " ".join((said, *notes)), Tone.RIGHT if is_right else Tone.DOUBT

    def _refuse(self, error: AppError) -> None:
        self._show_nothing(_in_window(error), Tone.WRONG)

    def _show_nothing(self, sentence: str, tone: Tone) -> None:
        self._made = None
        self.verdict.say(sentence, tone)
        self.about.hide()
        self.preview.setRowCount(0)
        self.preview.setColumnCount(0)
        self._preview_title.setText(text("window_submit.first_lines"))
        self.save.setEnabled(False)

    def _show_preview(self, made: Submission) -> None:
        rows = made.rows[:N_PREVIEW]
        titles = made.titles or tuple("–" for _ in made.rows[0])
        self.preview.setColumnCount(len(titles))
        self.preview.setHorizontalHeaderLabels(list(titles))
        self.preview.setRowCount(len(rows))
        header = self.preview.horizontalHeader()  # as high as nothing while there is no column
        self.preview.setMinimumHeight(N_PREVIEW * theme.row_px(self) + header.sizeHint().height() + 4)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                self.preview.setItem(i, j, QTableWidgetItem(cell))
        code = "window_submit.first_of_lines" if len(rows) < len(made.rows) else "window_submit.all_lines"
        self._preview_title.setText(text(code, shown=len(rows), n=len(made.rows)))

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        self._preview_title = theme.caption_label(text("window_submit.first_lines"))
        content = QWidget()
        column_of(
            self._build_form(), theme.BETWEEN, self.codes, self.about, self.verdict, self._preview_title,
            (self._build_preview(), 1), margins=(theme.MARGIN, theme.MARGIN, theme.MARGIN, 0), parent=content
        )
        self._buttons.setContentsMargins(theme.MARGIN, theme.BETWEEN, theme.MARGIN, theme.MARGIN)
        column_of((ScrollArea(content), 1), self._buttons, spacing=0, parent=self)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self.about.setMinimumHeight(2 * self.about.fontMetrics().lineSpacing())
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.save.setProperty("role", "primary")
        self.save.style().unpolish(self.save)
        self.save.style().polish(self.save)
        self.save.setDefault(True)
        self.save.setEnabled(False)
        self.setMinimumWidth(WIDTH_PX)
        resize_within_screen(self, *self.sizeHint().toTuple())

    def _build_form(self) -> QGridLayout:
        self.run.show_runs(self._session.runs, self._session.run)
        self.template.setPlaceholderText(text("window_submit.no_template"))
        self.template.setClearButtonEnabled(True)
        choose = QPushButton(text("window_submit.choose"))
        choose.setAccessibleName(text("window_submit.choose_template"))
        choose.setAutoDefault(False)
        choose.clicked.connect(self._on_choose_clicked)
        form = QGridLayout()
        form.setHorizontalSpacing(theme.BETWEEN)
        form.setVerticalSpacing(theme.BETWEEN)
        form.setColumnStretch(1, 1)
        for place, (title, field) in enumerate((
            (text("window_submit.run"), self.run), (text("window_submit.template"), self.template),
            (text("window_submit.write"), self.write), (text("window_submit.unpredicted"), self.missing),
        )):
            label = QLabel(title)
            label.setBuddy(field)
            label.setMinimumWidth(label.sizeHint().width() + theme.INSIDE)  # the mnemonic's line is not counted
            form.addWidget(label, place, 0)
            form.addWidget(field, place, 1, 1, 1 if field is self.template else 2)
        form.addWidget(choose, 1, 2)
        form.addWidget(self.wishes, form.rowCount(), 1, 1, 2)
        self.template.setAccessibleName(text("window_submit.template_name"))
        self.template.setToolTip(text("window_submit.template_tip"))
        return form

    def _build_preview(self) -> QTableWidget:
        table = self.preview
        table.setAccessibleName(text("window_submit.preview"))
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(theme.row_px(table))
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return table

    def _connect(self) -> None:
        self.run.currentIndexChanged.connect(lambda _: self._ask_run())
        self.template.textChanged.connect(lambda _: self._propose())
        self.write.currentIndexChanged.connect(lambda _: self._propose())
        self.missing.currentIndexChanged.connect(lambda _: self._check())
        self.wishes.rule_changed.connect(self._check)
        self.wishes.strangers_changed.connect(self._ask_run)
        self.codes.edited.connect(self._on_codes_edited)
        self.save.clicked.connect(self._on_save_clicked)
        self._buttons.rejected.connect(self.reject)
        self.finished.connect(lambda _: self._forget_job())
        self._session.project_changed.connect(self.reject)

    def _on_choose_clicked(self) -> None:
        chosen = ask_for_file(self, text("window_submit.example_file"), "template", text("window_submit.open_filter"))
        if chosen is not None:
            self.template.setText(str(chosen))

    def _on_save_clicked(self) -> None:
        name = text("window_submit.file_name", project=self._session.project_name)
        proposed = self._session.project.folder.parent / name
        chosen = ask_where_to_save(
            self, text("window_submit.save_title"), "output", proposed, text("window_submit.save_filter"))
        if chosen is not None:
            self.save_to(chosen if chosen.suffix else chosen.with_suffix(".csv"))


def submit_actions(context: PageContext) -> list[Action]:
    """The act that opens the dialog, from everywhere."""
    session = context.session
    return [
        Action("file.submission", text("window_submit.action"), "Ctrl+E",
               lambda: SubmissionDialog(context, context.window).open(), "File", "runs",
               is_enabled=lambda: session.is_open and session.run is not None, group=OUTPUTS),
    ]


def _cut(names: list[str]) -> str:
    if len(names) <= N_NAMED:
        return ", ".join(names)
    return text("window_submit.list_and_more", parts=names[:N_NAMED], n=len(names) - N_NAMED)


def _in_window(error: AppError) -> str:
    """An error without what its hint says of the command line."""
    return f"{error.sentence} {_without_options(error.hint)}".strip()


def _without_options(words: str) -> str:
    return _OPTIONS.sub("", words)
