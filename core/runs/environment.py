"""What a training runs with: versions of Python and libraries, system, processor, number of threads."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from core import __version__
from core.processors import n_processors
from core.text import Message

LIBRARIES = ("numpy", "scipy", "keras", "tensorflow", "openvino", "pillow")
"""Whose version a prediction can depend on; those that are not installed are left out."""


def describe_environment() -> dict[str, Any]:
    """JSON values: `catalejo, python`, a version for each of `LIBRARIES`, `system, processor, n_processors,
    n_threads`.

    Imports none of the libraries.
    """
    return {
        "catalejo": __version__, "python": platform.python_version(), **_versions(),
        "system": f"{platform.system()} {platform.release()}", "processor": _processor(),
        "n_processors": os.cpu_count() or 1, "n_threads": n_processors(),
    }


NAMES: Mapping[str, str] = {
    "catalejo": "Catalejo", "python": "Python", "numpy": "NumPy", "scipy": "SciPy", "keras": "Keras",
    "tensorflow": "TensorFlow", "openvino": "OpenVINO", "pillow": "Pillow",
}
"""How programs are written."""


def say_environment(noted: Mapping[str, Any]) -> tuple[Message, ...]:
    """Sentences of what a run notes; of a run of an earlier version, that it noted less.

    Args:
        noted: From `describe_environment`, or `catalejo` and `machine` alone; may come from elsewhere.
    """
    if "python" not in noted:
        return (Message("runs.environment.not_noted", machine=str(noted.get("machine", ""))),) if noted else ()
    names = tuple(f"{name} {noted[key]}" for key, name in NAMES.items() if noted.get(key))
    counts = {name: int(noted[name]) if isinstance(noted.get(name), int) else 0 for name in _COUNTS}
    computer = Message("runs.environment.computer", system=str(noted.get("system", "")),
                       processor=str(noted.get("processor", "")), **counts)
    return Message("runs.environment.made_with", names=names), computer


_COUNTS = ("n_processors", "n_threads")


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _processor() -> str:
    """The model's name; the kind of machine where the system does not say it."""
    if sys.platform.startswith("linux"):
        with suppress(OSError):
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
                name, _, value = line.partition(":")
                if name.strip() == "model name":
                    return value.strip()
    return platform.processor() or platform.machine()
