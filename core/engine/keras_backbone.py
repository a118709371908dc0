"""A pretrained backbone as a Keras model, and its ImageNet classifier as two arrays.

`load_keras_backbone` imports TensorFlow (3–5 s) and belongs into a process that can end;
`classifier_weights` reads files only.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.engine import keras_apps, lite
from core.backbones.registry import Backbone
from core.backbones.preprocessing import Preprocessing
from core.backbones.torch_legacy import read_torch_legacy
from core.backbones.weights import LocatedWeights, locate_weights
from core.backbones.weights_h5 import read_classifier_h5

if TYPE_CHECKING:
    import keras


def load_keras_backbone(
    backbone: Backbone, *, weights: Path | None = None, allow_download: bool = False,
) -> keras.Model:
    """Build a backbone with its pretrained weights.

    Args:
        backbone: Which network.
        weights: A weights file of the user's own; None for the published one.
        allow_download: Whether the published file may be fetched.

    Returns:
        A flat model from images (n_images, side, side, 3), uint8 or float32 RGB 0 … 255, to
        features (n_images, n_features) float32; preprocessing is its first layers.

    Raises:
        WeightsMissing, WeightsDamaged, DownloadNotAllowed: See `locate_weights`.
    """
    located = locate_weights(backbone, weights=weights, allow_download=allow_download)
    return build_backbone(backbone, located)


def build_backbone(backbone: Backbone, located: LocatedWeights) -> keras.Model:
    """Like `load_keras_backbone`, from weights that were found already."""
    import keras

    side = backbone.side_px
    image = keras.Input((side, side, 3), name="image")
    prepared = _preprocess(image, backbone.preprocessing)
    if backbone.is_lite:
        tensors = read_torch_legacy(located.path)
        model = keras.Model(image, lite.build_lite(backbone.constructor, prepared), name=backbone.name)
        lite.assign_lite(model, backbone.constructor, tensors)
        return model
    app = keras_apps.build_keras_app(backbone, image, prepared, has_classifier=located.has_classifier)
    keras_apps.load_h5(app, located.path)
    if not located.has_classifier:
        return app
    return keras.Model(image, keras_apps.features_of(app), name=backbone.name)


def _preprocess(image: Any, preprocessing: Preprocessing) -> Any:
    import keras

    x = image
    if preprocessing.is_bgr:
        x = keras.ops.flip(x, axis=-1)
    if preprocessing.mode == "built-in":
        return x
    scale, offset = list(preprocessing.scale), list(preprocessing.offset)
    return keras.layers.Rescaling(scale, offset, name="preprocessing")(x)


def block_names(backbone: Backbone) -> tuple[str, ...]:
    """Names of the layers at which an EfficientNet-Lite may be cut, from input to output; () for the others."""
    if not backbone.is_lite:
        return ()
    return ("stem", *(block.name for block in lite.lite_blocks(backbone.constructor)))


def classifier_weights(
    backbone: Backbone, *, weights: Path | None = None, allow_download: bool = False,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The backbone's own ImageNet classifier, for `core.imagenet.classifier`.

    Returns:
        Kernel (n_features, 1000) and bias (1000,), float32: logits are features @ kernel + bias.

    Raises:
        WeightsMissing, WeightsDamaged, DownloadNotAllowed: See `locate_weights`.
    """
    located = locate_weights(
        backbone, weights=weights, allow_download=allow_download, needs_classifier=True,
    )
    if backbone.is_lite:
        return lite.lite_classifier(backbone.constructor, read_torch_legacy(located.path))
    return read_classifier_h5(located.path, backbone.n_features)
