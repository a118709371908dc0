"""A pretrained backbone as a Keras model; imports TensorFlow (3–5 s), so it belongs into a process that can end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.backbones.backbone import Backbone
from core.backbones.preprocessing import Preprocessing
from core.backbones.weights import LocatedWeights, locate_weights

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
    return build_backbone(backbone, locate_weights(backbone, weights=weights, allow_download=allow_download))


def build_backbone(backbone: Backbone, located: LocatedWeights) -> keras.Model:
    """Like `load_keras_backbone`, from weights that were found already."""
    import keras

    image = keras.Input((backbone.side_px, backbone.side_px, 3), name="image")
    return backbone.engine.build_model(backbone, located, image, _preprocess(image, backbone.preprocessing))


def _preprocess(image: Any, preprocessing: Preprocessing) -> Any:
    import keras

    x = image
    if preprocessing.is_bgr:
        x = keras.ops.flip(x, axis=-1)
    if preprocessing.mode == "built-in":
        return x
    scale, offset = list(preprocessing.scale), list(preprocessing.offset)
    return keras.layers.Rescaling(scale, offset, name="preprocessing")(x)
