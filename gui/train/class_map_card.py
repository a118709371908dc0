"""What stands for each class in a reading without training: a suggestion that the user may change."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView, QBoxLayout, QCompleter, QHeaderView, QLineEdit, QListWidget, QListWidgetItem, QPushButton,
    QSizePolicy, QTreeWidget, QTreeWidgetItem,
)

from core.errors import AppError
from core.imagenet.class_map import (
    OwnMap, SuggestedMap, SuggestMapInput, fit_to_classes, give_link, holder_of, take_link,
)
from core.text import text
from core.text.numbers import format_whole
from core.training.strategies.zero_shot import ZERO_SHOT, ZeroShotSettings
from gui import theme
from gui.jobs import Job, JobRunner
from gui.widgets.class_style import class_sign
from gui.session import Session
from gui.train.card import Card
from gui.train.plan import TrainingPlan
from gui.widgets.labels import SignedSentence, wrapped_caption
from gui.widgets.layouts import STRETCH, column_of, fill, row_of

INDEX = Qt.ItemDataRole.UserRole + 1
CLASSES_PX, LIST_PX, MAX_SUGGESTED = 220, 220, 12


class ClassMapCard(Card):
    """Shows and edits `ZeroShotSettings.own_map`; hidden for the other strategies.

    Args:
        session: Whose classes are mapped.
        plan: Keeps the map.
        runner: Asks the engine for a suggestion.
    """

    def __init__(self, session: Session, plan: TrainingPlan, runner: JobRunner) -> None:
        super().__init__(text("window_train.class_map"))
        self._session, self._plan, self._runner = session, plan, runner
        self._job: Job | None = None
        self._asked: SuggestMapInput | None = None
        self._suggested: SuggestedMap | None = None
        self.failure = SignedSentence("wrong", role="red")
        self.said = wrapped_caption()
        self.classes = QListWidget()
        self.links = QTreeWidget()
        self.search = QLineEdit()
        self.sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.remove = QPushButton(text("window_train.remove"))
        self.restore = QPushButton(text("window_train.restore_suggestion"))
        self._known = QStandardItemModel(self)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._build()
        self._connect()
        self._ask_later()

    @property
    def is_ready(self) -> bool:
        """Whether there is a suggestion for the classes as they are."""
        return self._suggested is not None and self._suggested.classes == self._names()

    @property
    def own_map(self) -> OwnMap:
        """The map in force: the user's own, else the suggestion."""
        suggested = self._suggested.own_map if self._suggested is not None else {}
        own = self._settings.own_map
        return fit_to_classes(own, self._names(), suggested) if own is not None else suggested

    def give(self, class_name: str, index: int) -> None:
        """Let an ImageNet class (0 … 999) stand for a class of the project from now on."""
        before = holder_of(self.own_map, index)
        self._keep(give_link(self.own_map, class_name, index))
        self._select_class(class_name)
        is_moved = before not in ("", class_name)
        moved = text("window_train.link_moved", name=self._name_of(index), other=before)
        self.said.setText(moved if is_moved else self._say())

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        named = ((self.classes, text("window_train.classes")), (self.links, text("window_train.links_of_class")))
        for widget, name in named:
            widget.setAccessibleName(name)
            widget.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.links.setFixedHeight(LIST_PX)
        self.classes.setMinimumWidth(CLASSES_PX)
        self.classes.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.links.setColumnCount(2)
        self.links.setHeaderLabels([text("window_train.imagenet_class"), text("window_train.why")])
        self.links.setRootIsDecorated(False)
        self.links.header().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.links.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.links.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.links.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        completer = QCompleter(self._known, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(MAX_SUGGESTED)
        self.search.setCompleter(completer)
        self.search.setAccessibleName(text("window_train.add_imagenet_class"))
        self.search.setClearButtonEnabled(True)
        buttons = row_of(self.remove, self.restore, STRETCH)
        links = column_of(self.links, self.search, buttons)
        fill(self.sides, (self.classes, 0, Qt.AlignmentFlag.AlignTop), (links, 1))
        explained = wrapped_caption(text("window_train.class_map_explained"))
        fill(self.column, explained, self.failure, self.sides, self.said)

    def _connect(self) -> None:
        self._plan.changed.connect(self._ask_later)
        self._plan.settings_kept.connect(self._ask_later)
        self._session.classes_changed.connect(self._ask_later)
        self._session.project_changed.connect(self._ask_later)
        self._later.timeout.connect(self._ask)
        self.classes.currentRowChanged.connect(lambda _: self._show_links())
        self.links.itemSelectionChanged.connect(self._refresh_buttons)
        self.remove.clicked.connect(self._on_remove_clicked)
        self.restore.clicked.connect(lambda: self._keep(None))
        self.search.returnPressed.connect(self._on_search_return_pressed)
        self._completer.activated.connect(self._on_completer_activated)
        delete = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.links, context=Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._on_remove_clicked)

    @property
    def _completer(self) -> QCompleter:
        return self.search.completer()

    # ── the suggestion ───────────────────────────────────────────────────

    @property
    def _settings(self) -> ZeroShotSettings:
        settings = self._plan.settings
        return settings if isinstance(settings, ZeroShotSettings) else ZeroShotSettings()

    def _names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self._session.classes)

    def _ask_later(self) -> None:
        self.setVisible(self._plan.strategy == ZERO_SHOT.name and bool(self._names()))
        self._later.start()

    def _ask(self) -> None:
        """Ask for a suggestion unless there is one for the same classes."""
        inputs = SuggestMapInput(self._names(), self._settings.least_nearness)
        if not self.isHidden() and inputs != self._asked and inputs.classes:
            if self._job is not None:
                self._job.forget()
            self._asked = inputs
            job = self._job = self._runner.start(
                text("window_train.suggesting_map"), "suggest-class-map", inputs, is_quiet=True
            )
            job.succeeded.connect(self._on_job_succeeded)
            job.failed.connect(self._on_job_failed)
        self.refresh()

    def _on_job_succeeded(self, found: SuggestedMap) -> None:
        self.failure.set_text("")
        if not self._known.rowCount():
            for one in found.known:
                item = QStandardItem(", ".join((one.name, *(s for s in one.synonyms if s != one.name))))
                item.setData(one.index, INDEX)
                self._known.appendRow(item)
        self._suggested = found
        self.refresh()

    def _on_job_failed(self, error: AppError) -> None:
        self._asked = None
        self.failure.set_text(f"{error.sentence} {error.hint}".strip())

    # ── what is shown ────────────────────────────────────────────────────

    def refresh(self) -> None:
        """Show the map as it is now."""
        own_map, chosen = self.own_map, self._class_name()
        names, row_px = self._names(), theme.row_px(self.classes)
        self.classes.blockSignals(True)
        self.classes.clear()
        for place, name in enumerate(names):
            n = len(own_map.get(name, ()))
            counted = format_whole(n) if n else text("window_train.nothing")
            item = QListWidgetItem(f"{class_sign(place)}  {name}  ·  {counted}")
            item.setData(INDEX, name)
            item.setToolTip(name)
            item.setSizeHint(QSize(0, row_px))
            self.classes.addItem(item)
        self.classes.blockSignals(False)
        self.classes.setFixedHeight(min(len(names) * row_px + 2 * self.classes.frameWidth(), LIST_PX))
        self._select_class(chosen if chosen in names else next(iter(names), ""))
        self.said.setText(self._say())

    def _select_class(self, name: str) -> None:
        names = self._names()
        if name in names:
            self.classes.setCurrentRow(names.index(name))
        self._show_links()

    def _class_name(self) -> str:
        item = self.classes.currentItem()
        return str(item.data(INDEX)) if item is not None else ""

    def _name_of(self, index: int) -> str:
        return self._suggested.known[index].name if self._suggested is not None else str(index)

    def _show_links(self) -> None:
        name = self._class_name()
        suggested = self._suggested
        self.links.clear()
        for index in self.own_map.get(name, ()) if suggested is not None else ():
            is_suggested = suggested is not None and index in suggested.own_map.get(name, ())
            why = text("window_train.chosen_by_you")
            if suggested is not None and is_suggested:
                why = str(suggested.reasons.get(index, ""))
            item = QTreeWidgetItem([self._name_of(index), why])
            item.setData(0, INDEX, index)
            item.setSizeHint(0, QSize(0, theme.row_px(self.links)))
            item.setToolTip(0, item.text(0))
            item.setToolTip(1, why)
            self.links.addTopLevelItem(item)
        self.search.setPlaceholderText(text("window_train.add_to_class", name=name))
        self.search.setEnabled(suggested is not None and bool(name))
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        self.remove.setEnabled(bool(self.links.selectedItems()))
        self.restore.setEnabled(self._settings.own_map is not None)

    def _say(self) -> str:
        """What is missing, or whose map it is."""
        if not self.is_ready:
            return text("window_train.suggestion_waits")
        empty = [name for name, found in self.own_map.items() if not found]
        if empty:
            return text("window_train.class_without_link", name=empty[0])
        if self._settings.own_map is None:
            return text("window_train.map_suggested")
        return text("window_train.map_changed")

    # ── what happens ─────────────────────────────────────────────────────

    def _keep(self, own_map: OwnMap | None) -> None:
        if self._plan.strategy != ZERO_SHOT.name:
            self._plan.choose_strategy(ZERO_SHOT.name)
        self._plan.keep_settings(replace(self._settings, own_map=own_map))
        self.refresh()

    def _on_remove_clicked(self) -> None:
        found = self.own_map
        for item in self.links.selectedItems():
            found = take_link(found, int(item.data(0, INDEX)))
        if found != self.own_map:
            self._keep(found)

    def _on_completer_activated(self, chosen: str) -> None:
        self._add(int(self._known.findItems(chosen)[0].data(INDEX)))

    def _on_search_return_pressed(self) -> None:
        """The first thing that fits what was typed, unless one was chosen from the list."""
        typed = self.search.text().strip()
        completer = self._completer
        completer.setCompletionPrefix(typed)
        if typed and completer.setCurrentRow(0):
            self._add(int(completer.currentIndex().data(INDEX)))

    def _add(self, index: int) -> None:
        self.give(self._class_name(), index)
        # the completer writes its choice into the field after this signal
        QTimer.singleShot(0, self, self.search.clear)
