"""Photographs and drawings with a shift made on purpose: blur, darkness, crops, JPEG quality, backgrounds …

Each set of images is embedded once and kept as an .npz file in a folder of the caller's.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from core.backbones.registry import find_backbone
from core.engine.network import Network, open_network

BACKBONE = "efficientnet-lite0"
Change = Callable[[Image.Image, np.random.Generator], Image.Image]

TUNED_ON: dict[str, Change] = {
    "none": lambda image, _: image,
    "blur 1": lambda image, _: image.filter(ImageFilter.GaussianBlur(1)),
    "blur 2": lambda image, _: image.filter(ImageFilter.GaussianBlur(2)),
    "blur 4": lambda image, _: image.filter(ImageFilter.GaussianBlur(4)),
    "dark 0.5": lambda image, _: ImageEnhance.Brightness(image).enhance(0.5),
    "dark 0.25": lambda image, _: ImageEnhance.Brightness(image).enhance(0.25),
    "dark 0.1": lambda image, _: ImageEnhance.Brightness(image).enhance(0.1),
    "noise 15": lambda image, rng: add_noise(image, rng, 15),
    "noise 30": lambda image, rng: add_noise(image, rng, 30),
    "noise 60": lambda image, rng: add_noise(image, rng, 60),
    "cast": lambda image, _: tint(image, (1.25, 1.0, 0.7)),
}
"""Shifts on which the combination and the widening were tuned."""

LOOKED_AT: dict[str, Change] = {
    "crop 0.6": lambda image, rng: crop(image, rng, 0.6),
    "crop 0.35": lambda image, rng: crop(image, rng, 0.35),
    "JPEG 20": lambda image, _: through_jpeg(image, 20),
    "JPEG 5": lambda image, _: through_jpeg(image, 5),
    "grey": lambda image, _: ImageOps.grayscale(image).convert("RGB"),
    "half size": lambda image, _: image.resize((max(image.width // 2, 1), max(image.height // 2, 1))),
    "quarter size": lambda image, _: image.resize((max(image.width // 4, 1), max(image.height // 4, 1))),
    "turned 90": lambda image, _: image.transpose(Image.Transpose.ROTATE_90),
    "turned 180": lambda image, _: image.transpose(Image.Transpose.ROTATE_180),
    "contrast 0.3": lambda image, _: ImageEnhance.Contrast(image).enhance(0.3),
    "bright 1.8": lambda image, _: ImageEnhance.Brightness(image).enhance(1.8),
    "covered 0.3": lambda image, rng: cover(image, rng, 0.3),
    "blue": lambda image, _: tint(image, (0.6, 0.85, 1.3)),
    "posterised": lambda image, _: ImageOps.posterize(image, 2),
    "telephone": lambda image, rng: through_jpeg(add_noise(
        ImageEnhance.Brightness(crop(image, rng, 0.7)).enhance(0.6), rng, 10), 30),
}
"""Shifts that were reported once, before the intervals were widened."""

SET_ASIDE: dict[str, Change] = {
    "crop 0.5": lambda image, rng: crop(image, rng, 0.5),
    "JPEG 10": lambda image, _: through_jpeg(image, 10),
    "moved 7": lambda image, _: move(image, 7),
    "moved 15": lambda image, _: move(image, 15),
    "gamma 2.5": lambda image, _: gamma(image, 2.5),
    "gamma 0.4": lambda image, _: gamma(image, 0.4),
    "pale 0.3": lambda image, _: ImageEnhance.Color(image).enhance(0.3),
    "vivid 2.5": lambda image, _: ImageEnhance.Color(image).enhance(2.5),
    "coarse 5": lambda image, _: image.resize((max(image.width // 5, 1), max(image.height // 5, 1))).resize(
        image.size, Image.Resampling.NEAREST),
    "slanted 30": lambda image, _: image.rotate(30, Image.Resampling.BICUBIC),
    "fog 0.5": lambda image, _: Image.blend(image, Image.new("RGB", image.size, (220, 220, 225)), 0.5),
    "fog 0.75": lambda image, _: Image.blend(image, Image.new("RGB", image.size, (220, 220, 225)), 0.75),
    "green": lambda image, _: tint(image, (0.75, 1.25, 0.75)),
    "negative": lambda image, _: ImageOps.invert(image),
    "night": lambda image, rng: add_noise(
        gamma(image, 2.0).filter(ImageFilter.GaussianBlur(1)), rng, 12),
}
"""Shifts that nothing was tuned on."""


def move(image: Image.Image, length: int) -> Image.Image:
    """Blurred as by a camera that moves sideways, `length` pixels."""
    values = np.asarray(image, np.float32)
    return Image.fromarray(np.mean([np.roll(values, by, axis=1) for by in range(length)], axis=0).astype(np.uint8))


def gamma(image: Image.Image, power: float) -> Image.Image:
    """Each channel, 0 … 1, to a power: above 1 darker."""
    return image.point([round(255 * (value / 255) ** power) for value in range(256)] * 3)


def add_noise(image: Image.Image, rng: np.random.Generator, spread: float) -> Image.Image:
    """Normal noise on each channel; `spread` in grey levels."""
    noisy = np.asarray(image, np.float32) + rng.normal(0, spread, (image.height, image.width, 3))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def tint(image: Image.Image, factors: tuple[float, float, float]) -> Image.Image:
    """Each channel times a factor."""
    return Image.fromarray(np.clip(np.asarray(image, np.float32) * factors, 0, 255).astype(np.uint8))


def crop(image: Image.Image, rng: np.random.Generator, share: float) -> Image.Image:
    """A part of the image, `share` of each side, anywhere."""
    width, height = max(int(image.width * share), 1), max(int(image.height * share), 1)
    left, top = int(rng.integers(image.width - width + 1)), int(rng.integers(image.height - height + 1))
    return image.crop((left, top, left + width, top + height))


def cover(image: Image.Image, rng: np.random.Generator, share: float) -> Image.Image:
    """A grey square over `share` of the area, anywhere."""
    covered, side = image.copy(), int((image.width * image.height * share) ** 0.5)
    left, top = (int(rng.integers(max(length - side, 0) + 1)) for length in image.size)
    ImageDraw.Draw(covered).rectangle((left, top, left + side, top + side), fill=(128, 128, 128))
    return covered


def through_jpeg(image: Image.Image, quality: int) -> Image.Image:
    """Written and read as a JPEG of that quality."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def embed_photographs(
    paths: list[Path], name: str, change: Change, kept: Path, network: Network | None = None,
) -> NDArray[np.float32]:
    """Embeddings of photographs under a shift, (n_images, n_features) float32; from `kept` where they lie there.

    Args:
        name: Of the shift.
        kept: Folder of the .npz files.
    """
    digest = hashlib.sha256("\n".join([name, *map(str, paths)]).encode()).hexdigest()[:16]
    rng = np.random.default_rng(0)
    images = (change(_read(path), rng) for path in paths)
    return _keep(kept / f"{digest}.npz", lambda: embed_all(images, network))


