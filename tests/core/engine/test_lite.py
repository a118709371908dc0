from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.backbones.registry import find_backbone
from tests.core.engine.keras_models import load_keras_backbone
from core.engine.lite import lite_blocks
from core.engine.lite_graph import build_lite_graph
from core.engine.network import open_network, with_stages
from core.engine.openvino_library import import_openvino
from core.backbones.torch_legacy import read_torch_legacy
from core.backbones.weights import classifier_weights, locate_weights
from core.errors import WeightsDamaged
from tests.core.engine.reference.gratings import gratings

REFERENCE = json.loads((Path(__file__).parent / "reference" / "lite_torch.json").read_text())
SIZES = ("efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2")


def assert_like_reference(features: np.ndarray, name: str, tolerance: float) -> None:
    """Features, and the five best logits, as PyTorch computes them."""
    reference: dict[str, Any] = REFERENCE[name]
    features = features[:, :find_backbone(name).n_features]
    np.testing.assert_allclose(features[:, ::20], reference["features_every_20th"], atol=tolerance)
    kernel, bias = classifier_weights(find_backbone(name))
    logits = features @ kernel + bias
    for row, best in zip(logits, reference["top5"], strict=True):
        indices = [index for index, _ in best]
        np.testing.assert_allclose(row[indices], [logit for _, logit in best], atol=20 * tolerance)
        assert row.argmax() == indices[0]


def compile_exactly(name: str) -> Any:
    """The graph in float32, whatever the CPU would choose."""
    backbone = find_backbone(name)
    graph = build_lite_graph(backbone, read_torch_legacy(locate_weights(backbone).path))
    return import_openvino().Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


@pytest.mark.parametrize("name", SIZES)
def test_the_graph_computes_what_pytorch_computes(name: str) -> None:
    images = gratings(find_backbone(name).side_px)
    assert_like_reference(compile_exactly(name)(images.astype(np.float32))[0], name, 1e-4)


@pytest.mark.parametrize("name", SIZES)
def test_the_keras_network_computes_what_pytorch_computes(name: str) -> None:
    images = gratings(find_backbone(name).side_px)
    model = load_keras_backbone(find_backbone(name))
    assert_like_reference(np.asarray(model(images)), name, 1e-4)
    layers = {layer.name for layer in model.layers}
    assert {block.name for block in lite_blocks(name.removeprefix("efficientnet-"))} <= layers


def test_the_compiled_network_reads_the_same() -> None:
    """In bf16, where the CPU has it, features are off by a little and readings are not."""
    network = open_network(find_backbone("efficientnet-lite0"))
    features = network.embed(gratings(network.side_px))[:, :network.backbone.n_features]
    np.testing.assert_allclose(features[:, ::20], REFERENCE["efficientnet-lite0"]["features_every_20th"], atol=0.2)
    kernel, bias = classifier_weights(network.backbone)
    assert list((features @ kernel + bias).argmax(axis=1)) == [
        best[0][0] for best in REFERENCE["efficientnet-lite0"]["top5"]
    ]


@pytest.mark.parametrize("name", SIZES)
def test_the_stages_are_the_same_in_graph_and_keras_network(name: str) -> None:
    backbone = find_backbone(name)
    images = gratings(backbone.side_px).astype(np.float32)
    compiled = compile_exactly(name)(images)[0]
    assert compiled.shape == (len(images), backbone.n_stored)
    whole = with_stages(backbone, load_keras_backbone(backbone))
    np.testing.assert_allclose(np.asarray(whole(images)), compiled, atol=2e-3)


def test_blocks_are_named_by_stage() -> None:
    names = [block.name for block in lite_blocks("lite0")]
    assert names[:3] == ["stage1_block1", "stage2_block1", "stage2_block2"]
    assert len(names) == 16 and len(lite_blocks("lite2")) == 21


def test_weights_of_another_size_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = read_torch_legacy(locate_weights(find_backbone("efficientnet-lite2")).path)
    with pytest.raises(WeightsDamaged):
        build_lite_graph(find_backbone("efficientnet-lite0"), tensors)
    with pytest.raises(WeightsDamaged):
        monkeypatch.setattr("core.backbones.torch_legacy.read_torch_legacy", lambda path: {})
        classifier_weights(find_backbone("efficientnet-lite0"))


def test_a_keras_network_refuses_weights_of_another_size() -> None:
    other = locate_weights(find_backbone("efficientnet-lite1")).path
    with pytest.raises(WeightsDamaged) as caught:
        load_keras_backbone(find_backbone("efficientnet-lite2"), weights=other)
    assert caught.value.message.code == "backbones.wrong_size"
