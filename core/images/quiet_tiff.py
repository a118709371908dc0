"""Keeps libtiff from writing its own remarks about damaged files to the terminal.

Its handlers print straight to the process's stderr, past Python's; whatever is wrong with a file
reaches the user as the reason why it cannot be read.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import PIL


def silence_libtiff() -> None:
    """Switch off the handlers of the libtiff that Pillow brings; does nothing where it brings none."""
    for library in (Path(PIL.__file__).parents[1] / "pillow.libs").glob("libtiff*"):
        try:
            tiff = ctypes.CDLL(str(library))  # loaded by Pillow already: this is the same copy
            for set_handler in (tiff.TIFFSetWarningHandler, tiff.TIFFSetErrorHandler):
                set_handler.argtypes, set_handler.restype = [ctypes.c_void_p], ctypes.c_void_p
                set_handler(None)
        except (OSError, AttributeError):
            continue
