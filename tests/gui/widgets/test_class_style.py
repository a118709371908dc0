"""Signs, styles and colours of classes."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QFont, QPalette
from pytestqt.qtbot import QtBot

from gui import theme
from gui.colors import contrast, text_on, visible
from gui.session import Session
from gui.widgets.class_style import SIGNS, ClassStyle, class_sign, class_styles, shown_color, sign_icon


def test_signs_come_round_again_with_a_number() -> None:
    assert [class_sign(0), class_sign(9), class_sign(10), class_sign(25)] == [SIGNS[0], SIGNS[9], "■2", "★3"]


def test_styles_follow_the_order_of_the_classes(session: Session) -> None:
    styles = class_styles(session.classes)
    assert [(s.name, s.sign, s.key) for s in styles.values()] == [("blue", "■", "1"), ("red", "◆", "2")]
    assert [s.color for s in styles.values()] == [c.color for c in session.classes]
    assert list(styles) == [c.id for c in session.classes]


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("role", [QPalette.ColorRole.Base, QPalette.ColorRole.Window, QPalette.ColorRole.Highlight])
def test_a_shown_colour_stands_out_from_its_ground(name: str, role: QPalette.ColorRole, qapp: object) -> None:
    theme.current().choose(name)
    palette = QPalette()
    for color in ("#F0E442", "#000000", "#FFFFFF"):
        style = ClassStyle(1, "pistol", color)
        assert contrast(style.shown_color(palette, role).name(), palette.color(role).name()) >= 2.0


def test_a_class_without_colour_is_grey(qapp: object) -> None:
    assert shown_color("", QPalette()) == theme.current().caption


def test_a_sign_is_drawn_once_a_colour_and_size(qtbot: QtBot) -> None:
    icon = sign_icon("■", QColor("#0072B2"), QFont(), 1.0)
    assert icon is sign_icon("■", QColor("#0072B2"), QFont(), 1.0)
    side = theme.SMALL_ICON_PX
    image = icon.pixmap(side, side).toImage()
    assert any(image.pixelColor(x, y).blue() > 150 for x in range(side) for y in range(side))


@pytest.mark.parametrize("page", ["#ffffff", "#1b1c1d"])
@pytest.mark.parametrize("color", ["#F0E442", "#000000", "#56B4E9", "#FFFFFF"])
def test_every_class_colour_stands_out(page: str, color: str) -> None:
    text = QColor("#1e2022") if page == "#ffffff" else QColor("#e5e5e3")
    assert contrast(visible(QColor(color), QColor(page), text, ratio=2.0).name(), page) >= 2.0


def test_text_on_a_ground_is_the_better_of_two() -> None:
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, QColor("#e5e5e3"))
    palette.setColor(QPalette.ColorRole.Base, QColor("#1b1c1d"))
    assert text_on(QColor("#3a3a3a"), palette) == QColor("#e5e5e3")
    assert text_on(QColor("#eeeeee"), palette) == QColor("#1b1c1d")
