"""What the window remembers from one start to the next: what a person prefers, panels, recent projects.

An INI file in the system's folder for settings. Nothing here matters to a project, and a
file that cannot be read or written costs the memory only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from core import devices
from core.processors import VARIABLE
from core.text.language import LANGUAGES
from gui.theme import ThemeChoice

N_RECENT = 12
"""How many projects are remembered."""

MIN_THUMBNAIL_MB, MAX_THUMBNAIL_MB, THUMBNAIL_MB = 32, 4096, 256
MAX_PROCESSORS = 256

T = TypeVar("T")


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

    @property
    def is_there(self) -> bool:
        """Whether the folder still holds a project."""
        return (self.folder / "catalog.sqlite").is_file()


def preferences_folder() -> Path:
    """Where this system keeps settings of programs; need not exist yet."""
    return Path(platformdirs.user_config_dir("catalejo", appauthor=False))


_given = {name: os.environ.get(name) for name in ("KERAS_HOME", "CATALEJO_CACHE", VARIABLE, devices.VARIABLE)}
"""What the environment said at the start; it wins over preferences."""


def set_environment(preferences: Preferences) -> bool:
    """Tell the engine, which inherits the environment, where models are and what it may compute on.

    Returns:
        Whether anything is other than before.
    """
    wanted = {
        "KERAS_HOME": preferences.weights_folder, "CATALEJO_CACHE": preferences.cache_folder,
        VARIABLE: preferences.processors or None, devices.VARIABLE: preferences.device or None,
    }
    before = {name: os.environ.get(name) for name in wanted}
    for name, value in wanted.items():
        if _given[name] is None and value is not None:
            os.environ[name] = str(value)
        elif _given[name] is None:
            os.environ.pop(name, None)
    return before != {name: os.environ.get(name) for name in wanted}


class Preference(Generic[T]):
    """One thing that a person prefers, as an attribute of `Preferences`.

    Args:
        key: Where it stands in the file.
        default: What holds until it is chosen, and where the file makes no sense.
        read: Makes it of the text in the file; raises `ValueError` where that makes no sense.
        write: The text for the file.
    """

    def __init__(
        self, key: str, default: T, read: Callable[[str], T], write: Callable[[T], str] = str
    ) -> None:
        self.key, self.default = key, default
        self._read, self._write = read, write

    @overload
    def __get__(self, owner: None, kind: type) -> Preference[T]: ...

    @overload
    def __get__(self, owner: Preferences, kind: type) -> T: ...

    def __get__(self, owner: Preferences | None, kind: type) -> Preference[T] | T:
        if owner is None:
            return self
        written = owner.text(self.key)
        try:
            return self._read(written) if written else self.default
        except ValueError:
            return self.default

    def __set__(self, owner: Preferences, value: T) -> None:
        owner.keep_text(self.key, self._write(value))


def _one_of(known: Mapping[str, object]) -> Callable[[str], str]:
    def read(written: str) -> str:
        if written not in known:
            raise ValueError(written)
        return written

    return read


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(written: str) -> int:
        if not low <= int(written) <= high:
            raise ValueError(written)
        return int(written)

    return read


def _read_folder(written: str) -> Path:
    if not Path(written).is_absolute() or "\0" in written:
        raise ValueError(written)
    return Path(written)


def _write_folder(folder: Path | None) -> str:
    return str(folder) if folder is not None else ""


def _read_keys(written: str) -> dict[str, str]:
    keys = json.loads(written)
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        raise ValueError(written)
    return keys


class Preferences:
    """Typed access to the settings file.

    Args:
        folder: Where `settings.ini` lies or will lie.

    Attributes:
        language: One of `LANGUAGES`; empty for the system's.
        theme: Light, dark or as the system has it.
        default_folder: Where dialogs for folders begin; None for the system's choice.
        strategy: Of the first training in a project; empty for the first there is.
        asks_before_training: Whether the key of “Train again” is asked about.
        thumbnail_mb: Memory for thumbnails, in MB.
        weights_folder: Where fetched weights are kept (`KERAS_HOME`); None for the usual place.
        cache_folder: Where compiled networks are kept (`CATALEJO_CACHE`); None for the usual place.
        may_fetch: Whether the window may offer to fetch weights from the network.
        processors: How many the engine may use; 0 for all.
        device: What networks run on, one of `core.devices.CHOICES`; empty for the program's choice.
        captions: What stands below tiles, as `gui.widgets.tile_caption.Captions` writes it; empty until chosen.
        keys: Keys that were chosen, by the name of the act.
    """

    language: Preference[str] = Preference("window/language", "", _one_of(LANGUAGES))
    theme: Preference[ThemeChoice] = Preference("window/theme", ThemeChoice.SYSTEM, ThemeChoice)
    default_folder: Preference[Path | None] = Preference("projects/folder", None, _read_folder, _write_folder)
    strategy: Preference[str] = Preference("train/strategy", "", str)
    asks_before_training: Preference[bool] = Preference(
        "train/asks_first", False, lambda w: bool(int(w)), lambda b: str(int(b)))
    thumbnail_mb: Preference[int] = Preference(
        "window/thumbnail_mb", THUMBNAIL_MB, _whole(MIN_THUMBNAIL_MB, MAX_THUMBNAIL_MB))
    weights_folder: Preference[Path | None] = Preference("models/weights", None, _read_folder, _write_folder)
    cache_folder: Preference[Path | None] = Preference("models/cache", None, _read_folder, _write_folder)
    may_fetch: Preference[bool] = Preference("models/may_fetch", True, lambda w: bool(int(w)), lambda b: str(int(b)))
    processors: Preference[int] = Preference("engine/processors", 0, _whole(0, MAX_PROCESSORS))
    device: Preference[str] = Preference("engine/device", "", _one_of(dict.fromkeys(devices.CHOICES)))
    captions: Preference[str] = Preference("grid/captions", "", str)
    keys: Preference[dict[str, str]] = Preference("window/keys", {}, _read_keys, json.dumps)

    def __init__(self, folder: Path) -> None:
        self._settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)

    def state(self, name: str) -> QByteArray:
        """What a widget saved under that name; empty if nothing."""
        value = self._settings.value(f"state/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_state(self, name: str, state: QByteArray) -> None:
        self._settings.setValue(f"state/{name}", state)

    def number(self, name: str, default: int) -> int:
        """A whole number; `default` where none is kept."""
        try:
            return int(self.text(f"number/{name}"))
        except ValueError:
            return default

    def keep_number(self, name: str, value: int) -> None:
        self._settings.setValue(f"number/{name}", str(value))

    def recent_projects(self) -> tuple[RecentProject, ...]:
        """Last opened first; entries that make no sense are left out."""
        try:
            rows = json.loads(self.text("projects/recent") or "[]")
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

    def text(self, key: str) -> str:
        """What stands under a key; empty for nothing, and for what is no text."""
        value = self._settings.value(key, "")
        return value if isinstance(value, str) else ""

    def keep_text(self, key: str, written: str) -> None:
        self._settings.setValue(key, written)

    def _keep_recent(self, projects: list[RecentProject]) -> None:
        rows = [
            {**asdict(p), "folder": str(p.folder), "opened_at": p.opened_at.isoformat(timespec="seconds")}
            for p in projects[:N_RECENT]
        ]
        self._settings.setValue("projects/recent", json.dumps(rows))


def _read_recent(row: Any) -> RecentProject | None:
    try:
        counts = {name: int(row.get(name, 0)) for name in ("n_images", "n_labelled", "n_classes")}
        opened_at = datetime.fromisoformat(row["opened_at"])
        return RecentProject(str(row["name"]), Path(row["folder"]), opened_at, **counts)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
