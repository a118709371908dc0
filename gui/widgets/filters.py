"""The filter of a grid: its parts in words, as chips that can be removed, and as a menu to add more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPaintEvent, QPainter, QPalette
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from core.project.exclusion import count_reasons, reason_from_text, reason_to_text
from core.project.queries import RANGES, ImageFilter, Range
from core.project.saved_filters import SavedFilter, list_filters
from core.project.tag_names import FLAGS, TAG
from core.project.tags import count_tags
from core.text import text
from core.text.numbers import format_moment, format_percent, format_size, format_whole
from gui import theme
from gui.icons import icon
from gui.session import Session
from gui.widgets.class_style import class_styles, shown_color
from gui.widgets.layouts import STRETCH, row_of
from gui.widgets.tag_signs import ICONS, flag_name


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of a filter that is at work.

    Attributes:
        part: Field of `ImageFilter` that its × takes away.
        text: What it lets through.
        sign, color: Of a class, or empty.
    """

    part: str
    text: str
    sign: str = ""
    color: str = ""


WORDS: dict[tuple[str, object], str] = {
    ("split", "train"): "widgets.training_images", ("split", "test"): "widgets.test_images",
    ("is_labelled", True): "widgets.labelled", ("is_labelled", False): "widgets.unlabelled",
    ("is_mistake", True): "widgets.mistakes", ("is_mistake", False): "widgets.correct",
    ("kind", 0): "widgets.out_of_fold", ("kind", 1): "widgets.not_trained_on",
    ("is_of_earlier_version", True): "widgets.changed_since_labelled",
    ("is_excluded", True): "widgets.excluded", ("is_excluded", False): "widgets.not_excluded",
    ("status", "unreadable"): "widgets.unreadable", ("status", "missing"): "widgets.missing",
}
"""The words for a part of a filter with a value."""


def chips_of(session: Session, which: ImageFilter) -> list[Chip]:
    """One chip for each part but the text, which stands in its own field."""
    chips = []
    if which.source_id is not None:
        name = next((s.name for s in session.sources if s.id == which.source_id), "?")
        chips.append(Chip("source_id", text("widgets.from_source", source=name)))
    if which.class_ids:
        chips.append(_class_chip(session, "class_ids", which.class_ids, "widgets.labelled_as_any"))
    if which.predicted_class_ids:
        ids = which.predicted_class_ids
        chips.append(_class_chip(session, "predicted_class_ids", ids, "widgets.predicted_as_any"))
    if which.image_ids:
        chips.append(Chip("image_ids", text("widgets.chosen_images", n=len(which.image_ids))))
    if which.excluded_reason is not None:
        chips.append(Chip("excluded_reason", text("widgets.excluded_because", reason=_reason(which.excluded_reason))))
    chips += [Chip(part, words) for part in RANGES if (words := say_range(part, getattr(which, part)))]
    chips += tag_chips(which)
    return chips + [
        Chip(part, text(code)) for (part, value), code in WORDS.items()
        if getattr(which, part) is not None and getattr(which, part) == value
        and (part != "is_excluded" or which.excluded_reason is None and (
            value or session.counts.n_excluded))  # without any, there is nothing to say
    ]


def tag_chips(which: ImageFilter) -> list[Chip]:
    """Flags, tags and the range of confidence."""
    flags, lacking = ([flag_name(flag) for flag in some] for some in (which.flags, which.without_flags))
    chips = [Chip("flags", text("widgets.flagged_as", flags=flags))] if flags else []
    chips += [Chip("without_flags", text("widgets.lacks_flags", flags=lacking))] if lacking else []
    chips += [Chip("tags", text("widgets.tagged_with", tags=which.tags))] if which.tags else []
    low, high = ("" if bound is None else format_percent(bound / 100, 0)
                 for bound in (*which.confidence_percent, None, None)[:2])
    if low or high:
        code = "between" if low and high else "from" if low else "below"
        chips.append(Chip("confidence_percent", text(f"widgets.confidence_{code}", low=low, high=high)))
    return chips


def say_range(part: str, bounds: Range) -> str:
    """What a range lets through, for one of `RANGES`; empty for everything."""
    low, high = (*bounds, None, None)[:2]
    if low is None and high is None:
        return ""
    last = None if high is None else high - 1
    first, final = (None if bound is None else _bound(part, bound) for bound in (low, last))
    code = "from_to" if first and final else "from" if first else "to"
    return text(f"widgets.range_{code}", what=text(f"widgets.range_of_{part}"), first=first or "", last=final or "")


