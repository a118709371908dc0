"""Asks what a submission (competition file) needs, checks it while one types, shows its first lines, and saves it."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog, QDialogButtonBox, QFileDialog, QGridLayout, QHeaderView, QLabel, QLineEdit,
    QPushButton, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget,
)

from core.errors import AppError
from core.jobs import JobContext
from core.project.spared import require_spared
from core.submission import (
    MapSource, Says, Submission, SubmissionInput, make_submission, propose_form, write_submission,
)
from core.cli.sentences import plural
from core.workflow.answers import AnswerJob, RunAnswers, answer_images, prepare_answers, record_answers
from core.workflow.predicting import submission_of
from gui import messages, theme
from gui.jobs import Job
from gui.pages import PageContext
from gui.widgets.run_chooser import RunChooser
from gui.submit.choices import MissingBox, WriteBox
from gui.submit.code_table import CodeTable
from gui.submit.verdict_line import Tone, VerdictLine

N_PREVIEW, ROW_PX = 6, 24
WIDTH_PX = 600
N_NAMED = 3
"""So many images without a prediction are named; the others are counted."""

_OPTIONS = re.compile(r" \([^()]*--[^()]*\)")
"""What a hint says of options of the command line, which the window does not have."""


class SubmissionDialog(QDialog):
    """One competition file for the test pictures of the open project.

    Args:
        context: Session and runner.
    """

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Competition file"))
        self._session, self._runner = context.session, context.runner
        self._answers: RunAnswers | None = None
        self._made: Submission | None = None
        self._is_typed = False
        self._job: Job | None = None
        self.run, self.template = RunChooser(), QLineEdit()
        self.write, self.missing = WriteBox(), MissingBox()
        self.codes, self.about = CodeTable(), QLabel(wordWrap=True)
        self.verdict = VerdictLine()
        self.preview = QTableWidget()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = self._buttons.addButton(self.tr("Save…"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._build()
        self._connect()
        self._ask_run()

    @property
    def template_path(self) -> Path | None:
        """The competition's example file, or None."""
        text = self.template.text().strip()
        return Path(text).expanduser() if text else None

    @property
    def can_save(self) -> bool:
        return self._made is not None

    def save_to(self, out: Path) -> bool:
        """Write the file; returns whether that worked."""
        if self._answers is None or self._made is None:
            return False
        try:
            require_spared(self._session.project, out)
            result = write_submission(self._inputs(self._answers), out)
        except AppError as error:
            self.verdict.say(_in_window(error), Tone.WRONG)
            return False
        messages.tell(self.tr("{0} in “{1}”, read back and compared.").format(plural(result.n_rows, "line"), out))
        self.accept()
        return True

    # ── asking the run ───────────────────────────────────────────────────

    def _ask_run(self) -> None:
        self._answers = None
        self._forget_job()
        try:
            asked = prepare_answers(self._session.project, self.run.currentData(), "test")
            if asked.missing is None:
                self._take_answers(answer_images(asked, JobContext()))
                return
        except AppError as error:
            self._refuse(error)
            return
        self._predict(asked, len(asked.missing.images))

    def _predict(self, asked: AnswerJob, n_missing: int) -> None:
        """New test pictures are predicted in the engine."""
        words = self.tr("The run has not seen {0} yet; predicting…").format(plural(n_missing, "test picture"))
        self._show_nothing(words, Tone.NOTE)
        job = self._job = self._runner.start(self.tr("Predicting test pictures"), "answer", asked)
        job.succeeded.connect(self._on_job_succeeded)
        job.failed.connect(self._refuse)
        job.cancelled.connect(lambda: self._show_nothing(self.tr("Predicting was cancelled."), Tone.DOUBT))

    def _on_job_succeeded(self, answers: RunAnswers) -> None:
        self._job = None
        try:
            record_answers(self._session.project, answers)
        except AppError as error:
            messages.warn(error)
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
                self._answers, template=self.template_path, wanted=self.write.choice))
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
        return submission_of(
            answers, template=self.template_path, class_map=self.codes.codes if self._is_typed else None,
            wanted=self.write.choice, missing=self.missing.choice,
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
        self.about.setText(f"{self._made.form.words} {_without_options(self._made.codes.reason)}")
        self._show_preview(self._made)
        self.save.setEnabled(True)

    def _say_made(self, made: Submission, answers: RunAnswers) -> tuple[str, Tone]:
        """Whether the file is whole; what the user should know before the file is uploaded is a doubt."""
        lines = plural(len(made.rows), "line")
        notes = list(made.notes)
        if answers.changed:
            notes.append(self.tr("{0} changed since the last import, predicted as now.").format(
                plural(len(answers.changed), "image")))
        without = [f"{s.path.name} ({str(s.reason).rstrip('.')})" for s in answers.skipped]
        shown = ", ".join(without[:N_NAMED])
        if len(without) > N_NAMED:
            shown = self.tr("{0} and {1} more").format(shown, f"{len(without) - N_NAMED:,}")
        if made.guessed:
            words = self.tr("{0}; {1} without a prediction, written as chosen: {2}.")
            return " ".join((words.format(lines, len(made.guessed), shown or ", ".join(made.guessed[:N_NAMED])),
                             *notes)), Tone.DOUBT
        if without:
            words = self.tr("{0}; no line for {1}.")
            return " ".join((words.format(lines, shown), *notes)), Tone.DOUBT
        ready = self.tr("Ready: {0}, every test image exactly once.").format(lines)
        return " ".join((ready, *notes)), Tone.DOUBT if notes else Tone.RIGHT

    def _refuse(self, error: AppError) -> None:
        self._show_nothing(_in_window(error), Tone.WRONG)

    def _show_nothing(self, sentence: str, tone: Tone) -> None:
        self._made = None
        self.verdict.say(sentence, tone)
        self.about.hide()
        self.preview.setRowCount(0)
        self.preview.setColumnCount(0)
        self._preview_title.setText(self.tr("First lines"))
        self.save.setEnabled(False)

    def _show_preview(self, made: Submission) -> None:
        rows = made.rows[:N_PREVIEW]
        titles = made.titles or tuple("–" for _ in made.rows[0])
        self.preview.setColumnCount(len(titles))
        self.preview.setHorizontalHeaderLabels(list(titles))
        self.preview.setRowCount(len(rows))
        header = self.preview.horizontalHeader()  # as high as nothing while there is no column
        self.preview.setMinimumHeight(N_PREVIEW * ROW_PX + header.sizeHint().height() + 4)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                self.preview.setItem(i, j, QTableWidgetItem(cell))
        words = self.tr("First {0} of {1} lines") if len(rows) < len(made.rows) else self.tr("All {1} lines")
        self._preview_title.setText(words.format(len(rows), f"{len(made.rows):,}"))

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.MARGIN] * 4)
        column.setSpacing(theme.BETWEEN)
        column.addLayout(self._build_form())
        column.addSpacing(theme.BETWEEN)
        column.addWidget(self.codes)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self.about.setMinimumHeight(2 * self.about.fontMetrics().lineSpacing())
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.about)
        column.addWidget(self.verdict)
        self._preview_title = QLabel(self.tr("First lines"))
        self._preview_title.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        column.addWidget(self._preview_title)
        column.addWidget(self._build_preview(), 1)
        column.addSpacing(theme.BETWEEN)
        column.addWidget(self._buttons)
        self.save.setProperty("role", "primary")
        self.save.style().unpolish(self.save)
        self.save.style().polish(self.save)
        self.save.setDefault(True)
        self.save.setEnabled(False)
        self.setMinimumWidth(WIDTH_PX)

    def _build_form(self) -> QGridLayout:
        self.run.show_runs(self._session.runs, self._session.run)
        self.template.setPlaceholderText(self.tr("None: ID and Ground_Truth, in natural order"))
        self.template.setClearButtonEnabled(True)
        choose = QPushButton(self.tr("Choose…"))
        choose.setAccessibleName(self.tr("Choose the template"))
        choose.setAutoDefault(False)
        choose.clicked.connect(self._on_choose_clicked)
        form = QGridLayout()
        form.setHorizontalSpacing(theme.BETWEEN)
        form.setVerticalSpacing(theme.BETWEEN)
        form.setColumnStretch(1, 1)
        for place, (title, field) in enumerate((
            (self.tr("&Run"), self.run), (self.tr("&Template"), self.template), (self.tr("&Write"), self.write),
            (self.tr("&Unpredicted"), self.missing),
        )):
            label = QLabel(title)
            label.setBuddy(field)
            label.setMinimumWidth(label.sizeHint().width() + theme.INSIDE)  # the mnemonic's line is not counted
            form.addWidget(label, place, 0)
            form.addWidget(field, place, 1, 1, 1 if field is self.template else 2)
        form.addWidget(choose, 1, 2)
        self.template.setAccessibleName(self.tr("Template: the competition's example file"))
        self.template.setToolTip(self.tr("The competition's example file: its columns, order and codes are kept"))
        return form

    def _build_preview(self) -> QTableWidget:
        table = self.preview
        table.setAccessibleName(self.tr("First lines of the file"))
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return table

    def _connect(self) -> None:
        self.run.currentIndexChanged.connect(lambda _: self._ask_run())
        self.template.textChanged.connect(lambda _: self._propose())
        self.write.currentIndexChanged.connect(lambda _: self._propose())
        self.missing.currentIndexChanged.connect(lambda _: self._check())
        self.codes.edited.connect(self._on_codes_edited)
        self.save.clicked.connect(self._on_save_clicked)
        self._buttons.rejected.connect(self.reject)
        self.finished.connect(lambda _: self._forget_job())
        self._session.project_changed.connect(self.reject)

    def _on_choose_clicked(self) -> None:
        start = str(self.template_path or self._session.project.folder.parent)
        chosen, _ = QFileDialog.getOpenFileName(
            self, self.tr("The competition's example file"), start, self.tr("Table (*.csv *.txt);;All files (*)"))
        if chosen:
            self.template.setText(chosen)

    def _on_save_clicked(self) -> None:
        start = self._session.project.folder.parent / f"{self._session.project_name} submission.csv"
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save the competition file"), str(start), self.tr("Table (*.csv)"))
        if chosen:
            self.save_to(Path(chosen) if Path(chosen).suffix else Path(chosen).with_suffix(".csv"))


def _in_window(error: AppError) -> str:
    """An error without what its hint says of the command line."""
    return f"{error.sentence} {_without_options(error.hint)}".strip()


def _without_options(text: str) -> str:
    return _OPTIONS.sub("", text)
