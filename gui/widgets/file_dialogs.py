"""The system's dialogs for files and folders: they begin in Pictures and afterwards where the last one ended.

Where one ended is remembered for each purpose, from one start to the next, as soon as `remember_in` has told where.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.preferences import Preferences

_memory: list[Preferences] = []


def remember_in(preferences: Preferences) -> None:
    """Remember folders here from now on."""
    _memory[:] = [preferences]


def ask_for_folder(parent: QWidget, title: str, purpose: str, begin: Path | None = None) -> Path | None:
    """Let the user choose a folder that is there; None if they do not want to.

    Args:
        parent: The window that asks.
        title: Of the dialog.
        purpose: What it is for ("images", "project"); folders are remembered by it.
        begin: Where to begin, if it is there, instead of where the last dialog of this purpose ended.
    """
    start = begin if begin is not None and begin.is_dir() else first_folder(purpose)
    chosen = QFileDialog.getExistingDirectory(parent, title, str(start))
    if not chosen:
        return None
    # the next project, or the next folder of images, mostly lies beside this one
    _keep(purpose, Path(chosen).parent)
    return Path(chosen)


def ask_for_file(parent: QWidget, title: str, purpose: str, kinds: str) -> Path | None:
    """Let the user choose a file that is there, of these kinds as Qt writes them; None if they do not want to."""
    chosen, _ = QFileDialog.getOpenFileName(parent, title, str(first_folder(purpose)), kinds)
    if not chosen:
        return None
    _keep(purpose, Path(chosen).parent)
    return Path(chosen)


def ask_where_to_save(parent: QWidget, title: str, purpose: str, proposed: Path, kinds: str = "") -> Path | None:
    """Let the user choose where a file goes; None if they do not want to.

    Args:
        parent, title, purpose: As above.
        proposed: Its name, and the folder where the first dialog of this purpose begins.
        kinds: Of files, as Qt writes them.
    """
    start = first_folder(purpose, proposed.parent) / proposed.name
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(start), kinds)
    if not chosen:
        return None
    _keep(purpose, Path(chosen).parent)
    return Path(chosen)


def first_folder(purpose: str, first: Path | None = None) -> Path:
    """Where a dialog begins: where the last one of this purpose ended, else in `first`.

    Without either, in the folder of Preferences, in Pictures, or at home.
    """
    preferences = _memory[0] if _memory else None
    kept = preferences.text(f"folders/{purpose}") if preferences is not None else ""
    chosen = preferences.default_folder if preferences is not None else None
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    for folder in (Path(kept) if kept else None, first, chosen, Path(pictures) if pictures else None):
        if folder is not None and folder.is_dir():
            return folder
    return Path.home()


def _keep(purpose: str, folder: Path) -> None:
    if _memory:
        _memory[0].keep_text(f"folders/{purpose}", str(folder))
