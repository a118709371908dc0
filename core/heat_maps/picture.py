"""A heat map as a picture to keep: the photograph with the map over it, what is shown, and the scale."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from core.heat_maps.paint import Floats, colour_bar, encode_png, paint_over
SMALLEST_SIDE_PX, LARGEST_SIDE_PX = 480, 1600
"""The longer side of the photograph in the picture."""

LEAST_WIDTH_PX, PADDING_PX, TEXT_PX, BAR_PX = 480, 8, 15, 12
PAPER, INK = (255, 255, 255), (32, 32, 32)

NO_LETTER = "\uffff"


def heat_picture(
    image: Image.Image, cells: Floats, scale: float, *, title: str, opacity: float = 1.0,
) -> bytes:
    """A PNG file with a photograph, a heat map over it and the scale below.

    Args:
        image: Of mode RGB.
        cells, scale: See `core.heat_maps.paint.shade`.
        title: What is shown, and what the scale is in per cent of; left out where Pillow's own font lacks a letter
            of it, for boxes say nothing.
    """
    shown = paint_over(_fitted(image), cells, scale, opacity=opacity)
    font, width = ImageFont.load_default(TEXT_PX), max(shown.width, LEAST_WIDTH_PX)
    lines = _wrapped(title, font, width - 2 * PADDING_PX) if _is_printable(title, font) else []
    line_px = TEXT_PX + PADDING_PX // 2
    height = shown.height + PADDING_PX + line_px * (len(lines) + 1) + BAR_PX + PADDING_PX
    sheet = Image.new("RGB", (width, height), PAPER)
    sheet.paste(shown, ((width - shown.width) // 2, 0))
    draw, y = ImageDraw.Draw(sheet), shown.height + PADDING_PX
    for line in lines:
        draw.text((PADDING_PX, y), line, INK, font)
        y += line_px
    sheet.paste(Image.fromarray(colour_bar(width - 2 * PADDING_PX, BAR_PX)), (PADDING_PX, y))
    y += BAR_PX + 2
    draw.text((PADDING_PX, y), "0 %", INK, font)
    draw.text((width - PADDING_PX, y), "100 %", INK, font, anchor="ra")
    return encode_png(sheet)


def _is_printable(words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> bool:
    """Whether a font has all letters of a text; it draws the same box for all that it lacks."""
    missing = bytes(font.getmask(NO_LETTER))
    return all(letter.isspace() or bytes(font.getmask(letter)) != missing for letter in words)


def _fitted(image: Image.Image) -> Image.Image:
    longest = max(image.size)
    scale = min(max(1.0, SMALLEST_SIDE_PX / longest), LARGEST_SIDE_PX / longest)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image if size == image.size else image.resize(size, Image.Resampling.BICUBIC)


def _wrapped(words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> list[str]:
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
