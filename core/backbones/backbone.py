"""What a backbone is: one pretrained network, and all that is asked of its family; imports no engine library.

A family is a subclass in a file of its own, named in `core.backbones.registry`. A backbone's features are what its
own ImageNet classifier sees: the input of its last layer. So the same embedding serves a new classifier and the
ImageNet reading.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from core.backbones.weights import LocatedWeights, WeightsFile
from core.jobs import JobContext

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

    Classifier = tuple[NDArray[np.float32], NDArray[np.float32]]
    """Kernel (n_features, 1000) and bias (1000,)."""


Channels = tuple[float, float, float]

IMAGENET_MEAN: Channels = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION: Channels = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """`x * scale + offset` per channel, on RGB values 0 … 255.

    Attributes:
        mode: Name of the convention: tf, caffe, torch, lite, efficientnet or built-in.
        scale, offset: Per channel, in the order that the network sees.
        is_bgr: Whether the network sees blue first; the channels are turned before scaling.
    """

    mode: str
    scale: Channels = (1.0, 1.0, 1.0)
    offset: Channels = (0.0, 0.0, 0.0)
    is_bgr: bool = False


def preprocessing_for(mode: str) -> Preprocessing:
    """The convention of that name; KeyError for any other."""
    return _MODES[mode]


def _uniform(mode: str, scale: float, offset: float) -> Preprocessing:
    return Preprocessing(mode, (scale,) * 3, (offset,) * 3)


def _torch() -> Preprocessing:
    first, second, third = (
        (1 / (255 * deviation), -mean / deviation)
        for mean, deviation in zip(IMAGENET_MEAN, IMAGENET_DEVIATION, strict=True)
    )
    return Preprocessing("torch", (first[0], second[0], third[0]), (first[1], second[1], third[1]))


def _efficientnet() -> Preprocessing:
    """What Keras adds to EfficientNet B0–B7 only when it loads the weights itself (Keras 3.15).

    The published weights hold the deviation where the layer inside expects the variance, so
    that its result is still to be divided by the deviation's root. As nothing can be put
    behind that layer from outside, the same is brought about in front of it.
    """
    r, g, b = (deviation**-0.5 for deviation in IMAGENET_DEVIATION)
    mr, mg, mb = IMAGENET_MEAN
    return Preprocessing(
        "efficientnet", (r, g, b), (255 * mr * (1 - r), 255 * mg * (1 - g), 255 * mb * (1 - b)),
    )


_MODES = {
    "tf": _uniform("tf", 1 / 127.5, -1.0),
    "lite": _uniform("lite", 1 / 128, -127 / 128),
    "torch": _torch(),
    "caffe": Preprocessing("caffe", offset=(-103.939, -116.779, -123.68), is_bgr=True),
    "efficientnet": _efficientnet(),
    "built-in": Preprocessing("built-in"),
}


@dataclass(frozen=True, slots=True)
class Backbone(ABC):
    """One pretrained network.

    Attributes:
        name: As the user writes it.
        side_px: Side of the square input.
        preprocessing: What the network expects of its input; built into the network.
        top1: Published ImageNet-1k accuracy in percent (0 … 100), or None.
        download_mb: To fetch on first use, in megabytes (10⁶ bytes, within a few percent); 0 if installed already.
        licence: SPDX name of the weights' licence.
        source: Package that the architecture and weights come from.
        weights: The whole network, ImageNet classifier included.
        engine_module: Module of `core.engine` that builds the family's networks, see `EnginePart`.
    """

    name: str
    side_px: int
    n_features: int
    preprocessing: Preprocessing
    top1: float | None
    download_mb: float
    licence: str
    source: str
    weights: WeightsFile
    engine_module: ClassVar[str]

    @property
    def n_stage_features(self) -> int:
        """How many means over the outputs of its stages an embedding holds besides the features; 0 for none."""
        return 0

    @property
    def takes_any_side(self) -> bool:
        """Whether the network can be built for square inputs of another size, with the same weights."""
        return False

    @property
    def n_stored(self) -> int:
        """Length of an embedding as it is stored: the features, then the means over the outputs of its stages."""
        return self.n_features + self.n_stage_features

    @abstractmethod
    def is_here(self) -> bool:
        """Whether its weights lie on this computer; they are checked when they are used."""

    @abstractmethod
    def locate(self, *, allow_download: bool, needs_classifier: bool, context: JobContext) -> LocatedWeights:
        """Find and check the published weights; see `core.backbones.weights.locate_weights`."""

    @abstractmethod
    def has_classifier(self, path: Path) -> bool:
        """Whether a weights file of the user's own holds the ImageNet classifier.

        Raises:
            WeightsDamaged: The file is of another kind.
        """

    @abstractmethod
    def read_classifier(self, path: Path) -> Classifier:
        """The ImageNet classifier of a weights file: kernel (n_features, 1000) and bias (1000,), float32.

        Raises:
            WeightsDamaged: The file has none of that size, or is of another kind.
        """

    @property
    def engine(self) -> EnginePart:
        """What builds its networks; imported now."""
        return cast(EnginePart, import_module(self.engine_module))


class EnginePart(Protocol):
    """The functions that a family's module in `core.engine` has."""

    def build_model(self, backbone: Any, located: LocatedWeights, image: Any, prepared: Any) -> keras.Model:
        """The network with its weights in Keras.

        Args:
            image: Keras input (n_images, side, side, 3).
            prepared: The same after preprocessing.

        Returns:
            A flat model from `image` to features (n_images, n_features).

        Raises:
            WeightsDamaged: The file is not of this backbone.
        """

    def stage_outputs(self, backbone: Any, model: keras.Model) -> list[Any]:
        """Outputs (n_images, height, width, n_channels) of the stages of a `build_model`, whose means are stored."""

    def build_graph(self, backbone: Any, located: LocatedWeights, context: JobContext) -> Any:
        """The network as an `openvino.Model`.

        Returns:
            From (n_images, side, side, 3) float32 RGB 0 … 255 to (n_images, n_stored) float32.

        Raises:
            WeightsDamaged: The file is not of this backbone.
            StorageError: The cache cannot be written.
            EngineError: The network could not be converted.
        """
