"""What the window remembers from one start to the next: theme, panels, recent projects.

An INI file in the system's folder for settings. Nothing here matters to a project, and a
file that cannot be read or written costs the memory only.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from core.text.language import LANGUAGES
from gui.theme import ThemeChoice

N_RECENT = 12
"""How many projects are remembered."""


@dataclass(frozen=True, slots=True)
class RecentProject:
    """A project as the welcome page shows it.

    Attributes:
        name: Shown name.
        folder: Absolute; may be gone by now.
        opened_at: Last time, local.
        n_images, n_labelled, n_classes: As it was left.
    """

    name: str
    folder: Path
    opened_at: datetime
    n_images: int = 0
    n_labelled: int = 0
    n_classes: int = 0


def preferences_folder() -> Path:
    """Where this system keeps settings of programs; need not exist yet."""
    return Path(platformdirs.user_config_dir("catalejo", appauthor=False))


class Preferences:
    """Typed access to the settings file.

    Args:
        folder: Where `settings.ini` lies or will lie.
    """

    def __init__(self, folder: Path) -> None:
        self._settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)

    @property
    def theme(self) -> ThemeChoice:
        try:
            return ThemeChoice(self._text("window/theme"))
        except ValueError:
            return ThemeChoice.SYSTEM

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._settings.setValue("window/theme", str(choice))

    @property
    def language(self) -> str:
        """Code of the chosen language; empty for the system's."""
        code = self._text("window/language")
        return code if code in LANGUAGES else ""

    @language.setter
    def language(self, code: str) -> None:
        self._settings.setValue("window/language", code)

    @property
    def keys(self) -> dict[str, str]:
        """Keys that were chosen, by the name of the act."""
        return {}

    def state(self, name: str) -> QByteArray:
        """What a widget saved under that name; empty if nothing."""
        value = self._settings.value(f"state/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_state(self, name: str, state: QByteArray) -> None:
        self._settings.setValue(f"state/{name}", state)

    def number(self, name: str, default: int) -> int:
        """A whole number; `default` where none is kept."""
        try:
            return int(self._text(f"number/{name}"))
        except ValueError:
            return default

    def keep_number(self, name: str, value: int) -> None:
        self._settings.setValue(f"number/{name}", str(value))

    def recent_projects(self) -> tuple[RecentProject, ...]:
        """Last opened first; entries that make no sense are left out."""
        try:
            rows = json.loads(self._text("projects/recent") or "[]")
        except ValueError:
            return ()
        found = [_read_recent(row) for row in rows] if isinstance(rows, list) else []
        return tuple(project for project in found if project is not None)

    def remember_project(self, project: RecentProject) -> None:
        """Put a project first in the list."""
        others = [p for p in self.recent_projects() if p.folder != project.folder]
        self._keep_recent([replace(project, folder=project.folder.absolute()), *others])

    def forget_project(self, folder: Path) -> None:
        """Take a project from the list; the project itself stays as it is."""
        self._keep_recent([p for p in self.recent_projects() if p.folder != folder])

    def save(self) -> None:
        """Write the file now."""
        self._settings.sync()

    def _keep_recent(self, projects: list[RecentProject]) -> None:
        rows = [
            {**asdict(p), "folder": str(p.folder), "opened_at": p.opened_at.isoformat(timespec="seconds")}
            for p in projects[:N_RECENT]
        ]
        self._settings.setValue("projects/recent", json.dumps(rows))

    def _text(self, name: str) -> str:
        value = self._settings.value(name, "")
        return value if isinstance(value, str) else ""


def _read_recent(row: Any) -> RecentProject | None:
    try:
        counts = {name: int(row.get(name, 0)) for name in ("n_images", "n_labelled", "n_classes")}
        opened_at = datetime.fromisoformat(row["opened_at"])
        return RecentProject(str(row["name"]), Path(row["folder"]), opened_at, **counts)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
