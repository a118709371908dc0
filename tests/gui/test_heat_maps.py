"""Heat maps in the whole window on a real run: inspector, loupe, tiles, files; and what is said without any."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from core.jobs import JobContext
from core.project.project import Project
from core.runs.repository import HEAD_NAME
from core.workflow.importing import new_project
from core.workflow.training import train_project
from gui.furnish import furnish
from gui.inspector.inspector import Inspector
from gui.main_window import MainWindow
from gui.messages import Message
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.widgets.browser import ImageBrowser
from gui.widgets.heat_maps import Heat
from gui.widgets.visible_browser import visible_browser
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("heat")
    write_class_folder(folder / "train" / "red", "red", 4)
    write_class_folder(folder / "train" / "blue", "blue", 4, first_seed=100)
    new_project(folder / "p", folder / "train", None, JobContext())
    train_project(folder / "p", "transfer", {}, JobContext())
    return folder / "p"


@pytest.fixture
def context(
    made: Path, tmp_path: Path, preferences: Preferences, runner_now: RunnerNow, qtbot: QtBot
) -> Iterator[PageContext]:
    shutil.copytree(made, tmp_path / "p")
    window = MainWindow(preferences, runner_now)
    qtbot.addWidget(window)
    context = furnish(window, runner_now, preferences)
    window.resize(1280, 800)
    with qtbot.waitExposed(window):
        window.show()
    context.session.adopt(Project.open(tmp_path / "p"))
    yield context
    for browser in window.findChildren(ImageBrowser):
        browser.end()
    window.close()


def browser_of(context: PageContext) -> ImageBrowser:
    found = visible_browser(context.window)
    assert found is not None
    return found


def heat_of_current(context: PageContext) -> Heat | None:
    browser = browser_of(context)
    tile = browser.model.tile(browser.selection.currentIndex().row())
    return context.heat.get(tile.id, tile.content_hash)


def inspector_of(context: PageContext) -> Inspector:
    found = context.window.findChild(Inspector)
    assert isinstance(found, Inspector)
    return found


def pixels_of(image: QImage) -> np.ndarray:
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    return np.array(plain.constBits()).reshape(plain.height(), plain.bytesPerLine())


def test_the_inspector_asks_once_it_is_opened_and_shows_predicted_class_and_label(
    context: PageContext, qtbot: QtBot,
) -> None:
    section = inspector_of(context).heat
    assert not section.is_open and heat_of_current(context) is None
    section.fold.button.click()
    qtbot.waitUntil(lambda: heat_of_current(context) is not None)
    assert section.maps[0].view.overlay is not None and section.maps[1].isHidden()
    assert section.maps[0].role.text() == "Predicted and label" and "had not seen it" in section.note.text()
    red = next(c for c in context.session.classes if c.name == "red")
    browser_of(context).label(red.id)  # of a blue one, and on to the next
    browser_of(context).selection.set_current_row(0)
    qtbot.waitUntil(lambda: not section.maps[1].isHidden() and section.maps[1].view.overlay is not None)
    assert [one.role.text() for one in section.maps] == ["Predicted", "Label"]
    assert [one.name.text.split()[0] for one in section.maps] == ["blue", "red"]
    section.fold.button.click()
    assert context.preferences.number("heat_open", 1) == 0


def test_the_loupe_shows_it_as_strongly_as_asked(context: PageContext, qtbot: QtBot) -> None:
    table = context.window.actions_table
    table.do("image.heat")
    browser = browser_of(context)
    assert browser.is_loupe_open and browser.loupe is not None and browser.loupe.heat is not None
    line = browser.loupe.heat
    qtbot.waitUntil(lambda: line.overlay is not None)
    shown = line.overlay
    assert shown is not None and shown.opacity == 1 and "blue" in line.evidence.text()
    line.slider.setValue(10)
    assert line.overlay is not None and line.overlay.opacity == 0.5
    table.do("image.heat")
    assert browser.is_loupe_open and line.overlay is None and line.isHidden()
    table.do("image.heat")
    assert line.overlay is not None, "it is kept"


def test_tiles_show_it_when_switched_on_and_no_more_when_off(context: PageContext, qtbot: QtBot) -> None:
    browser = browser_of(context)
    qtbot.waitUntil(lambda: all(context.thumbnails.get(tile.content_hash) is not None
                                for tile in browser.model.tiles(0, 7)))
    plain = pixels_of(browser.grid.viewport().grab().toImage())
    context.window.actions_table.do("view.heat_tiles")
    qtbot.waitUntil(lambda: all(context.heat.get(tile.id, tile.content_hash) is not None
                                for tile in browser.model.tiles(0, 7)))
    assert browser.bar.legend.isVisible()
    painted = pixels_of(browser.grid.viewport().grab().toImage())
    assert painted.shape != plain.shape or (painted != plain).mean() > 0.1
    context.window.actions_table.do("view.heat_tiles")
    assert not browser.bar.legend.isVisible()
    assert not context.heat.is_in_tiles


def test_maps_are_saved_as_files_and_the_window_says_where(
    context: PageContext, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, messages: list[Message],
) -> None:
    out = tmp_path / "maps"
    out.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(out))
    browser = browser_of(context)
    browser.grid.selectAll()
    context.window.actions_table.do("image.save_heat")
    qtbot.waitUntil(lambda: bool(messages))
    assert "8 heat maps saved" in messages[-1].said
    files = sorted(out.iterdir())
    assert len(files) == 8
    with Image.open(files[0]) as picture:
        assert picture.format == "PNG"


def test_a_run_without_its_weights_says_so_in_one_sentence(context: PageContext, qtbot: QtBot) -> None:
    run = context.session.run
    assert run is not None
    (context.session.project.run_path(run.id) / HEAD_NAME).unlink()
    section = inspector_of(context).heat
    section.fold.button.click()
    qtbot.waitUntil(lambda: bool(section.words.text()) and section.words.text() != "")
    assert HEAD_NAME in section.words.text() or "weights" in section.words.text()
    assert section.maps[0].view.overlay is None


def test_an_image_that_is_gone_has_no_map_and_the_others_do(context: PageContext, qtbot: QtBot) -> None:
    browser = browser_of(context)
    first = browser.model.tile(0)
    kept = first.path.read_bytes()
    try:
        first.path.unlink()
        context.window.actions_table.do("view.heat_tiles")
        others = browser.model.tiles(1, 7)
        qtbot.waitUntil(lambda: all(context.heat.get(t.id, t.content_hash) is not None for t in others))
        assert context.heat.get(first.id, first.content_hash) is None
        assert context.heat.reason(first.id, first.content_hash)
    finally:
        first.path.write_bytes(kept)


def test_a_map_of_a_run_of_another_project_is_not_shown_for_one_of_the_same_name(
    context: PageContext, runner_now: RunnerNow, tmp_path: Path, made: Path
) -> None:
    """Projects that are made of the same images on one day have runs of the same name, and images of one content."""
    other = Path(shutil.copytree(made, tmp_path / "q"))
    for head in other.rglob(HEAD_NAME):
        head.unlink()
    browser = browser_of(context)
    tile = browser.model.tile(0)
    context.heat.ask(browser, [tile.id])
    context.heat._pause.timeout.emit()
    context.session.adopt(Project.open(other))
    runner_now.run_all()
    context.heat.ask(browser, [tile.id])
    context.heat._pause.timeout.emit()
    runner_now.run_all()
    assert context.heat.get(tile.id, tile.content_hash) is None
    assert context.heat.reason(tile.id, tile.content_hash)
