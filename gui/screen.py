"""Whether a window can be shown here, asked before Qt is: Qt ends the process where it cannot.

Imports nothing of Qt, for that fails already where its system libraries are missing.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Mapping, Sequence

from core.errors import InputError


def needs_display_libraries(environment: Mapping[str, str] = os.environ) -> bool:
    """Will Qt speak to an X server, for which it needs further system libraries?"""
    platform = environment.get("QT_QPA_PLATFORM", "")
    if platform:
        return platform.startswith("xcb")
    return bool(environment.get("DISPLAY")) and not environment.get("WAYLAND_DISPLAY")


def check_connection(*, environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> None:
    """Refuse to open a window on a screen that is named and does not answer.

    Args:
        environment: Names the screen; a platform of Qt that needs none is believed.
        system: As `sys.platform`; elsewhere than on Linux the screen is simply there.

    Raises:
        InputError: Neither Wayland nor an X server answers.
    """
    platform = environment.get("QT_QPA_PLATFORM", "")
    if not system.startswith("linux") or platform and not platform.startswith(("xcb", "wayland")):
        return
    wayland, display = environment.get("WAYLAND_DISPLAY", ""), environment.get("DISPLAY", "")
    if wayland and _wayland_answers(wayland, environment) or display and _x_answers(display):
        return
    raise InputError(
        f"The screen “{display or wayland}” does not answer, so no window can be opened.",
        "Check DISPLAY, or use the commands that need no window: --help lists them.",
    )


def _wayland_answers(name: str, environment: Mapping[str, str]) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(os.path.join(environment.get("XDG_RUNTIME_DIR", ""), name))
        except OSError:
            return False
    return True


def _x_answers(name: str) -> bool:
    """Asked by the library that Qt asks by, so that names and permissions count as they do there."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt needs it; that it is missing was said before
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    for function in (xcb.xcb_connection_has_error, xcb.xcb_disconnect):
        function.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(name.encode(), None)
    has_failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not has_failed


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
