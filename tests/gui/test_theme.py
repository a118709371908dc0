"""Colours that can be read in both themes, changed while the window is open."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QCheckBox
from pytestqt.qtbot import QtBot

from gui import theme
from gui.colors import DARK, LIGHT, Colors, contrast
from gui.icons import NAMES, IconLabel, icon
from gui.theme import MARKS, style_sheet

GROUNDS = ("window", "base", "alternate", "button")
TEXTS = ("text", "caption", "accent", "amber", "red")
PAIRS = [(text, ground) for text in TEXTS for ground in GROUNDS] + [
    ("on_accent", "accent"), ("text", "accent_ground"), ("text", "amber_ground"), ("text", "red_ground"),
    ("accent", "accent_ground"), ("amber", "amber_ground"), ("red", "red_ground"), ("text", "tile"),
]


@pytest.mark.parametrize(("text", "ground"), PAIRS)
@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read(colors: Colors, text: str, ground: str) -> None:
    assert contrast(getattr(colors, text), getattr(colors, ground)) >= 4.5


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_a_choice_changes_palette_and_tells(qapp: QApplication, qtbot: QtBot) -> None:
    current = theme.current()
    with qtbot.waitSignal(current.changed):
        current.choose("dark")
    assert current.colors is DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)
    with qtbot.waitSignal(current.changed):
        current.choose("light")
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.window)


def test_the_same_choice_tells_nothing(qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(theme.current().changed):
        theme.current().choose("light")


def test_the_system_is_followed_while_that_is_chosen(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    current = theme.current()
    current.choose("system")
    hints = type(qapp.styleHints())
    monkeypatch.setattr(hints, "colorScheme", lambda _: Qt.ColorScheme.Dark)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert current.colors is DARK
    current.choose("light")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert current.colors is LIGHT


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="purple"):
        theme.current().choose("purple")


def test_text_sizes_hold_for_points_and_pixels() -> None:
    points, pixels = QFont(), QFont()
    points.setPointSizeF(10)
    pixels.setPixelSize(20)
    assert theme.scaled_font(points, theme.TITLE_SCALE).pointSizeF() == 12.5
    assert theme.scaled_font(pixels, theme.TITLE_SCALE).pixelSize() == 25
    assert theme.caption_label("x").font().pointSizeF() < theme.title_label("x").font().pointSizeF()
    assert theme.tabular(points).featureValue(QFont.Tag("tnum")) == 1


def test_the_style_sheet_is_complete_and_its_files_are_there() -> None:
    for colors in (LIGHT, DARK):
        assert "$" not in style_sheet(colors)
        for line in style_sheet(colors).split('url("')[1:]:
            assert (MARKS / line.split('"')[0].rsplit("/", 1)[1]).is_file()


def dominant(sign: QIcon) -> str:
    """The colour of the most opaque pixel."""
    image = sign.pixmap(QSize(32, 32)).toImage()
    colors = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(colors, key=lambda color: color.alpha()).name()


def test_icons_take_the_colour_of_the_theme_in_force(qapp: QApplication) -> None:
    sign = icon("image")
    assert dominant(sign) == LIGHT.text
    theme.current().choose("dark")
    assert dominant(sign) == DARK.text
    assert dominant(icon("wrong", role="red")) == DARK.red


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_icon_is_in_the_family(qapp: QApplication, name: str) -> None:
    image = icon(name).pixmap(QSize(20, 20)).toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height()))


def test_a_ticked_box_differs_from_an_empty_one(qtbot: QtBot) -> None:
    box = QCheckBox("x")
    qtbot.addWidget(box)
    empty = box.grab().toImage()
    box.setChecked(True)
    assert box.grab().toImage() != empty


def test_an_icon_label_paints_itself(qtbot: QtBot) -> None:
    label = IconLabel("note", role="accent")
    qtbot.addWidget(label)
    before = label.grab().toImage()
    label.set_icon("wrong", role="red")
    assert label.grab().toImage() != before
