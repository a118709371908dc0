"""The Map page on drawn images: arranged by the real job, lit by what the grid lists, chosen by lasso and legend."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPolygonF
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from core.backbones.registry import DEFAULT, find_backbone
from core.embeddings.store import EmbeddingWriter
from core.project.project import Project
from core.project.queries import ImageFilter
from core.project.rows import image_refs
from core.project.tag_names import TAG
from core.project.tags import change_tags
from core.text import text
from gui.map import page as page_module
from gui.map import map_state
from gui.map.map_page import MapPage
from gui.map.scatter_view import Tool
from gui.messages import Message
from gui.pages import PageContext
from gui.preferences import Preferences
from tests.conftest import draw_picture, write_class_folder
from tests.gui.conftest import RunnerNow, window_of_one_page
from tests.project_acts import import_folder

BLUE, RED = 1, 2
HOME = Path(__file__).resolve().parents[3]


@pytest.fixture
def project_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Eight blues and eight reds with embeddings far apart; no network is asked."""
    monkeypatch.setattr("core.embeddings.map._key_of", lambda backbone, context: "key")
    monkeypatch.setattr("core.embeddings.map.PUBLISH_EVERY_S", 0.0)
    for at, name in enumerate(("blue", "red")):
        write_class_folder(tmp_path / "train" / name, name, 8, first_seed=100 * at)
    backbone, rng = find_backbone(DEFAULT), np.random.default_rng(0)
    with Project.create(tmp_path / "drawn.catalejo") as project:
        import_folder(project, tmp_path / "train")
        refs = image_refs(project, ImageFilter())
        middles = rng.normal(size=(2, backbone.n_stored))
        vectors = [middles[int("red" in ref.path.name)] + 0.1 * rng.normal(size=backbone.n_stored) for ref in refs]
        with EmbeddingWriter(project.embeddings_path / "key", backbone.n_stored) as writer:
            writer.append([ref.content_hash for ref in refs], np.array(vectors, np.float32))
    return tmp_path / "drawn.catalejo"


@pytest.fixture
def context(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, project_folder: Path
) -> Iterator[PageContext]:
    with window_of_one_page(page_module, project_folder, preferences, runner_now, qtbot) as context:
        yield context


@pytest.fixture
def page(context: PageContext) -> MapPage:
    page = context.window.workbench.go_to("map")
    assert isinstance(page, MapPage)
    return page


@pytest.fixture
def arranged(page: MapPage, runner_now: RunnerNow) -> MapPage:
    page.nothing.acted.emit()
    runner_now.run_all()
    assert page.scatter.n_points == 16
    return page


def box_around(page: MapPage, class_id: int) -> QPolygonF:
    """A rectangle around the points of a class."""
    labels = dict(page._session.project.catalog.rows("SELECT id, class_id FROM image"))
    which = [at for at, i in enumerate(page.state.layout.image_ids.tolist()) if labels[i] == class_id]
    pixels = page.scatter.projection.to_pixels(page.state.layout.xy[which])
    low, high = pixels.min(axis=0) - 3, pixels.max(axis=0) + 3
    return QPolygonF(QRectF(QPointF(*map(float, low)), QPointF(*map(float, high))))


def shown(page: MapPage) -> list[int]:
    return sorted(page.browser.listing.ids.tolist())


def test_without_a_map_there_is_a_button_that_makes_it_and_points_settle(
    page: MapPage, runner_now: RunnerNow, project_folder: Path,
) -> None:
    assert page.nothing.isVisible() and not page.scatter.isVisible()
    seen = list[np.ndarray]()
    page.state.points_moved.connect(lambda: seen.append(page.state.layout.xy.copy()))
    page.nothing.acted.emit()
    assert page.state.is_arranging and not page.bar.arrange.isEnabled()
    runner_now.run_all()
    assert page.scatter.isVisible() and not page.state.is_arranging
    assert len(seen) > 5 and not np.allclose(seen[0], seen[-1])
    assert [(row.title, row.count) for row in page.legend.rows] == [("blue", 8), ("red", 8)]
    assert list((project_folder / "maps").iterdir())


