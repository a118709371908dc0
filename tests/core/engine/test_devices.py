"""Devices: which are found, which is taken, and a network that trains as it does on a card – with drawn-up lists."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.backbones.registry import find_backbone
from core.devices import CPU, GPU, NPU, OPENVINO, TENSORFLOW, VARIABLE, Device, asked_device
from core.engine import devices, network
from core.engine.cut import find_blocks, open_trunk
from core.engine.network import KerasNetwork, build_backbone, open_network
from core.engine.scratch_nets import build_scratch_net
from core.backbones.weights import locate_weights
from core.errors import InputError

CARD = Device(GPU, TENSORFLOW, "/physical_device:GPU:0", "Drawn card", 2_000, True)
PROCESSOR = Device(CPU, OPENVINO, "CPU", "Drawn processor")
INTEGRATED = Device(GPU, OPENVINO, "GPU.0", "Drawn graphics")


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What was found is forgotten before and after."""
    def forget() -> None:
        devices.tensorflow_cards.cache_clear()
        devices.prepare_tensorflow.cache_clear()
        keras.mixed_precision.set_global_policy("float32")

    forget()
    yield
    forget()


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A card that TensorFlow claims to have; what was asked of it."""
    asked: list[str] = []
    monkeypatch.setattr(devices, "has_driver", lambda: True)
    monkeypatch.setattr(devices, "_memory_mb", lambda: CARD.memory_mb)
    config = tf.config
    drawn = SimpleNamespace(name=CARD.name, device_type="GPU")
    monkeypatch.setattr(config, "list_physical_devices", lambda kind=None: [drawn])
    monkeypatch.setattr(config.experimental, "get_device_details", lambda _: {
        "device_name": CARD.title, "compute_capability": (9, 0)})
    monkeypatch.setattr(config.experimental, "set_memory_growth", lambda *_: asked.append("grows"))
    monkeypatch.setattr(config, "set_visible_devices", lambda shown, kind: asked.append(f"{kind}: {shown}"))
    return asked


def test_without_a_driver_tensorflow_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "has_driver", lambda: False)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: pytest.fail("asked"))
    assert devices.tensorflow_cards() == () and devices.prepare_tensorflow() is None
    assert any(device.kind == CPU for device in devices.list_devices())


@pytest.mark.parametrize(("asked", "there", "taken"), [
    ("", (PROCESSOR, INTEGRATED), "CPU"), ("cpu", (PROCESSOR, INTEGRATED), "CPU"),
    ("GPU", (PROCESSOR, INTEGRATED), "GPU.0"), ("npu", (PROCESSOR, Device(NPU, OPENVINO, "NPU", "A unit")), "NPU"),
])
def test_openvino_runs_where_it_is_asked_to(
    asked: str, there: tuple[Device, ...], taken: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, asked)
    monkeypatch.setattr(devices, "openvino_devices", lambda: there)
    assert devices.openvino_device() == taken


@pytest.mark.parametrize(("asked", "code"), [("npu", "jobs.device_missing"), ("toaster", "jobs.no_such_device")])
def test_what_is_not_there_is_said(asked: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, asked)
    monkeypatch.setattr(devices, "openvino_devices", lambda: (PROCESSOR,))
    with pytest.raises(InputError) as refused:
        devices.openvino_device()
    assert refused.value.message.code == code


def test_the_answer_does_not_change_without_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert asked_device() == "auto" and devices.training_card() is None
    assert not isinstance(open_network(find_backbone("efficientnet-lite0")), KerasNetwork)


def test_a_card_is_taken_with_mixed_precision(card: list[str]) -> None:
    assert devices.prepare_tensorflow() == CARD
    assert card == ["grows"] and keras.mixed_precision.global_policy().name == "mixed_bfloat16"


def test_a_card_is_kept_off_where_the_processor_is_asked_for(
    card: list[str], monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, CPU)
    assert devices.training_card() is None and devices.prepare_tensorflow() is None
    assert card == ["GPU: []"] and keras.mixed_precision.global_policy().name == "float32"


@pytest.mark.long
def test_on_a_card_keras_embeds_in_large_batches(card: list[str]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)
    backbone = find_backbone("efficientnet-lite0")
    on_card = open_network(backbone)
    assert isinstance(on_card, KerasNetwork) and on_card.batch_size == 16
    found = on_card.embed(images)
    keras.mixed_precision.set_global_policy("float32")
    model = build_backbone(backbone, locate_weights(backbone))
    plain = KerasNetwork(backbone, "", network.with_stages(backbone, model))
    expected = plain.embed(images)
    assert found.dtype == np.float32 and not np.array_equal(found, expected)
    assert np.abs(found - expected).mean() < 0.02 * np.abs(expected).mean() + 0.02


def test_the_trunk_of_a_fine_tuning_stays_on_the_card(card: list[str]) -> None:
    backbone = find_backbone("efficientnet-lite0")
    model = build_backbone(backbone, locate_weights(backbone))
    assert isinstance(open_trunk(model, find_blocks(model)[-1], backbone), KerasNetwork)


def test_logits_and_weights_keep_their_precision_on_a_card(card: list[str]) -> None:
    net: Any = build_scratch_net("lenet", (32, 32, 3), 2, seed=0)
    assert net.output.dtype == "float32" and {weight.dtype for weight in net.trainable_weights} == {"float32"}
    assert net.get_layer("logits").input.dtype == "bfloat16"


@pytest.mark.parametrize(("memory_mb", "side_px", "size"), [
    (0, 224, 16), (4_000, 224, 32), (8_000, 224, 64), (8_000, 64, 256), (80_000, 224, 256),
])
def test_the_batch_grows_with_the_memory(memory_mb: int, side_px: int, size: int) -> None:
    assert devices.batch_size_on(Device(GPU, TENSORFLOW, "", "", memory_mb), side_px) == size
