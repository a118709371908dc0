"""The inspector: the chosen image in detail, several in sum, or a calm word that there is none.

What the project knows is shown at once; what the engine sees in the image follows when it
comes. Everything in it is reached by Tab and nothing takes the keyboard by a click, so that
the label keys go on to the grid.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QTimer, Qt, Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from core.errors import AppError, InputError
from core.review.inspection import InspectResult
from core.workflow.inspecting import look_at, prepare_inspection
from core.text import text
from gui import messages, theme
from gui.icons import icon
from gui.inspector.prediction_sections import ChancesSection, ReadingSection
from gui.widgets.class_picker import ask_for_class
from gui.inspector.contributions_section import ContributionsSection
from gui.inspector.file_sections import FileSection, ImageSection, NameSection, ReasonSection
from gui.inspector.heat_section import HeatSection
from gui.inspector.inquiry import Inquiry
from gui.inspector.label_section import LabelSection
from gui.inspector.neighbours_section import NeighboursSection
from gui.inspector.photo_section import PhotoSection
from gui.inspector.section import Section, Subject
from gui.inspector.tags_section import TagsSection
from gui.widgets.class_style import class_styles
from gui.inspector.summary import Summary
from gui.pages import PageContext
from gui.widgets.image_acts import ImageActs
from gui.widgets.labels import wrapped_caption
from gui.widgets.layouts import STRETCH, column_of
from gui.widgets.visible_browser import take_keyboard_of_images


class Inspector(QWidget):
    """The right panel.

    Args:
        context: For session, jobs and thumbnails; files are closed with its window.

    Signals:
        loupe_requested(int image_id): this image shall be seen in full.
        similar_asked(int image_id): a list of all images like this one is wanted.
        contributions_asked(int image_id): a list of the training images behind what the run predicts of it is wanted.
    """

    loupe_requested = Signal(int)
    similar_asked = Signal(int)
    contributions_asked = Signal(int)

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._session = context.session
        self._subject: Subject | None = None
        self._is_many = False
        self._relabelled = QTimer(self, singleShot=True, interval=0)  # after a key most often comes another image
        self._relabelled.timeout.connect(self._show_labels)
        self._came_from: list[int] = []
        self._own_choice: int | None = None
        self._acting_ids: np.ndarray = np.empty(0, np.int64)
        self._acts = ImageActs(context.session, self, lambda: self._acting_ids)
        self.inquiry = Inquiry(context.runner, self)
        self.image = ImageSection(context.thumbnails)
        self.label = LabelSection()
        self.tags = TagsSection(context.session)
        self.neighbours = NeighboursSection(context.session, context.thumbnails)
        self.heat = HeatSection(context.heat, context.thumbnails, context.preferences)
        self.contributions = ContributionsSection()
        self.summary = Summary(context.session)
        self.back = QPushButton(icon("undo"), text("window_inspector.back"))
        self.empty = wrapped_caption()
        self.sections: list[Section] = [
            self.image, NameSection(), ReasonSection(), self.label, self.tags, ChancesSection(), self.heat,
            ReadingSection(), self.neighbours, self.contributions, FileSection(), PhotoSection(),
        ]
        self._one = QWidget()
        self._build()
        self._connect(context)
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen now."""
        self._relabelled.stop()
        self._is_many = self._session.is_open and self._session.n_selected > 1
        self._subject = None if self._is_many else self._look()
        if self._is_many:
            self.inquiry.ask(None)
            self.summary.refresh()
            self._show_only(self.summary)
        elif self._subject is None:
            self.inquiry.ask(None)
            self._show_only(self.empty)
        else:
            self._show(self._subject)
            self._show_only(self._one)

    def close_files(self) -> None:
        """End the decoding thread and ask nothing more."""
        self.inquiry.ask(None)
        self.image.close_files()

    # ── parts ────────────────────────────────────────────────────────────────

    def _build(self) -> None:
        self.back.setProperty("role", "quiet")
        self.back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.back.setToolTip(text("window_inspector.back_explained"))
        self.back.hide()
        column_of((self.back, 0, Qt.AlignmentFlag.AlignLeft), *self.sections, (STRETCH, 1), spacing=theme.AROUND,
                  parent=self._one)
        self.empty.setText(text("window_inspector.empty"))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = column_of(spacing=None, margins=theme.AROUND, parent=self)
        for widget in (self.empty, self._one, self.summary):
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            column.addWidget(widget)

    def _connect(self, context: PageContext) -> None:
        session = self._session
        session.image_chosen.connect(self._on_session_image_chosen)
        session.selection_changed.connect(self._on_session_selection_changed)
        session.labels_changed.connect(self._on_session_labels_changed)
        for signal in (session.project_changed, session.classes_changed, session.images_changed, session.run_chosen):
            signal.connect(self._on_session_everything_changed)
        self.inquiry.answered.connect(self._on_inquiry_answered)
        self.inquiry.waiting.connect(self._on_inquiry_waiting)
        self.image.view.double_clicked.connect(self._on_image_double_clicked)
        self.heat.loupe_asked.connect(self._on_image_double_clicked)
        self.label.change.clicked.connect(self._on_change_clicked)
        self.label.image_asked.connect(self._go_to)
        self.neighbours.image_asked.connect(self._go_to)
        self.neighbours.loupe_asked.connect(self.loupe_requested)
        self.contributions.similar_asked.connect(self.similar_asked)
        self.contributions.contributions_asked.connect(self.contributions_asked)
        self.summary.label.clicked.connect(self._on_summary_label_clicked)
        self.back.clicked.connect(lambda: self._choose(self._came_from.pop()))
        for editor in (self.tags.editor, self.summary.tags):
            editor.left.connect(partial(take_keyboard_of_images, context.window))
        context.window.closed.connect(self.close_files)
        context.window.rebuilding.connect(self.close_files)

    def _show_only(self, page: QWidget) -> None:
        """No stack: it would be as high as its highest page, and the others would scroll for nothing."""
        for widget in (self.empty, self._one, self.summary):
            widget.setVisible(widget is page)

    # ── showing ──────────────────────────────────────────────────────────────

    def _look(self) -> Subject | None:
        image_id = self._session.image_id
        if not self._session.is_open or image_id is None:
            return None
        try:
            look = look_at(self._session.project, image_id, run=self._session.run)
        except InputError:
            return None  # it has just left the project
        except AppError as error:
            messages.warn(error)
            return None
        return Subject(look, class_styles(self._session.classes), self._session.run)

    def _show(self, subject: Subject) -> None:
        for section in self.sections:
            section.show_subject(subject)
        self.back.setVisible(bool(self._came_from))
        is_asked = subject.is_as_imported
        row = subject.look.row
        self.inquiry.ask(prepare_inspection(self._session.project, row, run=subject.run) if is_asked else None)

    def _go_to(self, image_id: int) -> None:
        """Choose an image that the grid may not show; the way back is kept."""
        if self._session.image_id is not None:
            self._came_from.append(self._session.image_id)
        self._choose(image_id)

    def _choose(self, image_id: int) -> None:
        self._own_choice = image_id
        self._session.choose_image(image_id)

    def _label(self, ids: np.ndarray, class_id: int | None) -> None:
        self._acting_ids = ids
        self._acts.unlabel() if class_id is None else self._acts.label(class_id)

    # ── hearing ──────────────────────────────────────────────────────────────

    def _on_session_selection_changed(self) -> None:
        """One image that is selected is also chosen, and shown by that."""
        if self._is_many or self._session.n_selected > 1:
            self.refresh()

    def _on_session_image_chosen(self) -> None:
        if self._session.image_id != self._own_choice:
            self._came_from.clear()
        self._own_choice = None
        self.refresh()

    def _on_session_labels_changed(self, ids: np.ndarray | None) -> None:
        """Labels of others change neighbours only; their answer is asked anew when it is next needed."""
        self.inquiry.forget_answers()
        if ids is None or self._subject is None:
            self.refresh()
        else:
            self._relabelled.start()

    def _show_labels(self) -> None:
        if (subject := self._look()) is not None and not self._is_many:
            self._subject = subject
            for section in self.sections:
                if not section.awaits_engine:
                    section.show_subject(subject)
        self.neighbours.refresh_labels()

    def _on_session_everything_changed(self) -> None:
        self.inquiry.forget_answers()
        if not self._session.is_open:
            self._came_from.clear()
        self.refresh()

    def _on_inquiry_answered(self, answer: InspectResult) -> None:
        if self._subject is not None and answer.image_id == self._subject.look.row.id:
            for section in self.sections:
                section.show_answer(answer)

    def _on_inquiry_waiting(self, words: str) -> None:
        for section in self.sections:
            section.show_waiting(words)

    def _on_image_double_clicked(self) -> None:
        if self._subject is not None:
            self.loupe_requested.emit(self._subject.look.row.id)

    def _on_change_clicked(self) -> None:
        if self._subject is None:
            return
        row = self._subject.look.row
        ids, name = np.array([row.id]), row.name.rpartition("/")[2]
        ask_for_class(
            self._session, text("window_inspector.label_one_as", name=name),
            lambda class_id: self._label(ids, class_id),
            parent=self.label.change, current={row.class_id},
        )

    def _on_summary_label_clicked(self) -> None:
        ids = self._session.selected_ids
        ask_for_class(
            self._session, text("window_inspector.label_many_as", n=len(ids)),
            lambda class_id: self._label(ids, class_id), parent=self.summary.label,
        )
