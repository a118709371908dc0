"""Walks through pages and dialogs of the window for `benchmarks.pictures`, listening for what Qt warns of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from benchmarks.pictures import README, smaller
from core.text.language import language
from gui import theme
from gui.inspector.heat_section import HeatSection
from gui.screenshots import Look, QtWarnings, Stage, png_of, staged_window
from gui.theme import ThemeChoice
from gui.widgets.browser import ImageBrowser

if TYPE_CHECKING:
    from benchmarks.pictures import Looks

NO_DIALOGS = ("file.quit", "file.close", "file.sample", "train.start", "health.check", "source.")
"""How the names of acts begin that do something at once – those of a source where there is but one."""

IN_README = ("library", "review", "health")


def take_guide(looks: Looks, warned: QtWarnings) -> None:
    """The pages of the sample in each language for the guide, and three of them for the README."""
    width, height = map(int, looks.size.split("x"))
    for spoken in looks.langs:
        folder = Path(looks.folder) / spoken
        folder.mkdir(parents=True, exist_ok=True)
        with staged_window(Look(spoken, size=(width, height))) as stage:
            for name, widget in _walk(stage, Path(looks.project), warned):
                (folder / f"{name}.webp").write_bytes(smaller(png_of(widget)))
                if spoken == "en" and name in IN_README:
                    (README / f"{name}.png").write_bytes(png_of(widget))


def _walk(stage: Stage, project: Path, warned: QtWarnings) -> Iterator[tuple[str, QWidget]]:
    """Name and window of each thing that the guide shows, in the light theme."""
    theme.current().choose(ThemeChoice.LIGHT)
    stage.settle()
    yield "welcome", stage.window
    stage.window.open_asked.emit(project)
    for page in stage.window.workbench.pages:
        warned.where = f"{language()} {page.name}"
        n_taken = _take_labels(stage) if page.name == "label" else 0
        stage.window.go_to(page.name)
        if page.name == "map":
            stage.window.actions_table.do("map.arrange")
        stage.settle()
        yield page.name, stage.window
        if n_taken:
            stage.context.session.undo()
        if page.name == "review":
            _open_heat_map(stage)
            yield "why", stage.window
    found: list[tuple[str, QWidget]] = []
    _with_dialog(stage, "file.submission", lambda dialog: found.append(("submission", dialog)), is_closing=False)
    yield from found
    for _, dialog in found:
        dialog.close()
    stage.context.session.close()


def _open_heat_map(stage: Stage) -> None:
    """The first mistake, and why it is one."""
    browser = next(found for found in stage.window.findChildren(ImageBrowser) if found.isVisible())
    browser.selection.set_current_row(0)
    section = next(iter(stage.window.findChildren(HeatSection)))
    if not section.is_open:
        section.fold.button.click()
    stage.settle()


def _take_labels(stage: Stage) -> int:
    """Leave some images without a label, so that there is something to label; one step of undo."""
    session = stage.context.session
    ids = [row[0] for row in session.project.catalog.rows("SELECT id FROM image WHERE split = 'train' LIMIT 24")]
    return session.label(ids[::2], None)


def take_everything(looks: Looks, warned: QtWarnings) -> None:
    """All pages and dialogs of a project, in each theme and language, a folder for each of both."""
    size, _, scale = looks.size.partition("@")
    width, height = (int(side) // int(scale or 1) for side in size.split("x"))
    for spoken in looks.langs:
        with staged_window(Look(spoken, size=(width, height))) as stage:
            for choice in map(ThemeChoice, looks.themes):
                folder = Path(looks.folder) / f"{spoken}-{choice}"
                folder.mkdir(parents=True, exist_ok=True)
                theme.current().choose(choice)
                _take_all(stage, Path(looks.project), folder, warned)


def _take_all(stage: Stage, project: Path, folder: Path, warned: QtWarnings) -> None:
    warned.where = f"{folder} welcome"
    stage.take_picture(folder / "welcome.png")
    stage.window.open_asked.emit(project)
    taken: set[str] = set()
    for page in stage.window.workbench.pages:
        warned.where = f"{folder} {page.name}"
        stage.window.go_to(page.name)
        stage.take_picture(folder / f"{page.name}.png")
        for name in _dialogs(stage):
            if name not in taken:
                warned.where = f"{folder} {page.name} {name}"
                counts = stage.context.session.counts
                _with_dialog(stage, name, partial(_keep, folder / f"{name}.png"))
                if stage.context.session.counts != counts:
                    raise RuntimeError(f"{name} changed the project at once")
                stage.window.go_to(page.name)
                taken.add(name)
    stage.context.session.close()


def _keep(file: Path, widget: QWidget) -> None:
    file.write_bytes(png_of(widget))


def _dialogs(stage: Stage) -> list[str]:
    """Acts that open something: their titles end in an ellipsis, or they help."""
    return [action.name for action in stage.window.actions_table.doable()
            if (action.shown_title.endswith("…") or action.name.startswith("help."))
            and not action.name.startswith(NO_DIALOGS)]


def _with_dialog(
    stage: Stage, action: str, show: Callable[[QWidget], object], *, is_closing: bool = True
) -> None:
    """Do an act and show each window that it opens, also one that waits for an answer in a loop of its own."""
    before = set(_windows())

    def look() -> None:
        stage.settle()
        for opened in [window for window in _windows() if window not in before]:
            if not isinstance(opened, QFileDialog):  # Qt's own, and on most systems the system's
                show(opened)
            if is_closing:
                opened.close()

    QTimer.singleShot(50, look)
    stage.window.actions_table.do(action)
    stage.settle()


def _windows() -> list[QWidget]:
    return [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
