"""The label that a person gave: as a badge, with a way to change it, and where the same image is twice."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QPainter, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from core.project.rows import ImageRow
from core.text import text
from gui import theme
from gui.icons import IconLabel, icon
from gui.inspector.section import Section, Subject, breakable
from gui.widgets.class_style import ClassStyle, paint_sign, sign_width
from gui.widgets.labels import wrapped
from gui.widgets.layouts import row_of

RADIUS_PX = 4


class ClassBadge(QWidget):
    """Takes the room of its name, and less if it must."""

    def __init__(self) -> None:
        super().__init__()
        self._style = ClassStyle(None, "")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def show_style(self, style: ClassStyle) -> None:
        self._style = style
        self.setAccessibleName(style.name)
        self.setToolTip(style.name)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._style.name) + sign_width(self._style, metrics) + 2 * theme.BETWEEN
        return QSize(width + 1, metrics.height() + 2 * theme.INSIDE)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(48, self.sizeHint().width()), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.current().line, 1))
            painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)
            inner = self.rect().adjusted(theme.BETWEEN, 0, -theme.BETWEEN, 0)
            middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
            paint_sign(painter, inner, self._style, self.palette())
            painter.setPen(self.palette().color(QPalette.ColorRole.Text))
            name = self.fontMetrics().elidedText(self._style.name, Qt.TextElideMode.ElideRight, inner.width() + 1)
            painter.drawText(inner, middle, name)


MAX_TWINS = 2


class LabelSection(Section):
    """Badge, button `change` and, where there is one, the warning of an exact duplicate.

    Signals:
        image_asked(int image_id): a duplicate was clicked.
    """

    image_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._subject: Subject | None = None
        self.badge = ClassBadge()
        self.nothing = theme.caption_label(text("window_inspector.no_label"))
        self.change = QPushButton(icon("label"), "")
        self.change.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = row_of((self.badge, 1), (self.nothing, 1), (self.change, 0, Qt.AlignmentFlag.AlignRight))
        self.column.addLayout(row)
        self._twin_sign = IconLabel("copy", role="caption", side_px=theme.SMALL_ICON_PX)
        self.twins = wrapped()
        self.twins.setTextFormat(Qt.TextFormat.RichText)
        self.twins.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard)
        self.twins.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.twins.linkActivated.connect(lambda link: self.image_asked.emit(int(link)))
        self.column.addLayout(row_of((self._twin_sign, 0, Qt.AlignmentFlag.AlignTop), (self.twins, 1)))

    def show_subject(self, subject: Subject) -> None:
        self._subject, label = subject, subject.label
        self.badge.setVisible(label is not None)
        self.nothing.setVisible(label is None)
        if label is not None:
            self.badge.show_style(label)
        self.change.setAccessibleName(
            text("window_inspector.label_to_change", name=label.name) if label
            else text("window_inspector.label_to_give"))
        self.change.setToolTip(text("window_inspector.change_label" if label else "window_inspector.give_label"))
        self._fit_button()
        self._show_twins(subject)

    def _fit_button(self) -> None:
        """The button lets go of its words where the name of the class or “No label” needs the room."""
        self.change.setText(
            text("window_inspector.change" if self.badge.isVisibleTo(self) else "window_inspector.label_as"))
        beside = self.badge if self.badge.isVisibleTo(self) else self.nothing
        if beside.sizeHint().width() + theme.BETWEEN + self.change.sizeHint().width() > self.width():
            self.change.setText("")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_button()

    def _show_twins(self, subject: Subject) -> None:
        twins = subject.look.twins
        for widget in (self._twin_sign, self.twins):
            widget.setVisible(bool(twins))
        if not twins:
            return
        differs = len({i for i in (subject.look.row.class_id, *(t.class_id for t in twins)) if i is not None}) > 1
        self._twin_sign.set_icon("doubt" if differs else "copy", role="amber" if differs else "caption")
        self.twins.setText(self._twin_words(subject, twins, differs=differs))

    def _twin_words(self, subject: Subject, twins: tuple[ImageRow, ...], *, differs: bool) -> str:
        own = subject.look.row.class_id
        telling_first = sorted(twins, key=lambda twin: twin.class_id in (None, own))
        shows_label = differs or own is None
        links = ", ".join(self._link(subject, twin, shows_label=shows_label) for twin in telling_first[:MAX_TWINS])
        n_more = len(twins) - MAX_TWINS
        if n_more > 0:
            links = text("window_inspector.links_and_more", links=links, n=n_more)
        code = "window_inspector.duplicate_labels_differ" if differs else "window_inspector.duplicate"
        return text(code, n=len(twins), links=links)

    def _link(self, subject: Subject, twin: ImageRow, *, shows_label: bool) -> str:
        style = subject.styles.get(twin.class_id or 0)
        name = breakable(escape(twin.name.rpartition("/")[2]))
        label = ""
        if style and shows_label:
            label = f" ({style.sign}&nbsp;{breakable(escape(style.name.rpartition('/')[2]))})"
        return f'<a href="{twin.id}">{name}</a>{label}'

    def changeEvent(self, event: QEvent) -> None:
        """Links take the palette's colour when their text is set, and keep it."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._subject is not None:
            self.twins.clear()  # the same text again would be no change
            self._show_twins(self._subject)
