"""The folder of the user for what can be made or measured again: compiled networks, measured times."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def default_cache_dir() -> Path:
    """The environment variable CATALEJO_CACHE, or the user's cache folder of this system."""
    chosen = os.environ.get("CATALEJO_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("catalejo", appauthor=False)