def test_a_kept_map_is_there_when_the_project_is_opened_again(
    arranged: MapPage, context: PageContext, project_folder: Path,
) -> None:
    before = arranged.state.layout.xy
    context.session.close()
    assert not arranged.scatter.n_points
    context.session.open(project_folder)
    context.window.show_project("drawn")
    page = context.window.workbench.go_to("map")
    assert isinstance(page, MapPage)
    np.testing.assert_array_equal(page.state.layout.xy, before)


def test_a_lasso_lists_its_images_and_what_is_around_nothing_says_so(
    arranged: MapPage, messages: list[Message], qtbot: QtBot,
) -> None:
    reds = {i for i, in arranged._session.project.catalog.rows("SELECT id FROM image WHERE class_id = ?", (RED,))}
    arranged.scatter.chosen.emit(arranged.scatter.places_inside(box_around(arranged, RED)), False)
    assert set(shown(arranged)) == reds
    lit = arranged.state.layout.image_ids[arranged.scatter._is_lit]
    assert set(lit.tolist()) == reds
    arranged.scatter.chosen.emit(np.zeros(0, np.int64), False)
    assert set(shown(arranged)) == reds and messages[-1].said == text("window_map.nothing_inside")
    arranged.scatter.chosen.emit(arranged.scatter.places_inside(box_around(arranged, BLUE)), True)
    assert len(shown(arranged)) == 16
    qtbot.keyClick(arranged.scatter, Qt.Key.Key_Escape)
    assert not arranged.browser.listing.which.image_ids


def test_a_rectangle_is_drawn_with_the_mouse(arranged: MapPage, qtbot: QtBot) -> None:
    arranged.take_tool(Tool.RECTANGLE)
    box, scatter = box_around(arranged, BLUE).boundingRect().toAlignedRect(), arranged.scatter
    qtbot.mousePress(scatter, Qt.MouseButton.LeftButton, pos=box.topLeft())
    qtbot.mouseMove(scatter, box.center())
    qtbot.mouseMove(scatter, box.bottomRight())
    qtbot.mouseRelease(scatter, Qt.MouseButton.LeftButton, pos=box.bottomRight())
    assert len(shown(arranged)) == 8


def test_the_legend_narrows_the_list_and_widens_it_again(arranged: MapPage) -> None:
    arranged.legend.chosen.emit(0, False)
    assert arranged.browser.listing.which.class_ids == (BLUE,) and len(shown(arranged)) == 8
    arranged.legend.chosen.emit(1, True)
    assert arranged.browser.listing.which.class_ids == (BLUE, RED)
    arranged.legend.chosen.emit(1, True)
    arranged.legend.chosen.emit(0, False)
    assert len(shown(arranged)) == 16


def test_points_change_colour_as_one_labels_and_the_grid_shares_its_selection(
    arranged: MapPage, context: PageContext, qtbot: QtBot,
) -> None:
    place = 3
    arranged.scatter.clicked.emit(place)
    image_id = int(arranged.state.layout.image_ids[place])
    assert context.session.image_id == image_id and arranged.scatter.current == place
    before = arranged._grouping.of_image[place]
    other = RED if context.session.project.catalog.rows(
        "SELECT class_id FROM image WHERE id = ?", (image_id,)) == [(BLUE,)] else BLUE
    context.session.label([image_id], other)
    assert arranged._grouping.of_image[place] != before
    key = context.session.find_class(BLUE if other == RED else RED)
    assert key is not None and key.key
    qtbot.keyClick(arranged.scatter, key.key)
    assert arranged._grouping.of_image[place] == before
    change_tags(context.session.project, [image_id], add=[(TAG, "odd")])
    context.session.tags_changed.emit(np.array([image_id]))
    arranged.color_by("tag")
    assert [(row.title, row.count) for row in arranged.legend.rows] == [("odd", 1), ("no tag", 15)]


def test_images_that_come_later_are_said_and_placed(
    arranged: MapPage, context: PageContext, runner_now: RunnerNow, tmp_path: Path,
) -> None:
    draw_picture(77, "red").save(tmp_path / "train" / "red" / "late.png")
    import_folder(context.session.project, tmp_path / "train")
    late = image_refs(context.session.project, ImageFilter(text="late"))[0]
    backbone = find_backbone(DEFAULT)
    with EmbeddingWriter(context.session.project.embeddings_path / "key", backbone.n_stored) as writer:
        writer.append([late.content_hash], writer.read(np.array([15])))
    context.session.images_were_changed()
    assert text("window_map.new", n=1) in arranged.said.text()
    assert arranged.bar.arrange.text() == text("window_map.place_new")
    before = arranged.state.layout.xy
    arranged.bar.arrange_asked.emit()
    runner_now.run_all()
    assert arranged.scatter.n_points == 17 and arranged.state.n_new == 0
    np.testing.assert_array_equal(arranged.state.layout.xy[:16], before)


