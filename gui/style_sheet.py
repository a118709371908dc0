"""The little that Fusion and the palette cannot say: flat buttons, the page switch, message bars.

Widgets take part by object name or by the property `role`; colours come from the theme.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from gui.colors import DARK, Colors

MARKS = Path(__file__).parent / "marks"
"""Signs of ticked boxes; a style sheet can take them from files only."""

_SHEET = Template("""
QToolTip { color: $text; background: $base; border: 1px solid $line; padding: 4px; }
QPushButton { background: $button; color: $text; border: 1px solid $line; border-radius: 4px;
    padding: 5px 12px; min-height: 18px; }
QPushButton:hover { border-color: $caption; }
QPushButton:focus { border-color: $accent; }
QPushButton:pressed { background: $line; }
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
QFrame[role="message"][tone="note"] { background: $accent_ground; border-bottom: 1px solid $line; }
QFrame[role="message"][tone="doubt"] { background: $amber_ground; border-bottom: 1px solid $line; }
QFrame[role="message"][tone="wrong"] { background: $red_ground; border-bottom: 1px solid $line; }
QFrame[role="message"] QLabel { color: $text; }
QFrame[role="card"] { background: $base; border: 1px solid $line; border-radius: 6px; }
QFrame[role="drop"] { background: $base; border: 1px dashed $caption; border-radius: 6px; }
QFrame[role="drop"][target="true"] { border: 2px solid $accent; }
QDialog#commandPalette { border: 1px solid $caption; }
QDialog#commandPalette QLineEdit { border: none; border-bottom: 1px solid $line; padding: 0 14px; }
QLineEdit, QPlainTextEdit, QTextEdit { border: 1px solid $line; border-radius: 4px; padding: 3px 6px;
    background: $base; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus { border-color: $accent; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid $caption;
    background: $base; }
QCheckBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $text; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked { background: $accent; border-color: $accent; }
QCheckBox::indicator:checked { image: url("$marks/check-$mark.svg"); }
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
