"""Why an image cannot be shown or its label not be believed, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from core.text import text
from gui import theme
from gui.icons import IconLabel
from gui.inspector.section import Section, sentence_label
from gui.inspector.subject import Subject


class ReasonSection(Section):
    """Hidden while all is well."""

    def __init__(self) -> None:
        super().__init__()
        self.reason = sentence_label()
        self.hint = sentence_label(is_caption=True)
        row = QHBoxLayout()
        row.setSpacing(theme.BETWEEN)
        self._sign = IconLabel("wrong", role="red", side_px=theme.SMALL_ICON_PX)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.reason, 1)
        self.column.addLayout(row)
        self.column.addWidget(self.hint)

    def show_subject(self, subject: Subject) -> None:
        reason, hint = self._words(subject)
        self.setVisible(bool(reason))
        self.reason.setText(reason)
        self.hint.setText(hint)
        is_doubt = subject.is_readable
        self._sign.set_icon("doubt" if is_doubt else "wrong", role="amber" if is_doubt else "red")

    def _words(self, subject: Subject) -> tuple[str, str]:
        """What is the matter and what to do about it; empty while all is well."""
        row = subject.look.row
        if not subject.is_readable:
            reason = str(row.reason or "") or text("window_inspector.unreadable")
            if row.status == "missing":
                return reason, text("window_inspector.missing_hint")
            return reason, text("window_inspector.unreadable_hint")
        if subject.look.file_changed:
            return text("window_inspector.changed"), text("window_inspector.changed_hint")
        if row.label_content is not None and row.class_id is not None:
            is_test = row.split == "test"
            return (text("window_inspector.old_label"),
                    text("window_inspector.old_label_test" if is_test else "window_inspector.old_label_training"))
        return "", ""
