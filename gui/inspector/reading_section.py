"""What the pretrained network itself would call the picture, among ImageNet's thousand names."""

from __future__ import annotations

from PySide6.QtGui import QPalette

from core.embeddings.inspection import InspectResult
from core.text import text
from core.text.numbers import format_percent
from gui import theme
from gui.inspector.section import Section, sentence_label
from gui.inspector.subject import Subject

LEAST_SHARE = 0.01


class ReadingSection(Section):
    """ "cellular telephone 41 %, window screen 12 %, …"."""

    awaits_engine = True

    def __init__(self) -> None:
        super().__init__(text("window_inspector.reading"), text("window_inspector.reading_explained"))
        self.words = sentence_label()
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
