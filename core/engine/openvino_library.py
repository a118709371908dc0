"""The library OpenVINO: whether it is there, and its import without telemetry."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import ModuleType


def has_openvino() -> bool:
    """Whether OpenVINO is installed and loads on this computer."""
    if find_spec("openvino") is None:
        return False
    try:
        import_openvino()
    except (ImportError, OSError):
        return False
    return True


def import_openvino() -> ModuleType:
    """The module `openvino`, with its telemetry switched off for certain.

    OpenVINO's converter sends usage data to a web service unless somebody opted out (the
    package openvino-telemetry 2025.2 takes a missing consent file for consent). With that
    package hidden, OpenVINO falls back to a stub of its own that does nothing.

    Raises:
        ImportError: It is not installed, or does not load on this computer.
    """
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    module: ModuleType = openvino
    return module
