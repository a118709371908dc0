"""On which device the networks run, as a person asks: the processor, a graphics card or a neural unit."""

from __future__ import annotations

import os
from dataclasses import dataclass

from core.errors import InputError

VARIABLE = "CATALEJO_DEVICE"
"""Names one of `CHOICES`; empty for "auto"."""

AUTO, CPU, GPU, NPU = "auto", "cpu", "gpu", "npu"
CHOICES = (AUTO, CPU, GPU, NPU)
"""“auto” takes a graphics card that TensorFlow can train on where there is one, else the processor."""

TENSORFLOW, OPENVINO = "TensorFlow", "OpenVINO"


@dataclass(frozen=True, slots=True)
class Device:
    """One device that a library can run networks on.

    Attributes:
        kind: "cpu", "gpu" or "npu".
        library: `TENSORFLOW` or `OPENVINO`.
        name: As the library calls it: "CPU", "GPU.0", "/physical_device:GPU:0".
        title: What the maker calls it.
        memory_mb: Of a graphics card for TensorFlow, in MB (10⁶ bytes); 0 where nobody knows.
        has_bfloat16: Whether it computes in bfloat16 at full speed.
    """

    kind: str
    library: str
    name: str
    title: str
    memory_mb: int = 0
    has_bfloat16: bool = False


def asked_device() -> str:
    """What a person asks for, one of `CHOICES`.

    Raises:
        InputError: The variable names something else.
    """
    asked = os.environ.get(VARIABLE, "").lower() or AUTO
    if asked not in CHOICES:
        raise InputError("jobs.no_such_device", device=asked, devices=CHOICES)
    return asked
