"""What the file says of how the photograph was taken (EXIF): when, camera, lens, exposure."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from core.images.photo_facts import PhotoFacts, read_photo_facts
from core.text import text
from gui.inspector.section import Section, Subject
from gui.widgets.labels import wrapped, wrapped_caption
from gui.widgets.layouts import fill

AFTER_MS = 150
"""Nothing is read while somebody hurries past."""


class PhotoSection(Section):
    """Hidden where the camera left no notes."""

    def __init__(self) -> None:
        super().__init__(text("window_inspector.photo"))
        self._subject: Subject | None = None
        self.taken, self.camera, self.exposure = wrapped(), wrapped(), wrapped()
        self.place = wrapped_caption()
        fill(self.column, self.taken, self.camera, self.exposure, self.place)
        self._pause = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._pause.timeout.connect(self._read)
        self.hide()

    def show_subject(self, subject: Subject) -> None:
        before, self._subject = self._subject, subject
        if before is not None and _file_of(before) == _file_of(subject):
            return
        self.hide()
        if subject.is_readable:
            self._pause.start()
        else:
            self._pause.stop()

    def _read(self) -> None:
        if self._subject is not None:
            self.show_facts(read_photo_facts(self._subject.look.row.path))

    def show_facts(self, facts: PhotoFacts) -> None:
        """Show what there is of these."""
        taken = text("window_inspector.taken_at", at=facts.taken_at) if facts.taken_at else ""
        camera = " · ".join(dict.fromkeys(filter(None, (facts.camera, facts.lens))))
        place = text("window_inspector.has_place") if facts.has_place else ""
        exposure = _say_exposure(facts)
        said = ((self.taken, taken), (self.camera, camera), (self.exposure, exposure), (self.place, place))
        for label, words in said:
            label.setText(words)
            label.setVisible(bool(words))
        self.setVisible(any(words for _, words in said))


def _file_of(subject: Subject) -> tuple[object, ...]:
    row = subject.look.row
    return row.path, row.content_hash, row.status, subject.look.file_changed


def _say_exposure(facts: PhotoFacts) -> str:
    """ "1/250 s · f/2.8 · ISO 400 · 35 mm", as far as it is known."""
    parts = []
    if facts.exposure_s is not None:
        parts.append(text("window_inspector.exposure", seconds=_say_seconds(facts.exposure_s)))
    if facts.f_number is not None:
        parts.append(text("window_inspector.f_number", number=facts.f_number))
    if facts.iso is not None:
        parts.append(text("window_inspector.iso", iso=facts.iso))
    if facts.focal_mm is not None:
        parts.append(text("window_inspector.focal_length", mm=facts.focal_mm))
    return " · ".join(parts)


def _say_seconds(seconds: float) -> float | str:
    """As cameras write it: a fraction below a third of a second."""
    return f"1/{round(1 / seconds)}" if seconds < 0.3 else round(seconds, 1)
