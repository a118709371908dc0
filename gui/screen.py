"""Whether a window can be shown here, asked before Qt is: Qt ends the process where it cannot.

Imports nothing of Qt, for that fails already where its system libraries are missing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from core.errors import InputError


def needs_display_libraries(environment: Mapping[str, str] = os.environ) -> bool:
    """Will Qt speak to an X server, for which it needs further system libraries?"""
    platform = environment.get("QT_QPA_PLATFORM", "")
    if platform:
        return platform.startswith("xcb")
    return bool(environment.get("DISPLAY")) and not environment.get("WAYLAND_DISPLAY")


def check_screen(
    missing: Sequence[str] = (), *, environment: Mapping[str, str] = os.environ, system: str = sys.platform
) -> None:
    """Refuse to open a window where there is nothing to show it on.

    Args:
        missing: Debian packages of system libraries that Qt needs and that are not there.
        environment: Names the screen; what `QT_QPA_PLATFORM` asks for is believed.
        system: As `sys.platform`; only Linux can be without a screen.

    Raises:
        InputError: There is no screen, or Qt cannot use it.
    """
    if not system.startswith("linux"):
        return
    if not any(environment.get(name) for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")):
        raise InputError(
            "There is no screen here for the window of Catalejo.",
            "Start it on a desktop, or use the commands that need no window: --help lists them.",
        )
    if missing:
        raise InputError(
            "The window cannot be opened: system libraries that it needs are missing.",
            f"Install them with: sudo apt-get install {' '.join(missing)}",
        )
