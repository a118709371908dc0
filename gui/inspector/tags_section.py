"""Flags and tags of the image in the inspector."""

from __future__ import annotations

import numpy as np

from core.text import text
from gui.inspector.section import Section, Subject
from gui.session import Session
from gui.widgets.tag_editor import TagEditor


class TagsSection(Section):
    """The editor of one image.

    Attributes:
        editor: Flags, tags and the line for more.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(text("widgets.flags_and_tags"), text("widgets.flags_and_tags_tip"))
        self.editor = TagEditor(session)
        self.column.addWidget(self.editor)

    def show_subject(self, subject: Subject) -> None:
        self.editor.show_images(np.array([subject.look.row.id], np.int64))
