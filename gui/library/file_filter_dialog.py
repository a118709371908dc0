"""Asks by which date, image size and file size the images are narrowed down."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QCheckBox, QDateEdit, QDialog, QPushButton, QSpinBox, QWidget

from core.project.queries import ImageFilter, Range
from core.text import text
from core.text.language import language
from gui import theme
from gui.widgets.labels import wrapped_caption
from gui.widgets.layouts import DIALOG, STRETCH, answers, column_of, form_of, row_of

LARGEST_SIDE_PX, LARGEST_KB = 1_000_000, 100_000_000
KB = 1000


class FileFilterDialog(QDialog):
    """Bounds that are off until they are ticked; the result is `parts`.

    Args:
        which: The filter that is in force; its bounds are shown.
    """

    def __init__(self, which: ImageFilter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("window_library.file_filter_title"))
        today = datetime.now().date()
        self.since = _Bound(_date_edit(today - timedelta(days=30)), text("window_library.since"))
        self.until = _Bound(_date_edit(today), text("window_library.until"))
        self.sides = _bounds(LARGEST_SIDE_PX, " px", (0, 256))
        self.sizes = _bounds(LARGEST_KB, " kB", (0, 100))
        self.show_button = QPushButton(text("window_library.show_these"))
        self._show(which)
        form = form_of([
            (text("window_library.file_date"), _pair(self.since, self.until)),
            (text("window_library.longer_side"), _pair(*self.sides)),
            (text("window_library.file_size"), _pair(*self.sizes)),
        ])
        column_of(form, wrapped_caption(text("window_library.file_date_tip")), (STRETCH, 1),
                  answers(self, self.show_button), spacing=theme.AROUND, margins=DIALOG, parent=self)
        self.show_button.setFocus()

    @property
    def parts(self) -> dict[str, Range]:
        """Parts of an `ImageFilter`, all of them, () where nothing is asked."""
        first, last = _ns(self.since), _ns(self.until, days=1)
        low_px, high_px = (bound.number for bound in self.sides)
        low_kb, high_kb = (bound.number for bound in self.sizes)
        return {
            "changed_ns": _range(first, last), "sides_px": _range(low_px, None if high_px is None else high_px + 1),
            "sizes": _range(None if low_kb is None else low_kb * KB, None if high_kb is None else high_kb * KB + 1),
        }

    def _show(self, which: ImageFilter) -> None:
        first, last = _both(which.changed_ns)
        self.since.show_date(first)
        self.until.show_date(None if last is None else last - 1)
        shown = ((self.sides, _both(which.sides_px), 1), (self.sizes, _both(which.sizes), KB))
        for bounds, (low, high), unit in shown:
            bounds[0].show_number(None if low is None else low // unit)
            bounds[1].show_number(None if high is None else (high - 1) // unit)


class _Bound(QWidget):
    """A tick and the value that it switches on."""

    def __init__(self, field: QDateEdit | QSpinBox, name: str) -> None:
        super().__init__()
        self.tick, self.field = QCheckBox(name), field
        field.setEnabled(False)
        field.setAccessibleName(name)
        self.tick.toggled.connect(field.setEnabled)
        row_of(self.tick, (field, 1), parent=self)

    @property
    def number(self) -> int | None:
        return self.field.value() if self.tick.isChecked() and isinstance(self.field, QSpinBox) else None

    @property
    def date(self) -> QDate | None:
        return self.field.date() if self.tick.isChecked() and isinstance(self.field, QDateEdit) else None

    def show_number(self, number: int | None) -> None:
        if number is not None and isinstance(self.field, QSpinBox):
            self.tick.setChecked(True)
            self.field.setValue(number)

    def show_date(self, ns: int | None) -> None:
        if ns is not None and isinstance(self.field, QDateEdit):
            day = datetime.fromtimestamp(ns // 1_000_000_000)
            self.tick.setChecked(True)
            self.field.setDate(QDate(day.year, day.month, day.day))


def _bounds(largest: int, suffix: str, first: tuple[int, int]) -> tuple[_Bound, _Bound]:
    fields = []
    for value in first:
        box = QSpinBox()
        box.setRange(0, largest)
        box.setSuffix(suffix)
        box.setValue(value)
        fields.append(box)
    return (_Bound(fields[0], text("window_library.at_least")), _Bound(fields[1], text("window_library.at_most")))


def _pair(first: QWidget, second: QWidget) -> QWidget:
    pair = QWidget()
    row_of((first, 1), (second, 1), spacing=theme.AROUND, parent=pair)
    return pair


def _date_edit(day: date) -> QDateEdit:
    edit = QDateEdit(QDate(day.year, day.month, day.day))
    edit.setCalendarPopup(True)
    edit.setDisplayFormat("dd/MM/yyyy" if language() == "es" else "yyyy-MM-dd")  # as `core.text.numbers` writes days
    return edit


def _ns(bound: _Bound, *, days: int = 0) -> int | None:
    """The beginning of the day that is chosen, or of one some days later, by the clock here."""
    day = bound.date
    if day is None:
        return None
    moment = datetime(day.year(), day.month(), day.day()) + timedelta(days=days)
    return int(moment.timestamp()) * 1_000_000_000


def _range(low: int | None, high: int | None) -> Range:
    return () if low is None and high is None else (low, high)


def _both(bounds: Range) -> tuple[int | None, int | None]:
    low, high = (*bounds, None, None)[:2]
    return low, high