def test_zoom_stays_at_the_pointer_and_a_cancelled_map_leaves_what_was(
    arranged: MapPage, runner_now: RunnerNow,
) -> None:
    at, scatter = QPointF(120, 90), arranged.scatter
    where = scatter.projection.to_plane(np.array([120.0, 90.0]))
    scatter.zoom(3, at)
    np.testing.assert_allclose(scatter.projection.to_plane(np.array([120.0, 90.0])), where, atol=1e-6)
    scatter.fit()
    assert scatter.projection.is_fitted
    before = arranged.state.layout.xy
    arranged.state.arrange(is_anew=True)
    job = arranged.state.job
    assert job is not None
    job.published.connect(lambda _: job.cancel())
    runner_now.run_all()
    np.testing.assert_array_equal(arranged.state.layout.xy, before)
    assert scatter.place_at(scatter.position_of(5)) >= 0 and scatter.place_at(QPointF(-50, QPoint(0, 0).y())) == -1


def test_the_window_does_not_import_the_library() -> None:
    code = "import sys, gui.map.page; print({'openTSNE', 'sklearn', 'scipy'} & set(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "set()"


def test_the_context_menu_acts_on_the_image_below_the_pointer(
    arranged: MapPage, context: PageContext, qtbot: QtBot,
) -> None:
    at = arranged.scatter.position_of(9).toPoint()
    arranged.scatter.customContextMenuRequested.emit(at)
    [menu] = arranged.scatter.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert [action.objectName() for action in menu.actions() if action.objectName()] == [
        "map.color", "map.tool", "map.fit", "map.arrange"]  # those on images belong to the page Library
    place = arranged.scatter.place_at(arranged.scatter.position_of(9))
    assert context.session.image_id == int(arranged.state.layout.image_ids[place])
    menu.close()
    assert not arranged.choose_at(QPoint(-5, -5))


def test_a_map_of_another_backbone_is_not_shown_for_this_one(
    arranged: MapPage, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gui.map.map_state.map_backbone", lambda run: "efficientnet-lite2")
    monkeypatch.setattr("core.workflow.mapping.map_backbone", lambda run: "efficientnet-lite2")
    arranged.state.refresh()
    assert not arranged.scatter.n_points and arranged.nothing.isVisible()


def test_a_label_that_comes_while_the_catalog_is_asked_is_not_lost_with_the_answer(
    context: PageContext, arranged: MapPage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(map_state, "AT_ONCE", 0)
    state, place = arranged.state, 0
    image_id = int(state.layout.image_ids[place])
    before = state.grouping.groups[state.grouping.of_image[place]].parts
    state.refresh()
    threads = state._query._threads
    assert threads is not None
    while not threads._results:  # read, and not heard of yet
        time.sleep(0.01)
    context.session.label([image_id], RED if before == {"class_ids": (BLUE,)} else BLUE)
    after = state.grouping.groups[state.grouping.of_image[place]].parts
    assert after != before
    qtbot.waitUntil(lambda: not state._query.is_waiting)
    assert state.grouping.groups[state.grouping.of_image[place]].parts == after
    state.end()


def test_a_map_that_is_being_arranged_comes_into_a_window_that_was_built_anew(
    context: PageContext, page: MapPage, runner_now: RunnerNow
) -> None:
    window = context.window
    page.nothing.acted.emit()
    window._fill = lambda: (
        window.set_pages([page_module.build_page(context)]),
        window.add_actions(page_module.page_actions(context)))
    window.rebuild()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    now = window.workbench.go_to("map")
    assert isinstance(now, MapPage) and now is not page
    assert now.state.is_arranging, "it is not asked for twice"
    runner_now.run_all()
    assert now.scatter.n_points == 16 and not now.state.is_arranging
