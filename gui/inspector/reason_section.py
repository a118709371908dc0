"""Why an image cannot be shown, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

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
        sign = IconLabel("wrong", role="red", side_px=theme.SMALL_ICON_PX)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.reason, 1)
        self.column.addLayout(row)
        self.column.addWidget(self.hint)

    def show_subject(self, subject: Subject) -> None:
        self.setVisible(not subject.is_readable)
        row = subject.look.row
        self.reason.setText(row.reason or self.tr("The picture cannot be read."))
        if row.status == "missing":
            self.hint.setText(self.tr("Put the file back, or import its folder from where it is now."))
        else:
            self.hint.setText(self.tr("Save it anew with another program and import its folder again."))
