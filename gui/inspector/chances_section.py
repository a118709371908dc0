"""What the chosen run says: its likeliest classes as bars, the label's class always among them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from core.text import text
from core.text.numbers import format_confidence
from gui import theme
from gui.icons import IconLabel
from gui.inspector.chance_bars import Bar, ChanceBars
from gui.inspector.section import Section, sentence_label
from gui.inspector.subject import Subject

N_BARS = 5


class ChancesSection(Section):
    """Bars, and in a line how far they can be trusted."""

    def __init__(self) -> None:
        super().__init__(
            text("window_inspector.prediction"), text("window_inspector.prediction_explained"))
        self.bars = ChanceBars()
        self.note = sentence_label(is_caption=True)
        self._sign = IconLabel("doubt", role="amber", side_px=theme.SMALL_ICON_PX)
        row = QHBoxLayout()
        row.setSpacing(theme.INSIDE)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.note, 1)
        self.column.addWidget(self.bars)
        self.column.addLayout(row)

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
        words = [self._mistake_words(subject)] if look.is_mistake else []
        n_others = len(look.chances) - N_BARS
        if n_others > 0:
            p = max(1 - sum(c.p for c in look.top_chances(N_BARS)), 0.0)
            words.append(text("window_inspector.other_classes", n=n_others, p=format_confidence(p)))
        return " ".join(words)

    def _mistake_words(self, subject: Subject) -> str:
        if subject.look.is_held_back:
            return text("window_inspector.mistake_out_of_fold")
        return text("window_inspector.mistake")
