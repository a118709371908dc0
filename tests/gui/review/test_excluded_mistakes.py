"""Excluded images leave the matrix, the mistakes and every figure of the page, and come back with undo."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.project.queries import ImageFilter, image_ids
from gui.pages import PageContext
from gui.review.review_page import ReviewPage
from gui.widgets.image_acts import exclude


def test_an_excluded_mistake_counts_nowhere(page: ReviewPage, context: PageContext, qtbot: QtBot) -> None:
    session = context.session
    page.show_mistakes()
    assert page.facts.confusion is not None
    before, mistakes = page.facts.confusion, page.browser.model.ids.tolist()
    assert mistakes and before.n_wrong == len(mistakes)
    exclude(session, page.browser.model.ids[:1].copy())
    qtbot.waitUntil(lambda: page.facts.n_excluded == 1)
    assert "1 image is now excluded" in page.header._say_labels()
    assert page.facts.confusion.n_total == before.n_total - 1
    assert page.facts.confusion.n_wrong == before.n_wrong - 1
    assert page.browser.model.ids.tolist() == mistakes, "the list does not jump"
    assert page.browser.model.tile(0).excluded is not None
    page.browser.refresh()
    assert page.browser.model.ids.tolist() == mistakes[1:]
    row, column = session.classes[0].id, session.classes[1].id
    page.show_cell(row, column)
    counted = int(page.facts.confusion.counts[0, 1])
    assert len(page.browser.model.ids) == counted
    session.undo()
    qtbot.waitUntil(lambda: page.facts.n_excluded == 0)
    assert page.facts.confusion.n_total == before.n_total


def test_test_images_are_shown_though_excluded(page: ReviewPage, context: PageContext) -> None:
    test = image_ids(context.session.project, ImageFilter(split="test"))
    exclude(context.session, test[:2])
    page.show_test()
    assert set(page.browser.model.ids.tolist()) == set(test.tolist())
