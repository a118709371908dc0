"""An X server without a screen (Xvfb) and the window manager that is installed, for `python3 -m tests --screen`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

SCREEN = "1920x1200x24"
MANAGERS = ("openbox", "xfwm4", "metacity", "marco", "icewm", "fluxbox", "twm")
"""Window managers that need no desktop around them."""


@contextmanager
def x_screen() -> Iterator[Mapping[str, str]]:
    """Variables of the environment with which Qt shows its windows there; both servers end with the context.

    Raises:
        RuntimeError: Xvfb or every window manager is missing, or the server did not start.
    """
    manager = next((name for name in MANAGERS if shutil.which(name)), None)
    if shutil.which("Xvfb") is None or manager is None:
        raise RuntimeError(f"--screen needs Xvfb and a window manager ({', '.join(MANAGERS)}); on Debian: "
                           "apt install xvfb openbox libxcb-cursor0")
    readable, writable = os.pipe()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writable), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=(writable,), **quiet)  # type: ignore[call-overload]
    os.close(writable)
    try:
        with os.fdopen(readable) as told:
            number = told.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        variables = {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        managing = subprocess.Popen([manager], env=os.environ | variables, **quiet)  # type: ignore[call-overload]
        try:
            yield variables
        finally:
            _end(managing)
    finally:
        _end(server)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
        return
    process.kill()
    process.wait()
