"""The networks of `keras.applications`, built and loaded without letting Keras fetch anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.backbones.keras_applications import KerasApplication
from core.backbones.weights import LocatedWeights
from core.backbones.weights_h5 import N_IMAGENET_CLASSES, check_h5
from core.engine.exported import read_exported
from core.errors import WeightsDamaged
from core.jobs import JobContext

if TYPE_CHECKING:
    import keras


def build_model(backbone: KerasApplication, located: LocatedWeights, image: Any, prepared: Any) -> keras.Model:
    """See `EnginePart`."""
    import keras

    app = build_keras_app(backbone, image, prepared, has_classifier=located.has_classifier)
    load_h5(app, located.path)
    return keras.Model(image, features_of(app), name=backbone.name) if located.has_classifier else app


def stage_outputs(backbone: KerasApplication, model: keras.Model) -> list[Any]:
    """See `EnginePart`; none."""
    return []


def build_graph(backbone: KerasApplication, located: LocatedWeights, context: JobContext) -> Any:
    """See `EnginePart`; exported once by a child process."""
    return read_exported(backbone, located, context)


def build_keras_app(backbone: KerasApplication, image: Any, prepared: Any, *, has_classifier: bool) -> keras.Model:
    """The whole network, with random weights.

    Args:
        image: Keras input (n_images, side, side, 3).
        prepared: The same after preprocessing.
        has_classifier: Whether the ImageNet classifier is part of it; without it the features are the output.

    Returns:
        A flat model from `image` on.
    """
    import keras

    construct = getattr(keras.applications, backbone.constructor)
    shape = (backbone.side_px, backbone.side_px, 3)
    pooling = None if has_classifier else "avg"
    app = construct(
        weights=None, include_top=has_classifier, pooling=pooling, input_shape=shape, input_tensor=prepared,
        **dict(backbone.arguments),
    )
    return keras.Model(image, app.output, name=backbone.name)


def features_of(model: keras.Model) -> Any:
    """What the network's classifier sees, as a Keras tensor (n_images, n_features)."""
    from keras import layers

    seen = _classifier_layer(model).input
    return seen if len(seen.shape) == 2 else layers.Flatten(name="features")(seen)


def _classifier_layer(model: keras.Model) -> Any:
    for layer in reversed(model.layers):
        kernel = getattr(layer, "kernel", None)
        if kernel is not None and kernel.shape[-1] == N_IMAGENET_CLASSES:
            return layer
    raise LookupError(f"{model.name} has no ImageNet classifier")


def load_h5(model: keras.Model, path: Path) -> None:
    """Load the arrays of a weights file into a network of the same layers.

    Raises:
        WeightsDamaged: The file is of another network or kind.
    """
    check_h5(path)
    try:
        model.load_weights(path)
    except (ValueError, KeyError, OSError, IndexError, TypeError, AttributeError) as error:
        raise WeightsDamaged("backbones.file_of_another", name=path.name, backbone=model.name) from error