def _read(path: Path) -> Image.Image:
    image = Image.open(path)
    image.draft("RGB", (448, 448))
    return ImageOps.exif_transpose(image).convert("RGB")


def _keep(path: Path, make: Callable[[], NDArray[np.float32]]) -> NDArray[np.float32]:
    if path.exists():
        with np.load(path) as file:
            return np.asarray(file["vectors"], np.float32)
    vectors = make()
    np.savez(path, vectors=vectors.astype(np.float16))
    return vectors


def embed_all(images: Iterable[Image.Image], network: Network | None = None) -> NDArray[np.float32]:
    """(n_images, n_stored) float32: the features of the backbone, then the means over its stages."""
    network = network or open_network(find_backbone(BACKBONE))
    side = network.side_px

    def batches() -> Iterator[NDArray[np.uint8]]:
        waiting: list[NDArray[np.uint8]] = []
        for image in images:
            waiting.append(np.asarray(image.resize((side, side), Image.Resampling.BILINEAR)))
            if len(waiting) == network.batch_size:
                yield np.stack(waiting)
                waiting = []
        if waiting:
            yield np.stack(waiting)

    return np.concatenate(list(network.embed_stream(batches())))


def embed_series(
    paths: list[Path], n: int, name: str, change: Change, kept: Path, network: Network | None = None, *,
    seed: int = 0, strength: float = 1.0,
) -> NDArray[np.float32]:
    """Embeddings of `n` nearly equal images of each photograph in turn, under a shift; see `embed_photographs`."""
    title = "\n".join(("series", name, str(n), str(seed), str(strength), *map(str, paths)))
    rng = np.random.default_rng(seed)
    images = (change(nearly_equal(_read(path), rng, strength), rng) for path in paths for _ in range(n))
    return _keep(kept / f"{hashlib.sha256(title.encode()).hexdigest()[:16]}.npz", lambda: embed_all(images, network))


