"""Finds the devices that networks can run on, and makes TensorFlow and OpenVINO use the one that is asked for.

Looking for a graphics card with TensorFlow means importing it, which takes seconds; so it is done only where the
driver of one is there. Embeddings by different devices differ by rounding alone, as those by different processors do,
and share a store.
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

from core.devices import AUTO, CPU, GPU, OPENVINO, TENSORFLOW, Device, asked_device
from core.engine.openvino_library import has_openvino, import_openvino
from core.errors import InputError
from core.jobs import JobContext

NVIDIA_FILES = (Path("/dev/nvidiactl"), Path("/dev/dxg"))
"""One of these is there where Linux, or Linux inside Windows, has a driver for NVIDIA's cards."""

WITH_BFLOAT16 = (8, 0)
"""From this compute capability on, NVIDIA's cards compute in bfloat16."""

BYTES_PER_PIXEL = 1200
"""Memory that a network takes for each pixel of an image, at most: 60 MB for one of 224 × 224."""

MEMORY_SHARE = 0.5
"""Of a card's memory that a batch may take."""

SMALLEST_BATCH, LARGEST_BATCH = 16, 256


def list_devices(_: None = None, context: JobContext | None = None) -> tuple[Device, ...]:
    """All devices: those of OpenVINO, then the graphics cards of TensorFlow."""
    context = context or JobContext()
    context.check()
    found = openvino_devices()
    context.check()
    return (*found, *tensorflow_cards())


def openvino_devices() -> tuple[Device, ...]:
    """The devices that OpenVINO sees, the processor among them; () where it is not installed."""
    if not has_openvino():
        return ()
    core = import_openvino().Core()
    return tuple(
        Device(name.partition(".")[0].lower(), OPENVINO, name, str(core.get_property(name, "FULL_DEVICE_NAME")))
        for name in core.available_devices
    )


@cache
def tensorflow_cards() -> tuple[Device, ...]:
    """The graphics cards that TensorFlow can train on; without a driver it is not asked."""
    if not has_driver():
        return ()
    import tensorflow as tf

    return tuple(_describe(tf, card) for card in tf.config.list_physical_devices("GPU"))


def has_driver() -> bool:
    """Whether this computer has the driver of a card that TensorFlow could use."""
    return shutil.which("nvidia-smi") is not None or any(path.exists() for path in NVIDIA_FILES)


def _describe(tf: Any, card: Any) -> Device:
    facts = tf.config.experimental.get_device_details(card)
    capability = tuple(facts.get("compute_capability", (0, 0)))
    return Device(GPU, TENSORFLOW, card.name, str(facts.get("device_name", card.name)), _memory_mb(),
                  capability >= WITH_BFLOAT16)


def _memory_mb() -> int:
    """Memory of the first card as its driver tells; 0 where it does not."""
    import subprocess

    command = shutil.which("nvidia-smi")
    if command is None:
        return 0
    try:
        said = subprocess.run([command, "--query-gpu=memory.total", "--format=csv,noheader,nounits"],
                              capture_output=True, text=True, timeout=20, check=True).stdout
        return int(float(said.split()[0]) * 1.048576)
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return 0


def training_card() -> Device | None:
    """The graphics card that TensorFlow trains and embeds on; None for the processor.

    Raises:
        InputError: The device asked for has an unknown name.
    """
    asked = asked_device()
    cards = tensorflow_cards() if asked in (AUTO, GPU) else ()
    return cards[0] if cards else None


def openvino_device() -> str:
    """Where OpenVINO runs a network: what is asked for; the processor where nothing is.

    Raises:
        InputError: There is no such device on this computer, or the one asked for has an unknown name.
    """
    asked = asked_device()
    if asked in (AUTO, CPU):
        return "CPU"
    available = openvino_devices()
    found = next((device.name for device in available if device.kind == asked), None)
    if found is None:
        raise InputError("jobs.device_missing", device=asked, found=tuple(device.title for device in available))
    return found


@cache
def prepare_tensorflow() -> Device | None:
    """Make TensorFlow use the card, or keep off it; to be called before the first network is built.

    A card computes in bfloat16 where it can (mixed precision: P. Micikevicius et al., 2018; the weights stay
    float32), and takes memory as it needs it.
    """
    card = training_card()
    if not has_driver():
        return None
    import keras
    import tensorflow as tf

    if card is None:
        tf.config.set_visible_devices([], "GPU")
        return None
    for physical in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(physical, True)
    if card.has_bfloat16:
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    return card


def batch_size_on(card: Device, side_px: int) -> int:
    """How many images of that side a network takes at once on a card, a power of two."""
    room = card.memory_mb * 1e6 * MEMORY_SHARE / (BYTES_PER_PIXEL * side_px**2)
    size = SMALLEST_BATCH
    while size * 2 <= min(room, LARGEST_BATCH):
        size *= 2
    return size
