"""Whether a window can be shown here, and whether this Qt goes with this Python, asked before Qt is.

Qt ends the process where it cannot. Nothing of Qt is imported here, for that fails already where its system libraries
are missing.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Mapping, Sequence

from core.errors import InputError

_FIRST_BROKEN, _FIRST_SOUND_PYTHON = (6, 12), (3, 12)
"""PySide6 6.12 on Python below 3.12 loses one reference to None with each call that returns None and aborts after
some hundred signals; the check can go when Python 3.11 does."""


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
    raise InputError("setup.screen_silent", display=display or wayland)


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
        raise InputError("setup.no_screen")
    if missing:
        raise InputError("setup.libraries_missing", packages=" ".join(missing))


def check_qt_pair(python_version: tuple[int, ...], pyside_version: tuple[int, ...]) -> None:
    """Refuse a pair that would abort in the middle of work.

    Args:
        python_version: As in `sys.version_info`, two numbers at least.
        pyside_version: As in `PySide6.__version_info__`, two numbers at least.

    Raises:
        InputError: The pair is not sound.
    """
    if pyside_version[:2] >= _FIRST_BROKEN and python_version[:2] < _FIRST_SOUND_PYTHON:
        python, pyside = (".".join(str(n) for n in v[:2]) for v in (python_version, pyside_version))
        raise InputError("setup.qt_crashes", pyside=pyside, python=python)
