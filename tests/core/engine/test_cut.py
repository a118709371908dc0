"""Networks are cut where one tensor alone feeds the rest, and the two parts give what the whole gives."""

from pathlib import Path

import keras
import numpy as np
import pytest

from core.engine import lite
from core.backbones.registry import find_backbone
from tests.core.engine.keras_models import load_keras_backbone
from core.engine.adapted import AdaptedNetwork
from core.engine import cut
from core.engine.cut import choose_cut, find_blocks, layers_after, open_trunk
from core.engine.tail import build_tail
from core.backbones.weights import LocatedWeights


def branched() -> keras.Model:
    """conv → relu → two branches → add → conv → pooling: nothing inside the branches may be cut."""
    layers = keras.layers
    image = keras.Input((16, 16, 3))
    x = layers.Conv2D(4, 3, padding="same", name="first_conv")(image)
    x = layers.ReLU(name="first")(x)
    left = layers.Conv2D(4, 3, padding="same", name="left")(x)
    x = layers.Add(name="joined")([left, x])
    x = layers.Conv2D(6, 3, name="last_conv")(x)
    return keras.Model(image, layers.GlobalAveragePooling2D(name="features")(layers.ReLU(name="last")(x)))


def test_articulations_are_what_nothing_passes_by() -> None:
    graph = cut._graph_of(branched())
    names = [graph.operations[at].name for at in cut._articulations(graph)]
    assert names == ["first_conv", "first", "joined", "last_conv", "last"]


def test_blocks_lie_between_units() -> None:
    model = branched()
    blocks = find_blocks(model)
    assert [b.name for b in blocks] == ["first", "joined"]
    assert blocks[1].shape == (16, 16, 4) and blocks[1].n_values == 1024
    assert [layer.name for layer in layers_after(model, blocks[1])] == ["last_conv", "last", "features"]


@pytest.mark.parametrize("size", ["lite0", "lite2"])
def test_blocks_of_lite_are_its_named_ones(size: str) -> None:
    """All but the last name, behind which there is no block any more."""
    image = keras.Input((224, 224, 3))
    model = keras.Model(image, lite.build_lite(size, image))
    assert [b.name for b in find_blocks(model)] == ["stem", *(b.name for b in lite.lite_blocks(size))][:-1]


@pytest.mark.parametrize(("name", "last", "n"), [
    ("MobileNetV2", ["block_14_add", "block_15_add"], 17),
    ("ResNet50", ["conv5_block1_out", "conv5_block2_out"], 16),
    ("NASNetMobile", [], 0),
])
def test_blocks_of_known_networks(name: str, last: list[str], n: int) -> None:
    """NASNet's cells all see the last two before them, so that it cannot be cut."""
    build = getattr(keras.applications, name)
    model = build(weights=None, include_top=False, pooling="avg", input_shape=(224, 224, 3))
    blocks = [b.name for b in find_blocks(model)]
    assert len(blocks) == n and blocks[-2:] == last


def test_more_blocks_than_there_are_is_all_of_it() -> None:
    model = branched()
    cut = choose_cut(model, find_blocks(model), 3)
    assert cut.tensor is model.input and cut.shape == (16, 16, 3)
    assert choose_cut(model, find_blocks(model), 1).name == "joined"


@pytest.mark.parametrize("n_blocks", [1, 3, 1000])
def test_trunk_and_tail_are_the_whole(shared_data: Path, monkeypatch: pytest.MonkeyPatch, n_blocks: int) -> None:
    """With the real MobileNet; OpenVINO may compute in half precision, hence the tolerance."""
    monkeypatch.setenv("KERAS_HOME", str(shared_data / "keras_home"))
    backbone = find_backbone("mobilenet-0.25")
    model = load_keras_backbone(backbone)
    blocks = find_blocks(model)
    cut = choose_cut(model, blocks, n_blocks)
    tail = build_tail(model, cut, 2)
    net = AdaptedNetwork(backbone, LocatedWeights(Path(), "", True), model, blocks, cut, tail)
    assert net.n_blocks == min(n_blocks, len(blocks) + 1)
    pixels = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)
    seen = np.concatenate(list(open_trunk(model, cut, backbone).embed_stream([pixels])))
    assert seen.shape == (3, *cut.shape)
    whole = np.asarray(model(pixels.astype(np.float32), training=False))
    found = np.asarray(net.body(seen, training=False))
    cosines = (found * whole).sum(axis=1) / np.linalg.norm(found, axis=1) / np.linalg.norm(whole, axis=1)
    assert cosines.min() > 0.99
