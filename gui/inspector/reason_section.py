"""Why an image cannot be shown or its label not be believed, and what to do about it."""

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
            reason = str(row.reason or "") or self.tr("The picture cannot be read.")
            if row.status == "missing":
                return reason, self.tr("Put the file back, or import its folder from where it is now.")
            return reason, self.tr("Then import its folder again.")
        if subject.look.file_changed:
            return (self.tr("This file changed after the last import."),
                    self.tr("Import its folder again, so that it is predicted as it is now."))
        if row.label_content is not None and row.class_id is not None:
            is_test = row.split == "test"
            return (self.tr("Label given to an earlier version of this file."),
                    self.tr("It counts in no figure until you give the label again.") if is_test
                    else self.tr("Nothing is learnt from it until you give the label again."))
        return "", ""
