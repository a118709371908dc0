"""Edits flags and tags of one image or of several: buttons, chips that are taken away, a line that completes tags."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, QStringListModel, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCompleter, QDialog, QLabel, QSizePolicy, QToolButton, QWidget

from core.errors import AppError
from core.project.tag_names import FLAG, FLAGS, TAG, split_tags
from core.project.tags import count_among, count_tags
from core.text import text
from gui import messages, theme
from gui.icons import icon_button
from gui.session import Session
from gui.widgets import tag_acts
from gui.widgets.class_picker import NameField
from gui.widgets.filters import HEIGHT_PX, Chip, ChipButton
from gui.widgets.layouts import STRETCH, column_of, row_of
from gui.widgets.tag_signs import ICONS, flag_name

FLAG_KEYS = {flag: f"Alt+{at}" for at, flag in enumerate(FLAGS, start=1)}
"""The key of each flag until a person chooses another."""

MOST_EDITED = 50_000
"""What more images than this have is not counted: it would take longer than a blink."""

DIALOG_PX = 380


class TagEditor(QWidget):
    """Follows the session; changes are made at once, each one step of undo.

    Args:
        session: Whose images they are.

    Attributes:
        field: The line for a tag.
        chips: The tags.

    Signals:
        left(): Enter in the empty line, or Esc.
    """

    left = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._ids: np.ndarray = np.empty(0, np.int64)
        self.flags: dict[str, QToolButton] = {}
        self.chips = ChipFlow()
        self.field = NameField(text("widgets.add_tag"))
        self._known = QStringListModel(self)
        self._completer = QCompleter(self._known, self)
        self._build()
        self._connect()

    def show_images(self, image_ids: np.ndarray) -> None:
        """Show the flags and tags of these, (n_images,) int64; none to show nothing."""
        self._ids = np.asarray(image_ids, np.int64)
        self.refresh()

    def refresh(self) -> None:
        """Show them as they are now."""
        n = len(self._ids)
        is_counted = self._session.is_open and 0 < n <= MOST_EDITED
        counts = count_among(self._session.project, self._ids) if is_counted else {}
        for flag, button in self.flags.items():
            found = counts.get((FLAG, flag), 0)
            button.setChecked(n > 0 and found == n)
            tip = text("widgets.flag_tip", flag=flag_name(flag), key=FLAG_KEYS[flag])
            button.setToolTip(tip if found in (0, n) else f"{tip}\n{text('widgets.some_of', n=found, total=n)}")
        tags = [(name, found) for (kind, name), found in counts.items() if kind == TAG]
        self.chips.show_chips([
            Chip(name, name if found == n else text("widgets.tag_of_some", name=name, n=found, total=n))
            for name, found in tags])

    def _build(self) -> None:
        row = row_of(spacing=theme.INSIDE)
        for flag in FLAGS:
            button = icon_button(ICONS[flag], flag_name(flag), partial(self._on_flag_clicked, flag))
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.flags[flag] = button
            row.addWidget(button)
        row.addStretch(1)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.field.setCompleter(self._completer)
        self.field.setToolTip(text("widgets.add_tag_tip"))
        column_of(row, self.chips, self.field, spacing=theme.INSIDE, parent=self)

    def _connect(self) -> None:
        self.field.entered.connect(self._on_field_entered)
        self.field.left.connect(self._leave)
        self.field.textEdited.connect(self._on_field_text_edited)
        self.chips.removed.connect(self._on_chips_removed)
        self._session.tags_changed.connect(self.refresh)

    def _on_flag_clicked(self, flag: str) -> None:
        if len(self._ids):
            tag_acts.toggle_flag(self._session, self._ids, flag)
        self.refresh()

    def _on_chips_removed(self, name: str) -> None:
        tag_acts.remove_tag(self._session, self._ids, name)

    def _on_field_text_edited(self, written: str) -> None:
        """Tags are read when the first letter is typed: in a large project that is more than nothing."""
        if len(written) == 1 and self._session.is_open:
            self._known.setStringList([one.name for one in count_tags(self._session.project) if one.kind == TAG])

    def _on_field_entered(self, written: str) -> None:
        if not written:
            self._leave()
            return
        try:
            names = split_tags(written)
        except AppError as error:
            messages.warn(error)
            return
        if not len(self._ids) or tag_acts.add_tags(self._session, self._ids, names):
            if (popup := self._completer.popup()) is not None:
                popup.hide()
            self.field.clear()

    def _leave(self) -> None:
        self.field.clear()
        self.left.emit()


class ChipFlow(QWidget):
    """Chips beside each other in as many lines as they need.

    Signals:
        removed(str part): the × of a chip was clicked.
    """

    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: list[ChipButton] = []
        self._chips: list[Chip] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._lay_out()

    @property
    def words(self) -> tuple[str, ...]:
        """What stands on the chips."""
        return tuple(chip.text for chip in self._chips)

    def show_chips(self, chips: Sequence[Chip]) -> None:
        """Show these, in their order."""
        if list(chips) == self._chips:
            return
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._chips = list(chips)
        self._buttons = [ChipButton(chip) for chip in chips]
        for chip, button in zip(chips, self._buttons, strict=True):
            button.setParent(self)
            button.clicked.connect(partial(self.removed.emit, chip.part))
            button.show()
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        left = top = 0
        for button in self._buttons:
            width = min(button.sizeHint().width(), max(self.width(), 1))
            if left and left + width > self.width():
                left, top = 0, top + HEIGHT_PX + theme.INSIDE
            button.setGeometry(left, top, width, HEIGHT_PX)
            left += width + theme.INSIDE
        self.setFixedHeight(top + HEIGHT_PX if self._buttons else 0)
        self.setVisible(bool(self._buttons))


class TagDialog(QDialog):
    """Flags and tags of some images over their window; it closes with Enter in the empty line.

    Args:
        session: Whose images they are.
        image_ids: (n_images,) int64.
    """

    def __init__(self, session: Session, image_ids: np.ndarray, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = text("widgets.tags_of_images", n=len(image_ids))
        self.setWindowTitle(title)
        self.editor = TagEditor(session)
        self.editor.show_images(image_ids)
        self.editor.left.connect(self.accept)
        session.project_changed.connect(self.reject)
        hint = theme.caption_label(text("widgets.tags_hint"))
        column_of(theme.bold(QLabel(title)), self.editor, hint, (STRETCH, 1), margins=theme.AROUND, parent=self)
        self.setFixedWidth(DIALOG_PX)
        self.editor.field.setFocus(Qt.FocusReason.OtherFocusReason)
