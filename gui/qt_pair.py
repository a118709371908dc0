"""Which Qt goes with which Python.

PySide6 6.12 on Python below 3.12 loses one reference to None with each call that returns
None and aborts after some hundred signals; the check can go when Python 3.11 does.
"""

from __future__ import annotations

from core.errors import InputError

_FIRST_BROKEN, _FIRST_SOUND_PYTHON = (6, 12), (3, 12)


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
        raise InputError(
            f"PySide6 {pyside} crashes on Python {python}, so the window was not opened.",
            "Install an older one with “pip install 'PySide6-Essentials<6.12'”, or use Python 3.12 or newer.",
        )
