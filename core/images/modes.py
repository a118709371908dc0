"""From every kind of pixel that Pillow knows to uint8 RGB."""

from __future__ import annotations

import numpy as np
from PIL import Image

WHITE = (255, 255, 255, 255)
_DEEP_MODES = frozenset({"I", "F", "I;16", "I;16L", "I;16B", "I;16N"})


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert a loaded picture of any mode to RGB.

    Transparency is composited on white: cut-out pictures are nearly always made to be seen
    on a white page, and dropping the alpha channel instead would bring out whatever colours
    an editor left behind the invisible parts, which no person ever saw when labelling.
    """
    if image.mode in _DEEP_MODES:
        return Image.fromarray(_scale_deep(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        overlay = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", overlay.size, WHITE), overlay).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _scale_deep(values: np.ndarray) -> np.ndarray:
    """Bring (h, w) values of any range to uint8.

    16-bit greys keep their top eight bits. Wider integers and floats have no agreed range, so
    0 … 1 (floats), 0 … 255 and 0 … 65535 are taken for what they look like, anything else is stretched.
    """
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        return (values.astype(np.uint16) >> 8).astype(np.uint8)
    numbers = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(numbers.min()), float(numbers.max())
    if low < 0 or high > 65535:
        numbers, high = numbers - low, high - low
        limit = high
    else:
        is_unit = values.dtype.kind == "f" and high <= 1
        limit = 1.0 if is_unit else 255.0 if high <= 255 else 65535.0
    return np.clip(np.floor(numbers * 255.0 / (limit or 1.0) + 0.5), 0, 255).astype(np.uint8)
