"""From every kind of pixel that Pillow knows to uint8 RGB."""

from __future__ import annotations

from PIL import Image

from core.images.depth import DEEP_MODES, Declared, scale_deep

WHITE = (255, 255, 255, 255)
_STRAIGHT = {"La": "LA", "RGBa": "RGBA"}
"""Modes with colours multiplied by alpha, which Pillow converts to their straight form only."""


def to_rgb(image: Image.Image, declared: Declared = Declared()) -> Image.Image:
    """Convert a loaded image of any mode to RGB.

    Transparency is composited on white: cut-out images are nearly always made to be seen
    on a white page, and dropping the alpha channel instead would bring out whatever colours
    an editor left behind the invisible parts, which no person ever saw when labelling.

    Args:
        image: Loaded.
        declared: What its file says of deep pixels.
    """
    if image.mode in DEEP_MODES:
        return scale_deep(image, declared).convert("RGB")
    if image.has_transparency_data:
        overlay = image.convert(_STRAIGHT.get(image.mode, image.mode)).convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", overlay.size, WHITE), overlay).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")
