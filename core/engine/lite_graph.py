"""EfficientNet-Lite as an OpenVINO graph, straight from the weights file.

The same network as in `core.engine.lite`, without Keras: a first run need not import
TensorFlow, convert, or keep a converted copy. Batch normalisation is folded into the
convolutions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.backbones.efficientnet_lite import EfficientNetLite, does_not_fit
from core.engine.lite import EPSILON, LiteBlock, last_of_stages, lite_blocks, lite_torch_names
from core.engine.openvino_library import import_openvino

Tensors = Mapping[str, NDArray[Any]]


def build_lite_graph(backbone: EfficientNetLite, tensors: Tensors) -> Any:
    """The network from images to features.

    Args:
        tensors: The state dict of its PyTorch file.

    Returns:
        An `openvino.Model` from (n_images, side, side, 3) float32 RGB 0 … 255 to (n_images, 1280 + n_stage_features)
        float32: the features, then the means over the outputs of the stages.

    Raises:
        WeightsDamaged: A tensor is missing or of another shape.
    """
    try:
        return _Builder(backbone, tensors).build()
    except (KeyError, RuntimeError, ValueError) as error:
        raise does_not_fit(backbone.size) from error


class _Builder:
    def __init__(self, backbone: EfficientNetLite, tensors: Tensors) -> None:
        self._ov = import_openvino()
        self._op = self._ov.opset13
        self._backbone = backbone
        self._tensors = tensors
        self._torch_names = lite_torch_names(backbone.size)

    def build(self) -> Any:
        side = self._backbone.side_px
        image = self._op.parameter([-1, side, side, 3], np.float32, name="image")
        x = self._scaled(self._op.transpose(image, self._constant(np.array([0, 3, 1, 2]))))
        x = self._activated(self._convolved(x, "stem", stride=2))
        last, stages = set(last_of_stages(self._backbone.size)), []
        for block in lite_blocks(self._backbone.size):
            x = self._block(x, block)
            if block.name in last:
                stages.append(self._mean(x))
        features = self._mean(self._activated(self._convolved(x, "head")))
        return self._ov.Model([self._op.concat([features, *stages], 1)], [image], self._backbone.name)

    def _mean(self, x: Any) -> Any:
        return self._op.reduce_mean(x, self._constant(np.array([2, 3])), keep_dims=False)

    def _block(self, x: Any, block: LiteBlock) -> Any:
        shortcut = x
        if block.expansion > 1:
            x = self._activated(self._convolved(x, f"{block.name}_expand"))
        x = self._activated(self._convolved(x, f"{block.name}_depthwise", stride=block.stride))
        x = self._convolved(x, f"{block.name}_project")
        return self._op.add(x, shortcut) if block.has_shortcut else x

    def _convolved(self, x: Any, name: str, *, stride: int = 1) -> Any:
        """Convolution and batch normalisation in one; kernels are O,I,H,W, of depthwise layers C,1,H,W."""
        factor, shift = self._normalisation(f"{name}_bn")
        kernel = self._tensors[f"{self._torch_names[f'{name}_conv']}.weight"] * factor.reshape(-1, 1, 1, 1)
        arguments: dict[str, Any] = {
            "strides": [stride, stride], "pads_begin": [0, 0], "pads_end": [0, 0], "dilations": [1, 1],
            "auto_pad": "same_upper",
        }
        if name.endswith("_depthwise"):
            x = self._op.group_convolution(x, self._constant(kernel[:, None]), **arguments)
        else:
            x = self._op.convolution(x, self._constant(kernel), **arguments)
        return self._op.add(x, self._constant(shift.reshape(1, -1, 1, 1)))

    def _normalisation(self, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
        prefix = self._torch_names[name]
        gamma, beta, mean, variance = (
            self._tensors[f"{prefix}.{part}"].astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        factor = gamma / np.sqrt(variance + EPSILON)
        return factor, beta - mean * factor

    def _scaled(self, x: Any) -> Any:
        scale, offset = self._backbone.preprocessing.scale, self._backbone.preprocessing.offset
        x = self._op.multiply(x, self._constant(np.reshape(scale, (1, 3, 1, 1))))
        return self._op.add(x, self._constant(np.reshape(offset, (1, 3, 1, 1))))

    def _activated(self, x: Any) -> Any:
        return self._op.clamp(x, 0.0, 6.0)

    def _constant(self, values: NDArray[Any]) -> Any:
        dtype = np.int64 if values.dtype.kind == "i" else np.float32
        return self._op.constant(np.ascontiguousarray(values, dtype))
