"""What each network expects of its input, as data: one multiplication and one addition per channel."""

from __future__ import annotations

from dataclasses import dataclass

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
