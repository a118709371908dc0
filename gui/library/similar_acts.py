"""Finds similar images, and the training images behind a prediction, and shows them in the grid of the library.

What is asked about: the images that are selected, a picture or a path on the clipboard, a file that is chosen or
dropped. Such a file is read and not imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PySide6.QtCore import QBuffer, QEvent, QIODevice, QMimeData, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QPixmap

from core.files.writing import write_bytes
from core.project.rows import image_rows
from core.review.similar_images import SimilarInput, SimilarResult
from core.text import Message, text
from core.text.names import short_name
from core.training.contribution_answer import ContributionInput, ContributionResult
from core.workflow.similar import prepare_contributions, prepare_similar
from gui import messages
from gui.actions import Action
from gui.jobs import Job
from gui.pages import PageContext
from gui.widgets.browser import ImageBrowser
from gui.widgets.file_dialogs import ask_for_file
from gui.widgets.questions import yes_no_box
from gui.widgets.ranking import Ranking
from gui.widgets.visible_browser import visible_browser

MOST_SHOWN = 300
"""So many of the most similar images are listed."""

MOST_ASKED = 2000
"""A mean of more images says nothing of any."""

CAUSE = messages.cause_of("find-similar")


class SimilarSearch(QObject):
    """Asks the engine and shows what it found.

    Args:
        context: Session, runner and window; the window becomes its parent.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.window)
        self._context, self._session = context, context.session

    # ── what is asked about ──────────────────────────────────────────────

    def find_selected(self, *, embeds: bool = False) -> None:
        """Images like those that are selected."""
        browser = visible_browser(self._context.window)
        ids = browser.acting_ids() if browser is not None else np.empty(0, np.int64)
        if len(ids) > MOST_ASKED:
            messages.doubt(text("window_library.similar_too_many", n=len(ids), most=MOST_ASKED), cause=CAUSE)
        elif len(ids):
            self.find(ids, embeds=embeds)

    def find(self, image_ids: Sequence[int] | np.ndarray, *, embeds: bool = False) -> None:
        """Images like these of the project."""
        ids = np.asarray(image_ids, np.int64)
        with messages.warned():
            rows = image_rows(self._session.project, ids[:1])
            name = short_name(rows[0].path.name) if rows else ""
            inputs = prepare_similar(self._session.project, ids, run=self._session.run, n_similar=MOST_SHOWN,
                                     embeds=embeds)
            self._start(inputs, Message("window_library.like_images", n=len(ids), name=name), ids)

    def find_files(self, paths: Sequence[Path], *, embeds: bool = False) -> Job | None:
        """Images like these files, which need not be of the project."""
        files = [path for path in paths if path.is_file()]
        if not files or not self._session.is_open:
            return None
        name = short_name(files[0].name)
        inputs = prepare_similar(self._session.project, files=files, run=self._session.run, n_similar=MOST_SHOWN,
                                 embeds=embeds)
        return self._start(inputs, Message("window_library.like_images", n=len(files), name=name))

    def ask_for_file(self) -> None:
        """Let the user choose a file."""
        kinds = text("window_library.image_files")
        path = ask_for_file(self._context.window, text("window_library.similar_file").rstrip("…"), "similar", kinds)
        if path is not None:
            self.find_files([path])

    def find_pasted(self) -> None:
        """Images like the picture on the clipboard, or like the files that it names."""
        mime = QGuiApplication.clipboard().mimeData()
        paths = files_of(mime)
        if paths:
            self.find_files(paths)
        elif mime is not None and mime.hasImage():
            self._find_picture(QGuiApplication.clipboard().image())
        else:
            messages.tell(Message("window_library.no_picture"), Message("window_library.no_picture.hint"))

    def _find_picture(self, picture: QImage) -> None:
        """The engine reads files: the picture lies in one as long as the job runs."""
        if picture.isNull():
            messages.tell(Message("window_library.no_picture"), Message("window_library.no_picture.hint"))
            return
        png = QBuffer()
        png.open(QIODevice.OpenModeFlag.WriteOnly)
        QPixmap.fromImage(picture).save(png, "PNG")
        place = TemporaryDirectory(prefix="catalejo-", ignore_cleanup_errors=True)
        path = Path(place.name) / "pasted.png"
        write_bytes(path, bytes(png.data().data()))
        inputs = prepare_similar(self._session.project, files=[path], run=self._session.run, n_similar=MOST_SHOWN)
        job = self._start(inputs, Message("window_library.like_pasted"), keeps=path)
        job.finished.connect(partial(TemporaryDirectory.cleanup, place))  # a method alone would not keep it

    # ── the answer ───────────────────────────────────────────────────────

    def _start(
        self, inputs: SimilarInput, title: Message, ids: np.ndarray | None = None, *, keeps: Path | None = None,
    ) -> Job:
        project = self._session.project
        job = self._context.runner.start(Message("window_library.finding_similar"), "find-similar", inputs)

        def show(result: SimilarResult) -> None:
            if self._session.is_open and self._session.project is project:
                self._show(result, title, np.empty(0, np.int64) if ids is None else ids)
                if result.n_without:
                    self._say_without(inputs, result, title, ids, is_gone=keeps is not None)

        job.succeeded.connect(show)
        return job

    def _show(self, result: SimilarResult, title: Message, asked: np.ndarray) -> None:
        notes = {one.image_id: Message("widgets.note_copy") if one.is_copy else Message(
            "widgets.note_similarity", similarity=one.similarity) for one in result.found}
        notes |= {int(i): Message("widgets.note_asked") for i in asked}
        found = [one.image_id for one in result.found]
        if result.skipped:
            first = result.skipped[0]
            messages.doubt(Message("window_library.similar_skipped", n=len(result.skipped), name=first.path.name,
                                   reason=first.reason), cause=CAUSE)
        if found:
            order = Message("window_library.by_similarity")
            self._list(Ranking(title, order, np.array([*asked.tolist(), *found], np.int64), notes))
        elif not result.n_without:
            messages.tell(Message("window_library.nothing_similar"))

    def _say_without(
        self, inputs: SimilarInput, result: SimilarResult, title: Message, ids: np.ndarray | None, *, is_gone: bool,
    ) -> None:
        """Offer to embed what was not compared; where something was found, as a message only."""
        if result.found or is_gone:
            messages.doubt(Message("window_library.similar_without", n=result.n_without),
                           Message("window_library.similar_without.hint"), cause=CAUSE)
            return
        box = yes_no_box(
            self._context.window, text("window_library.embed_title"),
            text("window_library.similar_without", n=result.n_without), text("window_library.embed_explained"),
            yes=text("window_library.embed_now", n=result.n_without), no=text("window_library.embed_not"),
            yes_name="embed")
        again = SimilarInput(inputs.project, inputs.images, inputs.files, inputs.backbone, inputs.n_similar, True)
        box.accepted.connect(lambda: self._start(again, title, ids))
        box.open()

    def _list(self, ranking: Ranking) -> None:
        self._context.window.go_to("library")
        browser = visible_browser(self._context.window)
        if browser is not None:
            browser.show_ranking(ranking)

    # ── contributions ────────────────────────────────────────────────────

    def find_contributions(self, image_id: int) -> Job | None:
        """The training images that contribute most to the class that the chosen run predicts of an image."""
        run = self._session.run
        if run is None:
            return None
        project = self._session.project
        with messages.warned():
            inputs: ContributionInput = prepare_contributions(project, image_id, run)
            job = self._context.runner.start(Message("window_library.weighing"), "rank-contributions", inputs)
            job.succeeded.connect(lambda result: self._show_contributions(result, inputs)
                                  if self._session.is_open and self._session.project is project else None)
            return job
        return None

    def _show_contributions(self, result: ContributionResult, inputs: ContributionInput) -> None:
        if not result.is_same_model:
            messages.doubt(Message("window_library.other_model", difference=result.difference),
                           Message("window_library.other_model.hint"))
        if result.skipped or result.n_not_here:
            messages.doubt(Message("window_library.training_images_gone", n=len(result.skipped) + result.n_not_here))
        notes = {one.image_id: Message("widgets.note_share", share=one.share) for one in result.found}
        notes[result.image_id] = Message("widgets.note_asked")
        ids = [i for i in dict.fromkeys([result.image_id, *(one.image_id for one in result.found)])]
        if result.found:
            self._list(Ranking(Message("window_library.speak_for", toward=result.toward,
                                       name=short_name(inputs.image.path.name)),
                               Message("window_library.by_contribution"), np.array(ids, np.int64), notes))
        else:
            messages.tell(Message("window_library.nothing_speaks", toward=result.toward))


