"""Keeps Pillow and its libtiff from writing remarks about damaged files to the terminal.

libtiff prints straight to the process's stderr, past Python's, and Pillow logs errors, which Python prints where
nobody set up logging; whatever is wrong with a file reaches the user as the reason why it cannot be read.
"""

from __future__ import annotations

import ctypes
import logging
from itertools import chain
from pathlib import Path

import PIL


def silence_pillow() -> None:
    """Switch off Pillow's log and the handlers of the libtiff that it brings, where it brings one of its own."""
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    home = Path(PIL.__file__).parent
    for library in chain((home.parent / "pillow.libs").glob("libtiff*"), (home / ".dylibs").glob("libtiff*")):
        try:
            tiff = ctypes.CDLL(str(library))  # loaded by Pillow already: this is the same copy
            for set_handler in (tiff.TIFFSetWarningHandler, tiff.TIFFSetErrorHandler):
                set_handler.argtypes, set_handler.restype = [ctypes.c_void_p], ctypes.c_void_p
                set_handler(None)
        except (OSError, AttributeError):
            continue