def _bound(part: str, bound: int) -> str:
    if part == "changed_ns":
        return format_moment(datetime.fromtimestamp(bound // 1_000_000_000), "date")
    return format_size(bound) if part == "sizes" else f"{format_whole(bound)} px"


def _class_chip(session: Session, part: str, ids: tuple[int, ...], code: str) -> Chip:
    found = [style for style in class_styles(session.classes).values() if style.id in ids]
    words = text(code, classes=[style.name for style in found] or [text("widgets.deleted_class")])
    return Chip(part, words, found[0].sign, found[0].color) if len(found) == 1 else Chip(part, words)


def order_titles() -> dict[str, tuple[str, str, bool]]:
    """By order: title, explanation, and whether it begins with the largest."""
    return {
        "name": (text("widgets.name"), text("widgets.by_name"), False),
        "date": (text("widgets.date"), text("widgets.by_date"), True),
        "added": (text("widgets.added"), text("widgets.by_added"), True),
        "bytes": (text("widgets.file_size"), text("widgets.by_file_size"), True),
        "pixels": (text("widgets.image_size"), text("widgets.by_pixels"), True),
        "uncertainty": (text("widgets.uncertainty"), text("widgets.by_uncertainty"), True),
        "confidence": (text("widgets.confidence"), text("widgets.by_confidence"), False),
        "loss": (text("widgets.loss"), text("widgets.by_loss"), True),
        "margin": (text("widgets.margin"), text("widgets.by_margin"), False),
    }


HEIGHT_PX, WIDEST_PX, CROSS_PX = 24, 220, 16


class FilterChips(QWidget):
    """Signals: removed(str part): the × of a chip was clicked, or Delete pressed on it."""

    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = row_of((STRETCH, 1), spacing=theme.INSIDE, parent=self)
        self._chips: list[Chip] = []
        self._buttons: list[ChipButton] = []
        self.setMinimumHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_chips(self, chips: Sequence[Chip]) -> None:
        """Show these, in their order."""
        if list(chips) == self._chips:
            return
        self._chips = list(chips)
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [ChipButton(chip) for chip in chips]
        for place, (chip, button) in enumerate(zip(chips, self._buttons, strict=True)):
            button.clicked.connect(partial(self.removed.emit, chip.part))
            self._row.insertWidget(place, button)


class ChipButton(QToolButton):
    """One chip; a click anywhere on it takes the part away."""

    def __init__(self, chip: Chip) -> None:
        super().__init__()
        self._chip = chip
        self.setAccessibleName(text("widgets.chip_name", filter=chip.text))
        self.setToolTip(text("widgets.chip_tip", filter=chip.text))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        width = self._sign_width() + self.fontMetrics().horizontalAdvance(self._chip.text) + CROSS_PX
        return QSize(min(width + 2 * theme.BETWEEN + theme.INSIDE, WIDEST_PX), HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._sign_width() + CROSS_PX + 3 * theme.BETWEEN, HEIGHT_PX)

    def _sign_width(self) -> int:
        sign = self._chip.sign
        return self.fontMetrics().horizontalAdvance(sign) + theme.INSIDE if sign else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            palette, role = self.palette(), QPalette.ColorRole
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            is_live = self.underMouse() or self.hasFocus()
            painter.setPen(palette.color(role.Highlight if is_live else role.Mid))
            painter.setBrush(palette.color(role.Base))
            frame = self.rect().adjusted(0, 0, -1, -1)
            painter.drawRoundedRect(frame, HEIGHT_PX / 2, HEIGHT_PX / 2)
            room = frame.adjusted(theme.BETWEEN, 0, -theme.BETWEEN, 0)
            middle = Qt.AlignmentFlag.AlignVCenter
            if self._chip.sign:
                painter.setPen(shown_color(self._chip.color, palette))
                painter.drawText(room, middle, self._chip.sign)
            painter.setPen(palette.color(role.Text))
            text = room.adjusted(self._sign_width(), 0, -CROSS_PX, 0)
            shown = self.fontMetrics().elidedText(self._chip.text, Qt.TextElideMode.ElideRight, text.width())
            painter.drawText(text, middle, shown)
            painter.setPen(palette.color(role.Text if is_live else role.PlaceholderText))
            painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, "×")


MAX_CLASSES = 40
"""More classes than this do not fit a menu; the list at the left has them all."""

MAX_RUNS = 30
"""The newest; the page Runs has them all."""

Narrow = Callable[..., Any]


def fill_filter_menu(
    menu: QMenu, session: Session, which: ImageFilter, narrow: Narrow, show: Callable[[SavedFilter], object],
) -> None:
    """Build the menu anew.

    Args:
        menu: Cleared and filled.
        session: For the classes, and whether there is a run.
        which: What is shown now; chosen again it is taken away.
        narrow: Called with the parts to set, as `ImageFilter` names them.
        show: Called with a saved filter that takes the place of all that.
    """
    menu.clear()
    has_run = session.run is not None
    _add_classes(menu.addMenu(text("widgets.labelled_as")), session, which.class_ids, "class_ids", narrow)
    says = menu.addMenu(text("widgets.predicted_as"))
    _add_classes(says, session, which.predicted_class_ids, "predicted_class_ids", narrow)
    says.setEnabled(has_run)
    _add_sources(menu.addMenu(text("widgets.of_source")), session, which, narrow)
    _add_runs(menu.addMenu(text("widgets.of_run")), session)
    _add_reasons(menu.addMenu(text("widgets.of_reason")), session, which, narrow)
    menu.addSeparator()
    for part, value in (
        ("is_labelled", False), ("is_labelled", True), ("is_mistake", True), ("is_mistake", False),
        ("split", "train"), ("split", "test"), ("is_excluded", True), ("is_excluded", False),
        ("status", "unreadable"), ("status", "missing"),
    ):
        if part != "is_labelled" and value in (True, "train", "unreadable"):
            menu.addSeparator()
        _add(menu, which, (part, value), narrow).setEnabled(has_run or part != "is_mistake")
    menu.addSeparator()
    _add_flags(menu.addMenu(text("widgets.flag_menu")), which, narrow)
    _add_tags(menu.addMenu(text("widgets.tag_menu")), session, which, narrow)
    saved = list_filters(session.project) if session.is_open else ()
    if saved:
        below = menu.addMenu(text("widgets.saved_filters"))
        for one in saved:
            below.addAction(one.name.replace("&", "&&")).triggered.connect(lambda _=False, one=one: show(one))


def _add_flags(menu: QMenu, which: ImageFilter, narrow: Narrow) -> None:
    """With a flag, and without it; one is never wanted with both."""
    for part, other in (("flags", "without_flags"), ("without_flags", "flags")):
        for flag in FLAGS:
            name = flag_name(flag)
            action = menu.addAction(name if part == "flags" else text("widgets.not_flagged", flag=name))
            chosen: tuple[str, ...] = getattr(which, part)
            action.setCheckable(True)
            action.setChecked(flag in chosen)
            action.setIcon(icon(ICONS[flag]) if part == "flags" else QIcon())
            rest = tuple(one for one in getattr(which, other) if one != flag)
            parts = {part: _toggled(chosen, flag), other: rest}
            action.triggered.connect(lambda _=False, parts=parts: narrow(**parts))
        menu.addSeparator()


def _add_tags(menu: QMenu, session: Session, which: ImageFilter, narrow: Narrow) -> None:
    found = [one for one in count_tags(session.project) if one.kind == TAG] if session.is_open else []
    for one in found[:MAX_CLASSES]:
        action = menu.addAction(f"{one.name}\t{format_whole(one.n_images)}".replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(one.name in which.tags)
        names = _toggled(which.tags, one.name)
        action.triggered.connect(lambda _=False, names=names: narrow(tags=names))
    menu.setEnabled(bool(found))


def _toggled(chosen: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(one for one in chosen if one != name) if name in chosen else (*chosen, name)


def _add_sources(menu: QMenu, session: Session, which: ImageFilter, narrow: Narrow) -> None:
    for source in session.sources:
        action = menu.addAction(source.name.replace("&", "&&"))
        action.setToolTip(str(source.path))
        action.setCheckable(True)
        is_on = which.source_id == source.id
        action.setChecked(is_on)
        wanted = None if is_on else source.id
        action.triggered.connect(lambda _=False, wanted=wanted: narrow(source_id=wanted))
    menu.setToolTipsVisible(True)
    menu.setEnabled(bool(menu.actions()))


def _add_runs(menu: QMenu, session: Session) -> None:
    """Whose predictions are shown, filtered and sorted by."""
    for run in session.runs[:MAX_RUNS]:
        action = menu.addAction(run.id)
        action.setCheckable(True)
        action.setChecked(session.run is not None and session.run.id == run.id)
        action.triggered.connect(lambda _=False, run_id=run.id: session.choose_run(run_id))
    menu.setEnabled(bool(menu.actions()))


def _add_reasons(menu: QMenu, session: Session, which: ImageFilter, narrow: Narrow) -> None:
    """Why images are excluded."""
    for reason, n in count_reasons(session.project).items() if session.is_open else ():
        words = text("widgets.reason_with_count", reason=_reason(reason), n=n)
        action = menu.addAction(words.replace("&", "&&"))
        action.setCheckable(True)
        is_on = which.excluded_reason == reason
        action.setChecked(is_on)
        wanted = {"excluded_reason": None if is_on else reason, "is_excluded": True}
        action.triggered.connect(lambda _=False, wanted=wanted: narrow(**wanted))
    menu.setEnabled(bool(menu.actions()))


def _reason(reason: str) -> str:
    return str(reason_from_text(reason_to_text(reason)))


def _add_classes(menu: QMenu, session: Session, chosen: tuple[int, ...], part: str, narrow: Narrow) -> None:
    for row in list(class_styles(session.classes).values())[:MAX_CLASSES]:
        action = menu.addAction(f"{row.sign}  {row.name}".replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(row.id in chosen)
        others = tuple(i for i in chosen if i != row.id)
        ids = others if row.id in chosen else (*chosen, row.id)
        action.triggered.connect(lambda _=False, ids=ids: narrow(**{part: ids}))
    menu.setEnabled(bool(session.classes))


def _add(menu: QMenu, which: ImageFilter, part: tuple[str, object], narrow: Narrow) -> Any:
    name, value = part
    action = menu.addAction(text(WORDS[part]))
    action.setCheckable(True)
    is_on = getattr(which, name) == value
    action.setChecked(is_on)
    off = "ok" if name == "status" else None
    action.triggered.connect(lambda: narrow(**{name: off if is_on else value}))
    return action
