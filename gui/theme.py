"""Light, dark or as the system has it; colours, style sheet, measures and text sizes, changed while running.

`current()` is the one theme of the application. A widget that paints by itself asks it for
colours in its paint event and needs nothing else: a change repaints everything. The style sheet says the little
that Fusion and the palette cannot: widgets take part by object name or by the property `role`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from string import Template
from typing import TypeVar, cast

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from gui.colors import DARK, LIGHT, Colors

MARKS = Path(__file__).parent / "marks"
"""Signs of ticked boxes; a style sheet can take them from files only."""

_SHEET = Template("""
QToolTip { color: $text; background: $base; border: 1px solid $line; padding: 4px; }
QPushButton { background: $button; color: $text; border: 1px solid $line; border-radius: 4px;
    padding: 5px 12px; min-height: 18px; }
QPushButton:hover { border-color: $caption; }
QPushButton:focus { border-color: $accent; }
QPushButton:pressed { background: $line; }
QPushButton:checked { background: $accent_ground; border: 2px solid $accent; padding: 4px 11px; font-weight: 600; }
QPushButton:disabled { color: $disabled; background: $window; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[role="primary"]:hover, QPushButton[role="primary"]:focus { border-color: $text; }
QPushButton[role="primary"]:pressed { border: 2px solid $text; padding: 4px 11px; }
QPushButton[role="primary"]:disabled { background: $line; color: $disabled; border-color: $line; font-weight: 400; }
QPushButton[role="quiet"] { background: transparent; border-color: transparent; }
QPushButton[role="quiet"]:hover { border-color: $line; }
QPushButton[role="quiet"]:focus { border-color: $accent; }
QMenuBar { background: $window; border-bottom: 1px solid $line; }
QFrame[role="line"] { background: $line; border: none; }
QFrame#pageBar, QFrame#jobBar { background: $window; }
QToolButton[role="page"] { border: none; border-bottom: 2px solid transparent; padding: 6px 10px 4px 10px;
    color: $caption; background: transparent; }
QToolButton[role="page"]:hover { color: $text; }
QToolButton[role="page"]:focus { color: $text; background: $button; }
QToolButton[role="page"]:checked { color: $text; border-bottom-color: $accent; font-weight: 600; }
QToolButton[role="page"]:disabled { color: $disabled; }
QFrame[role="message"] { border-radius: 4px; }
QFrame[role="message"][tone="note"] { background: $accent_ground; }
QFrame[role="message"][tone="doubt"] { background: $amber_ground; }
QFrame[role="message"][tone="wrong"] { background: $red_ground; }
QFrame[role="message"] QLabel { color: $text; }
QFrame[role="card"] { background: $base; border: 1px solid $line; border-radius: 6px; }
QFrame[role="drop"] { background: $base; border: 1px dashed $caption; border-radius: 6px; }
QFrame[role="drop"][target="true"] { border: 2px solid $accent; }
QDialog#commandPalette { border: 1px solid $caption; }
QDialog#commandPalette QLineEdit { border: none; border-bottom: 1px solid $line; padding: 0 14px; }
QLineEdit, QPlainTextEdit, QTextEdit { border: 1px solid $line; border-radius: 4px; padding: 3px 6px;
    background: $base; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus { border-color: $accent; }
QCheckBox::indicator, QListWidget::indicator, QRadioButton::indicator { width: 14px; height: 14px;
    border: 1px solid $caption; background: $base; }
QCheckBox::indicator, QListWidget::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $text; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked { background: $accent; border-color: $accent; }
QListWidget::indicator:checked { background: $accent; border-color: $accent; }
QCheckBox::indicator:checked, QListWidget::indicator:checked { image: url("$marks/check-$mark.svg"); }
QRadioButton::indicator:checked { image: url("$marks/dot-$mark.svg"); }
QCheckBox::indicator:indeterminate { background: $accent; border-color: $accent;
    image: url("$marks/dash-$mark.svg"); }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { background: $window; border-color: $line; }
QProgressBar { border: none; border-radius: 3px; background: $line; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { border-radius: 3px; background: $accent; }
QSplitter::handle { background: $line; }
""")


def style_sheet(colors: Colors) -> str:
    """The application's style sheet in these colours."""
    values = {name: getattr(colors, name) for name in Colors.__dataclass_fields__}
    return _SHEET.substitute(values, marks=MARKS.as_posix(), mark="dark" if colors is DARK else "light")


INSIDE, BETWEEN, AROUND, MARGIN = 4, 8, 16, 24
"""Distances in pixels: inside controls, between them, around groups, at the edge of a page."""

SMALL_ICON_PX, ICON_PX = 16, 20

TITLE_SCALE, CAPTION_SCALE = 1.25, 0.92
"""Text sizes beside the system font's own."""


W = TypeVar("W", bound=QWidget)


class ThemeChoice(StrEnum):
    """What the user asked for."""

    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"


def _color(name: str) -> QColor:
    return cast(QColor, property(lambda self: QColor(getattr(self.colors, name))))


class Theme(QObject):
    """The colours in force.

    Attributes:
        choice: What the user asked for.
        colors: As text, for charts and style sheets.
        accent, caption, line, tile, amber, red: See `Colors`; amber and red are never the only sign.

    Signals:
        changed: Other colours are in force now; the palette is set already.
    """

    changed = Signal()
    accent, caption, line, tile = _color("accent"), _color("caption"), _color("line"), _color("tile")
    amber, red = _color("amber"), _color("red")

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self.choice = ThemeChoice.SYSTEM
        self.colors = LIGHT
        self._is_applied = False
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._apply)

    def choose(self, choice: ThemeChoice | str) -> None:
        """Use light, dark or the system's colours from now on."""
        self.choice = ThemeChoice(choice)
        schemes = {ThemeChoice.LIGHT: Qt.ColorScheme.Light, ThemeChoice.DARK: Qt.ColorScheme.Dark}
        self._application.styleHints().setColorScheme(schemes.get(self.choice, Qt.ColorScheme.Unknown))
        self._apply()

    def _apply(self) -> None:
        is_dark = self.choice is ThemeChoice.DARK
        if self.choice is ThemeChoice.SYSTEM:
            is_dark = self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark
        colors = DARK if is_dark else LIGHT
        if self._is_applied and colors is self.colors:
            return
        self.colors, self._is_applied = colors, True
        self._application.setPalette(build_palette(colors))
        self._application.setStyleSheet(style_sheet(colors))
        self.changed.emit()


def application() -> QApplication:
    """The running application."""
    found = QApplication.instance()
    assert isinstance(found, QApplication), "widgets need an application"
    return found


def current() -> Theme:
    """The theme of the running application, made when first asked for."""
    theme = application().findChild(Theme, "theme", Qt.FindChildOption.FindDirectChildrenOnly)
    if theme is None:
        theme = Theme(application())
        theme.setObjectName("theme")
    return theme


def build_palette(colors: Colors) -> QPalette:
    """The palette of these colours; captions take the role `PlaceholderText`."""
    role = QPalette.ColorRole
    palette = QPalette()
    for name, color in {
        role.Window: colors.window, role.WindowText: colors.text, role.Base: colors.base,
        role.AlternateBase: colors.alternate, role.ToolTipBase: colors.base, role.ToolTipText: colors.text,
        role.PlaceholderText: colors.caption, role.Text: colors.text, role.Button: colors.button,
        role.ButtonText: colors.text, role.BrightText: colors.red, role.Link: colors.accent,
        role.LinkVisited: colors.accent, role.Highlight: colors.accent, role.HighlightedText: colors.on_accent,
        role.Accent: colors.accent, role.Light: colors.base, role.Midlight: colors.button, role.Mid: colors.line,
        role.Dark: colors.caption, role.Shadow: colors.text,
    }.items():
        palette.setColor(name, QColor(color))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(colors.disabled))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(colors.line))
    return palette