def nearly_equal(image: Image.Image, rng: np.random.Generator, strength: float = 1.0) -> Image.Image:
    """As the next picture of a series: turned by some degrees, cut a little otherwise, lighter or darker."""
    turned = image.rotate(float(rng.uniform(-4, 4) * strength), Image.Resampling.BICUBIC)
    cut = crop(turned, rng, 0.95 - 0.1 * float(rng.random()) * strength)
    lit = ImageEnhance.Brightness(cut).enhance(float(1 + rng.uniform(-0.1, 0.1) * strength))
    return through_jpeg(lit, int(rng.integers(70, 95)))


SHAPES = ("disc", "square", "triangle", "star", "ring", "cross")
BACKGROUNDS = ("plain", "gradient", "stripes", "texture", "photograph")


def embed_drawings(
    shapes: tuple[str, ...], background: str, each: int, seed: int, photographs: list[Path], kept: Path,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Embeddings and classes of drawn shapes or letters, `each` a class, on backgrounds of one kind."""
    labels = np.repeat(np.arange(len(shapes)), each)
    name = "-".join(("drawn", *shapes, background, str(each), str(seed)))
    rng = np.random.default_rng(seed)
    images = (draw(shapes[label], background, rng, photographs) for label in labels)
    return _keep(kept / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.npz", lambda: embed_all(images)), labels


def draw(shape: str, background: str, rng: np.random.Generator, photographs: list[Path]) -> Image.Image:
    """One drawing, 128 × 128."""
    image = _background(background, rng, photographs)
    pen, color = ImageDraw.Draw(image), tuple(rng.integers(0, 256, 3).tolist())
    x, y, r = *rng.uniform(40, 88, 2), rng.uniform(14, 34)
    if shape not in SHAPES:
        return add_noise(_with_letter(image, shape, rng, color), rng, 6)
    turned = rng.uniform(0, 2 * np.pi)
    corners = {"square": 4, "triangle": 3, "star": 10, "cross": 12}.get(shape, 0)
    if corners:
        far = {"star": np.tile([1, 0.45], 5), "cross": np.tile([1, 1, 0.45], 4)}.get(shape, np.ones(corners))
        angles = turned + 2 * np.pi * np.arange(corners) / corners
        pen.polygon([(x + r * f * np.cos(a), y + r * f * np.sin(a)) for f, a in zip(far, angles, strict=True)], color)
    else:
        pen.ellipse((x - r, y - r, x + r, y + r), outline=color, fill=color if shape == "disc" else None,
                    width=max(int(r / 3), 1))
    return add_noise(image, rng, 6)


def _with_letter(image: Image.Image, letter: str, rng: np.random.Generator, color: tuple[int, ...]) -> Image.Image:
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).text((64, 64), letter, 255, ImageFont.load_default(float(rng.uniform(40, 90))), "mm")
    moved = (float(rng.uniform(-20, 20)), float(rng.uniform(-20, 20)))
    image.paste(color, mask=mask.rotate(float(rng.uniform(-25, 25)), translate=moved))
    return image


def _background(kind: str, rng: np.random.Generator, photographs: list[Path]) -> Image.Image:
    side, first, second = 128, rng.uniform(0, 255, 3), rng.uniform(0, 255, 3)
    if kind == "photograph":
        return _read(photographs[int(rng.integers(len(photographs)))]).resize((side, side))
    rows, columns = np.mgrid[:side, :side] / side
    share = {
        "plain": np.zeros((side, side)), "gradient": columns,
        "stripes": np.sin(rows * rng.uniform(20, 90)) > 0, "texture": rng.uniform(0, 1, (side, side)),
    }[kind][..., None]
    return Image.fromarray((first * (1 - share) + second * share).astype(np.uint8))
