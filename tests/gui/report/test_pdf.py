"""The report as a PDF: whole for odd content, nothing cut in two, heads of tables repeated, no rows lost."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from core.errors import InputError, StorageError
from core.jobs import JobContext
from core.review.report_blocks import Report
from core.review.report_content import build_report
from core.review.report_input import Mistake
from gui.report import pdf_flow, pdf_report
from gui.report.pdf_flow import POINT, Item, Row, Words, page_width, write_pages
from gui.report.pdf_report import paint_report
from gui.report.write_pdf import write_pdf
from tests.conftest import draw_picture
from tests.core.review.test_report import page_of, record_of

PAGE = re.compile(rb"/Type /Page\b(?!s)")

pytestmark = pytest.mark.usefixtures("qapp")


def report(n_classes: int = 2, *, mistakes: tuple[Mistake, ...] = (), names: tuple[str, ...] = ()) -> Report:
    """Of three images a class, the first one wrong."""
    classes = names or tuple(f"class {i}" for i in range(n_classes))
    labels = np.repeat(np.arange(len(classes)), 3)
    predicted = labels.copy()
    predicted[0] = len(classes) - 1
    return build_report(page_of("p", record_of(classes, labels, predicted), mistakes), JobContext())


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, float]]:
    """Words as they are painted: text, upper and lower edge on their page."""
    found: list[tuple[str, float, float]] = []
    paint = Words.paint

    def hear(self: Words, painter: QPainter, where: QRectF) -> None:
        found.append((self.text, where.top(), where.bottom()))
        paint(self, painter, where)

    monkeypatch.setattr(Words, "paint", hear)
    return found


def test_everything_is_on_some_page_and_none_beyond_its_foot(painted: list[tuple[str, float, float]]) -> None:
    content = paint_report(report(100))
    assert content.startswith(b"%PDF-1.") and content.rstrip().endswith(b"%%EOF")
    said = [words for words, _, _ in painted]
    assert all(sum(f"class {i}" in words for words in said) for i in range(100)), "no class is lost"
    assert len(PAGE.findall(content)) > 3
    foot = (297 - 2 * pdf_flow.MARGIN_MM) / 25.4 * pdf_flow.DPI
    assert max(bottom for _, _, bottom in painted) <= foot + POINT


def test_the_head_of_a_long_table_comes_again(painted: list[tuple[str, float, float]]) -> None:
    head: Item = Row([Words("head")], [page_width()])
    rows = [Row([Words(f"row {i}")], [page_width()]) for i in range(120)]
    content = write_pages([[head, *rows]], title="", foot="")
    n_pages = len(PAGE.findall(content))
    said = [words for words, _, _ in painted]
    assert n_pages > 1 and said.count("head") == n_pages
    assert [words for words in said if words.startswith("row")] == [f"row {i}" for i in range(120)]


def test_a_heading_is_not_the_last_on_its_page(painted: list[tuple[str, float, float]]) -> None:
    tall = page_width()  # less than a page, and two of them more than one

    class Tall(Item):
        def height(self, width: float) -> float:
            return tall

        def paint(self, painter: QPainter, where: QRectF) -> None:
            pass

    write_pages([Tall(), Words("heading", keeps_with_next=True), Words("lead", keeps_with_next=True), Tall()],
                title="", foot="")
    tops = {words: top for words, top, _ in painted}
    assert tops["heading"] == 0 and tops["lead"] > 0


def test_odd_content_is_painted(tmp_path: Path, painted: list[tuple[str, float, float]]) -> None:
    evil, long = "<b>&amp;\u202e\x00", "n" * 400
    draw_picture(1, "red", (300, 10)).save(tmp_path / "a.png")
    mistakes = (
        Mistake(tmp_path / "a.png", long, evil, long, 0.1, 0.9, evil),
        Mistake(tmp_path / "gone.png", "gone.png", evil, long, None, 0.9),
        dataclasses.replace(Mistake(tmp_path / "a.png", "a.png", evil, long, 0.1, 0.9), heat=b"no jpeg"))
    paint_report(report(names=(evil, long, "c"), mistakes=mistakes))
    assert max(bottom - top for _, top, bottom in painted) < 300 * POINT, "names break"
    assert any("gone" in words or "not exist" in words for words, _, _ in painted)


def test_without_labels_or_for_hundreds_of_classes(painted: list[tuple[str, float, float]]) -> None:
    record = record_of(("a", "b"), np.array([0]), np.array([0]))
    blank = dataclasses.replace(record, n_validation=0, accuracy=None, interval=None, confusion=((0, 0), (0, 0)))
    assert paint_report(build_report(page_of("p", blank), JobContext())).startswith(b"%PDF")
    painted.clear()
    paint_report(report(200))
    assert sum(words.endswith("class 177") for words, _, _ in painted) == 1


def test_it_is_written_over_an_older_one_only(tmp_path: Path) -> None:
    out = tmp_path / "r.pdf"
    for _ in range(2):
        write_pdf(report(), out)
    (tmp_path / "n.txt").write_bytes(b"\x00 something else")
    with pytest.raises(InputError):
        write_pdf(report(), tmp_path / "n.txt")
    with pytest.raises((InputError, StorageError)):
        write_pdf(report(), tmp_path / "nowhere" / "r.pdf")


def test_without_any_font_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_report.QFontDatabase, "families", lambda: [])
    with pytest.raises(InputError, match="no font"):
        paint_report(report())