def scaled_font(font: QFont, scale: float) -> QFont:
    """The same font in another size; works for fonts given in points and in pixels."""
    scaled = QFont(font)
    if font.pointSizeF() > 0:
        scaled.setPointSizeF(font.pointSizeF() * scale)
    else:
        scaled.setPixelSize(round(font.pixelSize() * scale))
    return scaled


def tabular(font: QFont) -> QFont:
    """The same font with figures of equal width, so that numbers stand below each other."""
    tabular_font = QFont(font)
    tabular_font.setFeature(QFont.Tag("tnum"), 1)
    return tabular_font


def emphasized(font: QFont) -> QFont:
    """The same font, half bold."""
    heavy = QFont(font)
    heavy.setWeight(QFont.Weight.DemiBold)
    return heavy


def bold(label: W) -> W:
    """The same label, half bold."""
    label.setFont(emphasized(label.font()))
    return label


def row_px(view: QWidget) -> int:
    """Height of a row of a list or table, for the size of its text."""
    return view.fontMetrics().height() + 2 * INSIDE


def title_label(text: str) -> QLabel:
    """A page title."""
    label = QLabel(text)
    label.setFont(scaled_font(label.font(), TITLE_SCALE))
    return label


def caption_label(text: str) -> QLabel:
    """Quieter, smaller text, with tabular figures."""
    return as_caption(QLabel(text))


def as_caption(label: QLabel) -> QLabel:
    """The same label in quieter, smaller text."""
    label.setFont(tabular(scaled_font(label.font(), CAPTION_SCALE)))
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
