"""Why: heat maps of the predicted class and of the label side by side, in a part that is opened by a click."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from core.text import text
from core.text.numbers import format_confidence
from core.workflow.explaining import LABEL, PREDICTED
from gui import theme
from gui.inspector.file_sections import InspectorImageView
from gui.inspector.section import Section, Subject
from gui.preferences import Preferences
from gui.widgets.class_style import ClassStyle, color_label
from gui.widgets.fold import Fold
from gui.widgets.heat_maps import Heat, HeatMaps
from gui.widgets.heat_painter import HeatLegend, Overlay
from gui.widgets.labels import ElidedLabel, wrapped_caption
from gui.widgets.layouts import column_of, fill, row_of
from gui.widgets.thumbnails import ImageKey, ThumbnailCache

IS_OPEN = "heat_open"
THUMBNAIL_SIDE_PX = 256


class OneMap(QWidget):
    """A heat map with its class above."""

    def __init__(self) -> None:
        super().__init__()
        self.role = theme.caption_label("")
        self._sign, self.name = QLabel(), ElidedLabel()
        self.view = InspectorImageView()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._color = ""
        column_of(self.role, row_of(self._sign, (self.name, 1), spacing=theme.INSIDE), self.view, spacing=2,
                  parent=self)
        theme.current().changed.connect(self._color_sign)

    def show_class(self, style: ClassStyle, role: str, p: float) -> None:
        """Say whose evidence it is."""
        self.role.setText(role)
        self.name.set_text(f"{style.name} {format_confidence(p)}")
        self._color = style.color
        self._sign.setText(style.sign)
        self._sign.setVisible(bool(style.sign))
        self._color_sign()
        self.view.setAccessibleName(text("window_heat.evidence_for", name=style.name))

    def _color_sign(self) -> None:
        color_label(self._sign, self._color)


class HeatSection(Section):
    """Closed until somebody opens it, and then as it was left.

    Args:
        heat: Where the maps come from.
        thumbnails: The one pool of thumbnails.
        preferences: Remembers whether it is open.

    Signals:
        loupe_asked(): a map was double-clicked.
    """

    loupe_asked = Signal()

    def __init__(self, heat: HeatMaps, thumbnails: ThumbnailCache, preferences: Preferences) -> None:
        super().__init__()
        self._heat, self._thumbnails, self._preferences = heat, thumbnails, preferences
        self._subject: Subject | None = None
        self.fold = Fold(text("window_heat.title"))
        self.fold.button.setToolTip(text("window_heat.title_explained"))
        self.words, self.note = wrapped_caption(), wrapped_caption()
        self.maps = [OneMap(), OneMap()]
        self.legend = HeatLegend()
        fill(self.fold.column, self.words, row_of(*((one, 1) for one in self.maps)), self.legend, self.note)
        self.column.addWidget(self.fold)
        self._connect()

    @property
    def is_open(self) -> bool:
        return self.fold.button.isChecked()

    def show_subject(self, subject: Subject) -> None:
        self._subject = subject
        self.setVisible(subject.is_as_imported and subject.run is not None)
        self._refresh()

    def _connect(self) -> None:
        self.fold.button.setChecked(bool(self._preferences.number(IS_OPEN, 0)))
        self.fold.button.toggled.connect(self._on_button_toggled)
        self._heat.arrived.connect(self._on_heat_arrived)
        self._heat.outdated.connect(self._refresh)
        self._heat.waiting.connect(self._on_heat_waiting)
        self._thumbnails.arrived.connect(self._on_thumbnails_arrived)
        for one in self.maps:
            one.view.double_clicked.connect(self.loupe_asked)

    def _refresh(self) -> None:
        """Show what is there, and ask for what is not."""
        subject = self._subject
        if subject is None or not self.is_open or self.isHidden():
            self._heat.ask(self, [])
            return
        row = subject.look.row
        self._heat.ask(self, [row.id])
        self._show(subject)

    def _show(self, subject: Subject) -> None:
        row = subject.look.row
        content_hash = row.content_hash or b""
        heat = self._heat.get(row.id, content_hash)
        self._say(self._heat.reason(row.id, content_hash) if heat is None else "", is_there=heat is not None)
        thumbnail = self._thumbnails.get(content_hash)
        if thumbnail is None and content_hash:
            self._thumbnails.ask(self, [ImageKey(row.path, content_hash, THUMBNAIL_SIDE_PX)])
        for at, one in enumerate(self.maps):
            one.setVisible(heat is None and at == 0 or heat is not None and at < len(heat.images))
            one.view.set_overlay(None)
            one.view.show_placeholder(thumbnail.pixmap if thumbnail is not None else None)
        if heat is not None:
            self._show_heat(subject, heat)

    def _show_heat(self, subject: Subject, heat: Heat) -> None:
        by_name = {style.name: style for style in subject.styles.values()}
        roles = heat.question.roles(heat.explained)
        for one, image, name, role, found in zip(
                self.maps, heat.images, heat.names, roles, heat.explained.maps, strict=False):
            one.show_class(by_name.get(name, ClassStyle(None, name)), _say_role(role),
                           float(heat.explained.probabilities[found.column]))
            one.view.set_overlay(Overlay(image))
        self.note.setText(text("window_heat.final_model") if heat.question.is_out_of_fold else "")
        self.note.setVisible(heat.question.is_out_of_fold)

    def _say(self, words: str, *, is_there: bool) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))
        if not is_there:
            self.note.hide()
            for one in self.maps:
                one.show_class(ClassStyle(None, ""), "" if words else text("window_heat.being_made"), 0.0)
                one.name.set_text("")

    def _on_button_toggled(self, is_open: bool) -> None:
        self._preferences.keep_number(IS_OPEN, int(is_open))
        self._refresh()

    def _on_heat_arrived(self, image_ids: frozenset[int]) -> None:
        if self._subject is not None and self.is_open and self._subject.look.row.id in image_ids:
            self._show(self._subject)

    def _on_heat_waiting(self, words: str) -> None:
        row = self._subject.look.row if self._subject is not None else None
        if row is not None and self.is_open and self._heat.get(row.id, row.content_hash or b"") is None:
            self._say(words, is_there=False)

    def _on_thumbnails_arrived(self, content_hashes: frozenset[bytes]) -> None:
        if self._subject is not None and self.is_open and self._subject.look.row.content_hash in content_hashes:
            self._show(self._subject)


def _say_role(role: tuple[str, ...]) -> str:
    """ "predicted", "label", or both."""
    if role == (PREDICTED, LABEL):
        return text("window_heat.predicted_and_label")
    return text(f"window_heat.role.{role[0]}") if role else ""
