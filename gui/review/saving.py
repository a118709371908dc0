"""What a run says, written to files by jobs: the review page and the table of predictions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from core.errors import AppError
from core.cli.sentences import plural
from core.workflow.answers import RunAnswers, prepare_answers, record_answers
from core.workflow.predicting import prepare_table
from core.workflow.review_page import ReviewWritten, prepare_review
from gui import messages
from gui.jobs import Job
from gui.pages import PageContext


class Saving(QObject):
    """Asks where to, starts the job, says when it is done.

    Args:
        context: Session, runner and the window; the window becomes its parent.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.window)
        self._context, self._session = context, context.session

    @property
    def can_save(self) -> bool:
        return self._session.is_open and self._session.run is not None

    def ask_for_page(self) -> None:
        """Choose a file, then `save_page`."""
        self._ask(self.tr("Save the review page"), "review.html", self.tr("Web page (*.html)"), self.save_page)

    def ask_for_predictions(self) -> None:
        """Choose a file, then `save_predictions`."""
        self._ask(self.tr("Save the predictions"), "predictions.csv", self.tr("Table (*.csv)"), self.save_predictions)

    def save_page(self, out: Path) -> Job | None:
        """Write the review page of the chosen run and open it in the browser."""
        return self._start(
            self.tr("Writing the review page"), "write-review",
            lambda run: prepare_review(self._session.project, run, out), self._on_page_written,
        )

    def save_predictions(self, out: Path) -> Job | None:
        """Write what the chosen run says of every picture."""
        return self._start(
            self.tr("Writing the predictions"), "write-predictions",
            lambda run: prepare_table(self._session.project, run, out),
            lambda answers: self._on_predictions_written(answers, out),
        )

    def predict_test(self, on_predicted: Callable[[], None]) -> Job | None:
        """Predict the test images that the chosen run has not predicted yet, and keep that."""
        return self._start(
            self.tr("Predicting the test images"), "answer",
            lambda run: prepare_answers(self._session.project, run, "test"), lambda _: on_predicted(),
        )

    def _ask(self, title: str, name: str, kind: str, save: Callable[[Path], Job | None]) -> None:
        start = self._session.project.folder.parent / f"{self._session.project_name} {name}"
        chosen, _ = QFileDialog.getSaveFileName(self._context.window, title, str(start), kind)
        if chosen:
            path = Path(chosen)
            save(path if path.suffix else path.with_suffix(Path(name).suffix))

    def _start(
        self, title: str, task: str, prepare: Callable[[str], Any], on_written: Callable[[Any], None]
    ) -> Job | None:
        run = self._session.run
        if run is None:
            return None
        try:
            inputs = prepare(run.id)
        except AppError as error:
            messages.warn(error)
            return None
        job = self._context.runner.start(title, task, inputs)
        project = self._session.project
        job.succeeded.connect(lambda result: self._finish(project, result, on_written))
        return job

    def _finish(self, project: object, result: Any, on_written: Callable[[Any], None]) -> None:
        try:
            answers = result.answers if isinstance(result, ReviewWritten) else result
            if isinstance(answers, RunAnswers) and self._session.is_open and self._session.project is project:
                record_answers(self._session.project, answers)
        except AppError as error:
            messages.warn(error)
        on_written(result)

    def _on_page_written(self, written: ReviewWritten) -> None:
        if QDesktopServices.openUrl(QUrl.fromLocalFile(str(written.path))):
            messages.tell(self.tr("The review page is in “{0}”.").format(written.path))
        else:
            messages.tell(self.tr("The review page is in “{0}”.").format(written.path),
                          self.tr("No browser could be started here; open it by hand."))

    def _on_predictions_written(self, answers: RunAnswers, out: Path) -> None:
        skipped = self.tr("{0} could not be predicted.").format(plural(len(answers.skipped), "picture"))
        changed = self.tr("{0} changed since the last import, predicted as now.").format(
            plural(len(answers.changed), "image"))
        more = [words for words, is_so in ((skipped, answers.skipped), (changed, answers.changed)) if is_so]
        messages.tell(self.tr("{0} in “{1}”.").format(plural(len(answers.names), "prediction"), out), " ".join(more))
