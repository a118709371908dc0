"""The Label page: the current image, its prediction, the classes as buttons, and the next images.

All keys are heard by the page itself: what its parts do not use comes up to it, so that a
digit labels whatever has the keyboard. Only the fields for names keep their keys.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from core.project.exclusion import include_images
from core.text import Message, text
from core.workflow.labelling import Order, Scope, list_suggestions, list_track_record
from core.workflow.touched import split_touched
from gui import messages, theme
from gui.label.label_queue import LabelQueue, QueuePosition, Way, ending_of
from gui.widgets.class_style import class_styles
from gui.label.label_bar import LabelBar
from gui.label.label_body import LabelBody
from gui.widgets.label_keys import PLAIN, ClassKeys, StageKeys
from gui.label.threshold_dialog import ThresholdDialog
from gui.widgets.layouts import BAR, column_of
from gui.widgets.tile import catalog_tiles
from gui.widgets.empty_state import EmptyState
from gui.widgets.image_acts import exclude
from gui.widgets.image_model import ImageModel
from gui.widgets.selection import ImageSelectionModel
from gui.pages import PageContext

Key = Qt.Key
_OWN_KEYS = (Key.Key_L, Key.Key_S, Key.Key_X)
"""Keys of the window that mean something of their own here."""


class LabelPage(QWidget):
    """Everything about labelling one image after another.

    Args:
        context: What a page may use.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context, self._session = context, context.session
        self.queue, self.n_in_a_row = LabelQueue(context.session, self), 0
        self.model = ImageModel(partial(catalog_tiles, context.session), self)
        self.selection = ImageSelectionModel(self.model)
        self.position = QueuePosition(self.queue, self.model, self.selection, self)
        self.bar, self.body = LabelBar(), LabelBody(self.model, self.selection, context.thumbnails)
        self.empty = EmptyState("")
        self._stack = QStackedWidget()
        self._is_stale = False
        self._build()
        self._connect()
        self._refresh_classes()
        self.queue.refresh()

    # ── what is shown ────────────────────────────────────────────────────

    @property
    def is_at_end(self) -> bool:
        """Whether words stand in the image's place."""
        return self.position.is_at_end

    def take_keyboard(self) -> None:
        """Without any class the first name can be typed at once."""
        if not self.body.has_classes and not self.is_at_end:
            self.body.ask_for_name()
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def view(self) -> tuple[Scope, Order, int | None]:
        """Which queue is gone through, and where one is."""
        return self.queue.scope, self.queue.order, self.position.current_id

    def restore_view(self, view: tuple[Scope, Order, int | None]) -> None:
        """Go on from there."""
        scope, order, image_id = view
        self.queue.go_through(scope)
        self.queue.sort(order)
        row = self.model.row_of(image_id) if image_id is not None else None
        if row is not None:
            self.position.go_to(row)

    # ── acts ─────────────────────────────────────────────────────────────

    def label(self, class_id: int) -> None:
        """Label the current image and go on."""
        self._change(lambda ids: self._session.label(ids, class_id))

    def accept(self) -> None:
        """Take what the model says as label, and go on."""
        tile = self.position.tile()
        if tile is None:
            return
        if tile.prediction is None:
            messages.tell(text("window_label.nothing_to_accept"))
        else:
            self._change(self._session.accept_predictions)

    def unlabel(self) -> None:
        """Take the label away, and stay."""
        tile = self.position.tile()
        if tile is not None and tile.label and self._do(lambda ids: self._session.label(ids, None)):
            self._count(self.n_in_a_row - 1)

    def exclude(self) -> None:
        """Exclude the current image and go on; one that is excluded takes part again."""
        tile = self.position.tile()
        if tile is None:
            return
        if tile.excluded is not None:
            self._do(lambda ids: self._session.change_images(
                ids, lambda some: include_images(self._session.project, some)))
        elif self._do(lambda ids: exclude(self._session, ids)):
            self.position.move_on()

    def skip(self) -> None:
        """Go on without a label."""
        if not self.is_at_end:
            self._count(0)
            self.position.move_on()

    def name_class(self, name: str) -> None:
        """Label the current image with a class of that name, which is made if there is none."""
        known = next((c for c in self._session.classes if c.name.casefold() == name.casefold()), None)
        with messages.warned():
            self.label((known or self._session.add_class(name)).id)

    def ask_for_name(self) -> None:
        """Let the keyboard name a new class, or find one among many."""
        if not self.is_at_end:
            self.body.ask_for_name()

    def ask_for_sure(self) -> None:
        """Offer to take everything that the model is sure of."""
        run = self._session.run
        if run is None:
            messages.tell(text("widgets.nothing_to_accept"))
            return
        project = self._session.project
        dialog = ThresholdDialog(
            self._session, self._context.thumbnails, parent=self.window(),
            suggestions=list_suggestions(project, run.id, self.queue.ids), record=list_track_record(project, run.id),
        )
        dialog.chosen.connect(self.accept_all)
        dialog.open()

    def accept_all(self, ids: np.ndarray) -> None:
        """Take what the model says of these as label, in one step; they leave the queue where they no longer fit."""
        with messages.warned():
            said = split_touched(self._session.project, ids).words
            self._session.accept_predictions(ids)
            self.queue.refresh()
            messages.tell(Message("widgets.did.accept", images=said, name=""), Message("widgets.undo_hint"))

    def _change(self, change: Callable[[np.ndarray], int]) -> None:
        n_changed = self._do(change)
        if n_changed is not None:
            self._count(self.n_in_a_row + n_changed)
            self.position.move_on()

    def _count(self, n_in_a_row: int) -> None:
        """So many labels were given in a row; passing an image over ends the row."""
        self.n_in_a_row = max(n_in_a_row, 0)
        self._show_bar()

    def _do(self, change: Callable[[np.ndarray], int]) -> int | None:
        """How many labels changed, 0 for one that was so already; None if it could not be done."""
        image_id = self.position.current_id
        with messages.warned():
            return change(np.array([image_id], np.int64)) if image_id is not None else None
        return None

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(text("window_label.title"))
        self._stack.addWidget(self.body)
        self._stack.addWidget(self.empty)
        column_of(self.bar, (self._stack, 1), margins=BAR, parent=self)

    def _connect(self) -> None:
        self._connect_parts()
        self._connect_keys()
        session = self._session
        session.project_changed.connect(self._on_session_project_changed)
        session.images_changed.connect(self._refresh_rest)
        session.run_chosen.connect(self._on_session_run_chosen)
        session.classes_changed.connect(self._on_session_classes_changed)
        session.labels_changed.connect(self._on_session_labels_changed)
        session.travelled.connect(self._on_session_travelled)
        window = self._context.window
        for ending in (theme.application().aboutToQuit, window.closed, window.rebuilding):
            ending.connect(self.body.view.close_files)

    def _connect_parts(self) -> None:
        self.position.moved.connect(self._show_state)
        self.queue.progress_changed.connect(self._show_bar)
        self.bar.scope.activated.connect(self._on_scope_activated)
        self.bar.order.activated.connect(self._on_order_activated)
        self.bar.sure.clicked.connect(self.ask_for_sure)
        self.empty.acted.connect(self._on_empty_acted)
        self.body.suggestion.button.clicked.connect(self.accept)
        for classes in (self.body.buttons, self.body.list):
            classes.chosen.connect(self.label)
            classes.new_named.connect(self.name_class)
            classes.left.connect(self.setFocus)

    def _connect_keys(self) -> None:
        keys = StageKeys(self)
        keys.relabel_requested.connect(self._on_keys_relabel_requested)
        keys.unlabel_requested.connect(self.unlabel)
        keys.accept_requested.connect(self.accept)
        keys.loupe_requested.connect(self.body.view.toggle_fit)
        class_keys = ClassKeys(self._session, self)
        class_keys.class_asked.connect(self.label)
        class_keys.watch(self)

    # ── showing ──────────────────────────────────────────────────────────

    def _show_state(self) -> None:
        """The image, or the words where there is none."""
        if self.is_at_end:
            ending = ending_of(self._session, self.queue)
            self.empty.say(ending.sentence, ending.button)
        self._stack.setCurrentWidget(self.empty if self.is_at_end else self.body)
        self._show_current()
        self._show_bar()

    def _show_current(self) -> None:
        self._say_current()
        if self.position.tile() is not None:
            code = "window_label.no_run" if self._session.run is None else "window_label.no_prediction"
            self.body.show_current(silence=text(code))

    def _say_current(self) -> None:
        """Tell inspector and window which image this is."""
        if self.isVisible():
            image_id = self.position.current_id
            self._session.choose_image(image_id)
            self._session.select(np.array([] if image_id is None else [image_id], np.int64))

    def _show_bar(self) -> None:
        has_run = self._session.run is not None
        self.bar.show_scope(self.queue.scope)
        self.bar.show_order(self.queue.order, has_run=has_run)
        self.bar.show_progress(self.queue.progress, n_in_a_row=self.n_in_a_row)

    def _refresh_classes(self) -> None:
        self.body.show_classes(list(class_styles(self._session.classes).values()), self._session.counts.by_class)

    def _refresh_rest(self) -> None:
        """Ask again for what comes after the current image; the place is kept."""
        if self.isVisible():
            self.queue.refresh_rest(self.position.row + 1)
        else:
            self._is_stale = True

    # ── hearing ──────────────────────────────────────────────────────────

    def _on_scope_activated(self) -> None:
        self._begin_anew(partial(self.queue.go_through, Scope(self.bar.scope.currentData())))

    def _on_order_activated(self) -> None:
        self._begin_anew(partial(self.queue.sort, Order(self.bar.order.currentData())))

    def _begin_anew(self, ask: Callable[[], None]) -> None:
        self.position.begin_anew()
        ask()
        self._say_look()
        self.take_keyboard()

    def _on_empty_acted(self) -> None:
        way = ending_of(self._session, self.queue).way
        if way is Way.AGAIN:
            self._begin_anew(self.queue.refresh)
        elif way is Way.TRAIN:
            self._context.window.go_to("train")
        else:
            self._context.window.actions_table.do("file.add_train" if way is Way.ADD_TRAIN else "file.add_test")

    def _on_session_project_changed(self) -> None:
        self.position.begin_anew()
        self._count(0)
        self._refresh_classes()
        self.queue.reset()

    def _on_session_run_chosen(self) -> None:
        self.model.refresh()
        self._refresh_rest()

    def _on_session_classes_changed(self) -> None:
        self._refresh_classes()
        self.model.refresh()
        self._show_current()

    def _on_session_labels_changed(self, ids: np.ndarray | None) -> None:
        self._is_stale = self._is_stale or not self.isVisible()
        self.model.refresh(ids)
        if self.body.is_listed:
            self.body.show_counts(self._session.counts.by_class)
        self._show_state() if self.is_at_end else self._show_current()

    def _on_session_travelled(self, ids: np.ndarray) -> None:
        if self.isVisible():
            self._count(self.n_in_a_row - 1)
            self.position.go_to_any(ids)

    def _on_keys_relabel_requested(self, digit: int) -> None:
        """A digit that is the key of no class; those that are were taken before."""
        if not self.is_at_end:
            messages.tell(text("widgets.no_class_has_key", key=digit), text("window_label.press_n"))

    # ── Qt's side ────────────────────────────────────────────────────────

    def _say_look(self) -> None:
        if self.isVisible():
            self._session.say_look(self.queue.which, self.queue.order.column)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if event.spontaneous():
            return
        if self._is_stale:
            self._is_stale = False
            self.queue.refresh()
        self._say_look()
        self._say_current()
        self.take_keyboard()

    def event(self, event: QEvent) -> bool:
        """Qt asks by `ShortcutOverride` before it tries the window's keys."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.modifiers() in PLAIN and event.key() in _OWN_KEYS:
                event.accept()
                return True
        return super().event(event)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab passes the image over; Shift+Tab leads to the buttons."""
        if is_next and self.hasFocus() and not self.is_at_end:
            self.skip()
            return True
        return super().focusNextPrevChild(is_next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts: dict[Qt.Key, Callable[[], None]] = {
            Key.Key_Right: lambda: self.position.step(1), Key.Key_Down: lambda: self.position.step(1),
            Key.Key_Left: lambda: self.position.step(-1), Key.Key_Up: lambda: self.position.step(-1),
            Key.Key_Home: lambda: self.position.go_to(0), Key.Key_End: self.position.go_to_last,
            Key.Key_Z: self.body.view.toggle_fit, Key.Key_Plus: self.ask_for_name, Key.Key_L: self.ask_for_name,
            Key.Key_S: self.bar.open_orders, Key.Key_X: self.exclude, Key.Key_Escape: self.setFocus,
        }
        act = acts.get(Key(event.key())) if event.modifiers() in (*PLAIN, Qt.KeyboardModifier.ShiftModifier) else None
        if act is None:
            super().keyPressEvent(event)
        else:
            act()