class SimilarDrop(QObject):
    """Takes image files that are dropped on the workbench from other programs; folders are left to the import."""

    def __init__(self, context: PageContext, search: SimilarSearch) -> None:
        super().__init__(context.window.workbench)
        self._search = search
        context.window.workbench.setAcceptDrops(True)
        context.window.workbench.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QDropEvent | QDragEnterEvent) or event.type() not in (
                QEvent.Type.DragEnter, QEvent.Type.Drop):
            return False
        paths = files_of(event.mimeData())
        if not paths or event.source() is not None:  # a drag of the window's own images is meant for elsewhere
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self._search.find_files(paths)
        return True


def files_of(mime: QMimeData | None) -> list[Path]:
    """Files that are named by addresses, or by lines of text; empty where a folder is among them."""
    if mime is None:
        return []
    named = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    if not named and mime.hasText() and len(mime.text()) < 100_000:
        named = [Path(line.strip().strip("\"'")).expanduser() for line in mime.text().splitlines() if line.strip()]
    try:
        return named if named and all(path.is_file() for path in named) else []
    except (OSError, ValueError):  # no path
        return []


def similar_actions(context: PageContext, search: SimilarSearch) -> list[Action]:
    """What finds similar images; done from every page."""
    session, window = context.session, context.window

    def browser() -> ImageBrowser | None:
        return visible_browser(window) if session.is_open else None

    def has_image() -> bool:
        found = browser()
        return found is not None and found.selection.current_id() is not None

    def is_open() -> bool:
        return session.is_open and window.has_project

    def weigh() -> None:
        found = browser()
        current = found.selection.current_id() if found is not None else None
        if current is not None:
            search.find_contributions(current)

    return [
        Action("image.similar", text("window_library.similar"), "Ctrl+Shift+F", search.find_selected, "Image",
               "similar", has_image, starts_group=True),
        Action("image.similar_all", text("window_library.similar_all"), "",
               lambda: search.find_selected(embeds=True), "Image", "", has_image),
        Action("image.similar_pasted", text("window_library.similar_pasted"), "Ctrl+V", search.find_pasted, "Image",
               "", is_open),
        Action("image.similar_file", text("window_library.similar_file"), "", search.ask_for_file, "Image", "",
               is_open),
        Action("image.contributions", text("window_library.contributions"), "", weigh, "Image", "",
               lambda: has_image() and session.run is not None),
    ]
