"""What a page tells the window about itself, what it is given, and the pages in their order.

Pages know neither each other nor the window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from gui.health.watch import HealthWatch
    from gui.widgets.heat_maps import HeatMaps
    from gui.jobs import JobRunner
    from gui.main_window import MainWindow
    from gui.preferences import Preferences
    from gui.session import Session
    from gui.session_jobs import SessionJobs
    from gui.train.plan import TrainingPlan
    from gui.train.watch import TrainingWatch
    from gui.widgets.thumbnails import ThumbnailCache


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the page switch.

    Attributes:
        name: Known to code ("library").
        title: Known to people ("Library").
        icon: A key of `gui.icons.NAMES`.
        widget_factory: Makes the page's widget when it is first shown, so that a start pays for one page only. One
            that has `view()` and `restore_view(view)` hands what it shows to its successor, when the window is built
            anew.
        key: Shortcut as Qt writes it ("Ctrl+1").
        has_images: Whether images can be chosen on it; without any the inspector would be empty and gives its room.
    """

    name: str
    title: str
    icon: str
    widget_factory: Callable[[], QWidget]
    key: str = ""
    has_images: bool = True


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a page may use; nothing else is shared. Made by `gui.furnish.build_context`.

    Attributes:
        session: The open project and what is chosen in it.
        jobs: The long acts.
        runner: For jobs of a page's own.
        preferences: What is remembered from one start to the next.
        thumbnails: The one pool that makes and keeps thumbnails.
        window: For dialogs' parents and `go_to`.
        plan: What the next training will be.
        training: The training that was started last.
        health: What is known about the soundness of the data.
        heat: The heat maps of the chosen run.
    """

    session: Session
    jobs: SessionJobs
    runner: JobRunner
    preferences: Preferences
    thumbnails: ThumbnailCache
    window: MainWindow
    plan: TrainingPlan
    training: TrainingWatch
    health: HealthWatch
    heat: HeatMaps


PAGE_MODULES = ("gui.library.page", "gui.label.page", "gui.train.page", "gui.review.page", "gui.health.page",
                "gui.runs.page", "gui.map.page")
"""Modules of the pages in their order; each has `build_page(context)` and `page_actions(context)`."""
