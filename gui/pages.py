"""The pages of the window in their order, and what each is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gui.jobs import JobRunner
from gui.preferences import Preferences
from gui.session import Session
from gui.session_jobs import SessionJobs

if TYPE_CHECKING:
    from gui.widgets.thumbnails import ThumbnailCache
    from gui.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a page may use; nothing else is shared.

    Attributes:
        session: The open project and what is chosen in it.
        jobs: The long acts.
        runner: For jobs of a page's own.
        preferences: What is remembered from one start to the next.
        thumbnails: The one pool that makes and keeps thumbnails.
        window: For dialogs' parents and `go_to`.
    """

    session: Session
    jobs: SessionJobs
    runner: JobRunner
    preferences: Preferences
    thumbnails: ThumbnailCache
    window: MainWindow


PAGE_MODULES = ("gui.library.page", "gui.label.page", "gui.train.page", "gui.review.page", "gui.health.page")
"""Modules of the pages in their order; each has `build_page(context)` and `page_actions(context)`."""
