"""Saves the report and the table of predictions of a run, by jobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QMessageBox, QPushButton, QWidget

from core.project.project import Project
from core.review.decide import NONE_OF_THESE, UNSURE, Rule
from core.text import text
from core.workflow.answers import RunAnswers, prepare_answers, record_answers
from core.workflow.deciding import Wish
from core.workflow.predicting import NO_WISH, TableJob, prepare_table
from core.workflow.review_page import ReviewWritten, prepare_review
from gui import messages, theme
from gui.home_project import HomeProject
from gui.jobs import Job
from gui.pages import PageContext
from gui.widgets.answer_wishes import AnswerWishes
from gui.widgets.file_dialogs import ask_where_to_save
from gui.widgets.labels import wrapped, wrapped_caption
from gui.widgets.questions import yes_no_box
from gui.widgets.layouts import DIALOG, answers as answers_box, column_of


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
        self._ask(text("window_review.save_page"), "report.html", text("window_review.report_kinds"), self.save_page)

    def ask_for_predictions(self, wish: Wish = NO_WISH) -> None:
        """Choose a file, then `save_predictions`."""
        self._ask(text("window_review.save_predictions"), "predictions.csv", text("window_review.table"),
                  lambda out: self.save_predictions(out, wish))

    def ask_for_wishes(self) -> None:
        """Choose what is asked of the answers, then where to."""
        dialog = WishesDialog(self._session.project, self._context.window)
        dialog.accepted.connect(lambda: self.ask_for_predictions(dialog.wishes.wish))
        self._session.project_changed.connect(dialog.reject)
        dialog.open()

    def save_page(self, out: Path) -> Job | None:
        """Write the report of the chosen run, as a PDF where the name ends so, and offer to open it."""
        is_page = out.suffix.lower() != ".pdf"
        return self._start(
            text("window_review.writing_page"), "write-review",
            lambda project, run: prepare_review(project, run, out, is_page=is_page), self._on_page_written,
        )

    def save_predictions(self, out: Path, wish: Wish = NO_WISH) -> Job | None:
        """Write what the chosen run says of every image, or only where it is as sure as is wished."""
        rules: list[Rule] = []

        def prepare(project: Project, run: str) -> TableJob:
            job = prepare_table(project, run, out, wish)
            rules.append(job.rule)
            return job

        return self._start(text("window_review.writing_predictions"), "write-predictions", prepare,
                           lambda answers: self._on_predictions_written(answers, out, rules[0]))

    def predict_test(self, on_predicted: Callable[[], None]) -> Job | None:
        """Predict the test images that the chosen run has not predicted yet, and keep that."""
        folder = self._session.folder
        return self._start(
            text("window_review.predicting_test_images"), "answer",
            lambda project, run: prepare_answers(project, run, "test"),
            lambda _: on_predicted() if self._session.folder == folder else None,
        )

    def _ask(self, title: str, name: str, kind: str, save: Callable[[Path], Job | None]) -> None:
        proposed = self._session.project.folder.parent / f"{self._session.project_name} {name}"
        path = ask_where_to_save(self._context.window, title, "output", proposed, kind)
        if path is not None:
            save(path if path.suffix else path.with_suffix(Path(name).suffix))

    def _start(
        self, title: str, task: str, prepare: Callable[[Project, str], Any], on_written: Callable[[Any], None]
    ) -> Job | None:
        run = self._session.run
        if run is None:
            return None

        def tell(home: HomeProject, written: tuple[Any, int]) -> None:
            result, n_kept = written
            if n_kept and home.is_here:
                self._session.labels_were_changed()  # what is expected of these images can be told now
            on_written(result)

        return self._context.jobs.start(title, task, lambda project: prepare(project, run.id), _keep_answers, tell)

    def _on_page_written(self, written: ReviewWritten) -> None:
        box = yes_no_box(
            self._context.window, text("window_review.act_save_page"),
            text("window_review.page_written", path=written.path), "", yes=text("window_review.open_page"),
            no=text("window_review.close_page"), yes_name="open")
        box.setIcon(QMessageBox.Icon.Information)
        box.accepted.connect(lambda: self.open_page(written.path))
        box.open()
        messages.tell(text("window_review.page_written", path=written.path))

    def open_page(self, path: Path) -> None:
        """Show a report in the program that the system has for it."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            messages.tell(text("window_review.no_browser"))

    def _on_predictions_written(self, answers: RunAnswers, out: Path, rule: Rule) -> None:
        decided = rule.decide(answers.probabilities, answers.is_unlike)
        is_other = (decided >= 0) & (decided != answers.probabilities.argmax(axis=1))
        counts = {
            "window_review.unsure": int((decided == UNSURE).sum()),
            "window_review.strangers": int((decided == NONE_OF_THESE).sum()),
            "window_review.by_cost": int(is_other.sum()), "window_review.not_predicted": len(answers.skipped),
            "window_review.predicted_as_changed": len(answers.changed),
        }
        more = [text(code, n=n) for code, n in counts.items() if n]
        messages.tell(text("window_review.predictions_written", n=len(answers.names), path=out), " ".join(more))


def _keep_answers(project: Project, result: Any) -> tuple[Any, int]:
    """A result, and how many new predictions of it were kept; the file is written, whatever becomes of these."""
    answers = result.answers if isinstance(result, ReviewWritten) else result
    if isinstance(result, ReviewWritten) and result.report is not None:
        from gui.report.write_pdf import write_pdf  # Qt's drawing of SVG, which few need

        write_pdf(result.report, result.path)
    n_kept = 0
    with messages.warned():
        n_kept = record_answers(project, answers) if isinstance(answers, RunAnswers) else 0
    return result, n_kept


class WishesDialog(QDialog):
    """Asks by which rule predictions become answers.

    Args:
        project: Whose thresholds and costs are asked for.
    """

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window_review.save_by_rule"))
        self.wishes = AnswerWishes(project)
        save = QPushButton(text("window_review.choose_file"))
        hint = "" if self.wishes.sure.isVisibleTo(self.wishes) and self.wishes.costs.isVisibleTo(self.wishes) else (
            text("window_review.store_first"))
        column_of(wrapped(text("window_review.save_by_rule_explained")), self.wishes, wrapped_caption(hint),
                  answers_box(self, save), margins=DIALOG, parent=self)
        self.setMinimumWidth(max(440, self.wishes.sizeHint().width() + 2 * theme.MARGIN))
