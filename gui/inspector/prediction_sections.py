"""What the chosen run and the pretrained network say of the image: probabilities as bars, and ImageNet classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPaintEvent, QPainter, QPalette
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.review.inspection import InspectResult
from core.text import text
from core.text.numbers import format_confidence, format_float, format_percent
from gui import theme
from gui.icons import IconLabel
from gui.inspector.section import Section, Subject
from gui.widgets.cut_names import cut_name, shared_starts
from gui.widgets.class_style import ClassStyle, paint_sign
from gui.widgets.labels import wrapped, wrapped_caption
from gui.widgets.layouts import fill, row_of

BAR_PX = 4
ROW_GAP_PX = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One class and its probability, 0 … 1; `note` stands after its name ("your label")."""

    style: ClassStyle
    p: float
    note: str = ""


class ChanceBars(QWidget):
    """As high as its bars; says them all to a screen reader."""

    def __init__(self) -> None:
        super().__init__()
        self.bars: tuple[Bar, ...] = ()
        self._shared: dict[str, int] = {}
        self.setFont(theme.tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def figure(self, bar: Bar) -> str:
        """What stands at the right."""
        return format_confidence(bar.p)

    def note(self, bar: Bar) -> str:
        """What stands after the name."""
        return bar.note

    def words(self, bar: Bar) -> str:
        """For tooltips and screen readers: "pistol 0.9731, your label"."""
        figure = f"{bar.style.name} {format_float(bar.p, '.4f')}"
        return f"{figure}, {bar.note}" if bar.note else figure

    def show_bars(self, bars: Sequence[Bar]) -> None:
        self.bars = tuple(bars)
        names = [bar.style.name for bar in bars]
        self._shared = dict(zip(names, shared_starts(names), strict=True))
        self.setAccessibleName("; ".join(self.words(bar) for bar in bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, max(len(self.bars) * self._row_px() - ROW_GAP_PX, 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = event.pos().y() // self._row_px()
            if 0 <= place < len(self.bars):
                QToolTip.showText(event.globalPos(), self.words(self.bars[place]), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            for place, bar in enumerate(self.bars):
                top = place * self._row_px()
                self._paint_text(painter, QRect(0, top, self.width(), self.fontMetrics().height()), bar)
                self._paint_bar(painter, QRectF(0, top + self.fontMetrics().height() + 1, self.width(), BAR_PX), bar)

    def _row_px(self) -> int:
        return self.fontMetrics().height() + 1 + BAR_PX + ROW_GAP_PX

    def _paint_text(self, painter: QPainter, rect: QRect, bar: Bar) -> None:
        middle, palette = Qt.AlignmentFlag.AlignVCenter, self.palette()
        figure = self.figure(bar)
        is_likeliest = bar.p == max(b.p for b in self.bars)
        painter.setFont(theme.emphasized(self.font()) if is_likeliest else self.font())
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.drawText(rect, int(middle | Qt.AlignmentFlag.AlignRight), figure)
        left = QRect(rect)
        left.setRight(rect.right() - painter.fontMetrics().horizontalAdvance(figure) - theme.BETWEEN)
        paint_sign(painter, left, bar.style, palette)
        self._paint_name(painter, left, bar)

    def _paint_name(self, painter: QPainter, rect: QRect, bar: Bar) -> None:
        """Name and note; where not both fit, the name gives way, but never to less than half of the room."""
        note_font, note = theme.scaled_font(self.font(), theme.CAPTION_SCALE), self.note(bar)
        note_px = QFontMetrics(note_font).horizontalAdvance(note) + theme.BETWEEN if note else 0
        fits = painter.fontMetrics().horizontalAdvance(bar.style.name) + note_px <= rect.width()
        room = rect.width() - (note_px if fits or note_px <= rect.width() // 2 else 0)
        name = cut_name(painter.fontMetrics(), bar.style.name, self._shared[bar.style.name], room)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(rect, flags, name)
        if note_px and room < rect.width():
            rect.adjust(painter.fontMetrics().horizontalAdvance(name) + theme.BETWEEN, 0, 0, 0)
            painter.setFont(note_font)
            painter.setPen(theme.current().caption)
            painter.drawText(rect, flags, note)

    def _paint_bar(self, painter: QPainter, rect: QRectF, bar: Bar) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().line)
        painter.drawRoundedRect(rect, BAR_PX / 2, BAR_PX / 2)
        if bar.p > 0:
            painter.setBrush(bar.style.shown_color(self.palette()))
            filled = QRectF(rect.left(), rect.top(), max(rect.width() * min(bar.p, 1.0), 2.0), rect.height())
            painter.drawRoundedRect(filled, BAR_PX / 2, BAR_PX / 2)


N_BARS = 5


class ChancesSection(Section):
    """Bars, and in a line how far they can be trusted."""

    def __init__(self) -> None:
        super().__init__(
            text("window_inspector.prediction"), text("window_inspector.prediction_explained"))
        self.bars = ChanceBars()
        self.note = wrapped_caption()
        self._sign = IconLabel("doubt", role="amber", side_px=theme.SMALL_ICON_PX)
        row = row_of((self._sign, 0, Qt.AlignmentFlag.AlignTop), (self.note, 1), spacing=theme.INSIDE)
        fill(self.column, self.bars, row)

    def show_subject(self, subject: Subject) -> None:
        self.setVisible(subject.is_as_imported)
        top = subject.look.top_chances(N_BARS)
        self.bars.show_bars([self._bar(subject, i) for i in range(len(top))])
        self.bars.setVisible(bool(top))
        self._sign.setVisible(subject.look.is_mistake)
        words = self._words(subject)
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def _bar(self, subject: Subject, place: int) -> Bar:
        chance = subject.look.top_chances(N_BARS)[place]
        label = subject.look.row.class_id
        note = text("window_inspector.your_label") if label is not None and chance.class_id == label else ""
        return Bar(subject.style(chance.class_id, chance.name), chance.p, note)

    def _words(self, subject: Subject) -> str:
        look = subject.look
        if subject.run is None:
            return text("window_inspector.no_run")
        if look.says is None:
            return text("window_inspector.not_predicted")
        words = []
        if look.is_mistake:
            code = "window_inspector.mistake_out_of_fold" if look.is_held_back else "window_inspector.mistake"
            words.append(text(code))
        n_others = len(look.chances) - N_BARS
        if n_others > 0:
            p = max(1 - sum(c.p for c in look.top_chances(N_BARS)), 0.0)
            words.append(text("window_inspector.other_classes", n=n_others, p=format_confidence(p)))
        return " ".join(words)


LEAST_SHARE = 0.01


class ReadingSection(Section):
    """ "cellular telephone 41 %, window screen 12 %, …"."""

    awaits_engine = True

    def __init__(self) -> None:
        super().__init__(text("window_inspector.reading"), text("window_inspector.reading_explained"))
        self.words = wrapped()
        self.column.addWidget(self.words)

    def show_subject(self, subject: Subject) -> None:
        self.setVisible(subject.is_as_imported)
        self._say("…", is_quiet=True)

    def show_waiting(self, words: str) -> None:
        self._say(words or "…", is_quiet=True)

    def show_answer(self, answer: InspectResult) -> None:
        if answer.reading_reason:
            self._say(str(answer.reading_reason), is_quiet=True)
            return
        shown = [pair for i, pair in enumerate(answer.reading) if not i or pair[1] >= LEAST_SHARE]
        self._say(", ".join(f"{name.replace('_', ' ')} {_percent(p)}" for name, p in shown), is_quiet=False)

    def _say(self, words: str, *, is_quiet: bool) -> None:
        role = QPalette.ColorRole.PlaceholderText if is_quiet else QPalette.ColorRole.WindowText
        self.words.setForegroundRole(role)
        self.words.setFont(theme.scaled_font(self.font(), theme.CAPTION_SCALE) if is_quiet else self.font())
        self.words.setText(words)


def _percent(share: float) -> str:
    return format_percent(share, 0).replace(" ", "\N{NO-BREAK SPACE}")
