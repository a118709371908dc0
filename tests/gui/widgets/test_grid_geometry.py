"""Tiles fill the width, and points find their tiles again."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect

from gui.widgets.grid_geometry import GAP_PX, GridGeometry


def geometry(n_images: int = 1000, width: int = 800) -> GridGeometry:
    return GridGeometry.filling(n_images, width, min_side=144, caption_height=22)


@pytest.mark.parametrize("width", [100, 152, 160, 311, 312, 800, 1377, 3840])
def test_tiles_fill_the_width_with_equal_margins(width: int) -> None:
    g = geometry(width=width)
    left, right = g.rect(0).left(), width - 1 - g.rect(g.n_columns - 1).right()
    assert g.tile_side >= 144
    if width >= 160:
        assert abs(left - right) <= 1
        assert GAP_PX <= left < GAP_PX + g.n_columns


@pytest.mark.parametrize("row", [0, 4, 5, 777, 999, 999_999])
def test_a_tile_is_found_under_its_own_points(row: int) -> None:
    g = geometry(1_000_000)
    rect = g.rect(row)
    for point in (rect.topLeft(), rect.center(), rect.bottomRight()):
        assert g.row_at(point) == row


def test_between_tiles_there_is_nothing() -> None:
    g = geometry()
    assert g.row_at(g.rect(0).topRight() + QPoint(GAP_PX // 2, 0)) == -1
    assert g.row_at(QPoint(20, 2)) == -1
    assert geometry(3).row_at(g.rect(4).center()) == -1


def test_rows_between_covers_partly_visible_lines() -> None:
    g = geometry()
    line = g.line_height
    assert g.rows_between(0, 599) == range(0, 5 * (1 + (599 - GAP_PX) // line))
    assert g.rows_between(GAP_PX + line, GAP_PX + line) == range(5, 10)
    assert g.rows_between(g.height, g.height + 500) == range(1000, 1000)
    assert len(geometry(0).rows_between(0, 600)) == 0


def test_the_last_line_may_be_short() -> None:
    assert geometry(11).n_lines == 3
    assert geometry(11).height == 3 * geometry().line_height + GAP_PX
    assert geometry(0).height == 0


def test_a_band_takes_the_tiles_it_touches() -> None:
    g = geometry(13)
    inner = g.rect(1).united(g.rect(7)).adjusted(4, 4, -4, -4)
    assert g.runs_in(inner) == [(1, 2), (6, 7)]
    assert g.runs_in(QRect(0, 0, 800, 3000)) == [(0, 12)]
    assert g.runs_in(QRect(0, g.rect(0).bottom() + 1, 800, 2)) == []
    assert g.runs_in(QRect(g.rect(4).left(), 0, 20, 3000)) == [(4, 4), (9, 9)]
