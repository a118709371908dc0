"""The plan of the sample data set: who takes which image of what, what is planted, and where the files go.

Everything but the leaf itself (format, background, light, camera, hand) is dealt to both classes from equal decks,
so that nothing but the leaf tells the class. What a check of the data should find is planted on purpose: wrong
labels, an exact duplicate, a training image among the test images, and an image without a leaf.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from resources.sample_maker.camera import FORMATS, draw_camera, take
from resources.sample_maker.hands import Hand
from resources.sample_maker.leaves import LEAVES, LOOK_ALIKES
from resources.sample_maker.relief import Relief, View
from resources.sample_maker.scenes import BACKGROUNDS, HAZY, draw_light, place, uneven_light

CLASSES = ("maple", "oak")
SEED, N_TRAIN, N_TEST = 7, 80, 23
"""Drawn images; the planted copies and the image without a leaf come on top."""

N_PLANTED = (1, 2)
"""Wrong labels among the images of each class."""

HARD_SHARE = 0.08
BAD_SHARE = 0.1
Card = TypeVar("Card")


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One file of the sample.

    Attributes:
        path: Relative to the folder of the sample, such as `train/maple/IMG_0123.jpg`.
        shot: What it shows.
        label: The class that it shows; empty for none.
        planted: What was planted: "label", "duplicate", "leak", "odd", or nothing.
    """

    path: str
    shot: Shot
    label: str
    planted: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """One image to take.

    Attributes:
        label: The class that it shows; empty for a background alone.
        kind: Which drawing of that class, an index into the (plain or hard) table.
        is_hard: A look-alike of the other class.
        is_bad: Dark, burnt out, out of focus or shaken.
        size: (width, height) in pixels.
        background: Key of `BACKGROUNDS`.
        seed: Of this image's own random numbers.
    """

    label: str
    kind: int
    is_hard: bool
    is_bad: bool
    size: tuple[int, int]
    background: str
    seed: tuple[int, ...]


def write_sample(folder: Path) -> None:
    """Draw all files; what lies in the folder under their names is overwritten."""
    files = plan_sample()
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(take_shot(file.shot))
    test = [file for file in files if file.path.startswith("test/")]
    _write_csv(folder / "test_labels.csv", ("path", "label"), ((Path(f.path).name, f.label) for f in test))
    planted = ((f.path, f.label, f.planted) for f in files if f.planted)
    _write_csv(folder / "planted.csv", ("path", "label", "planted"), planted)


def plan_sample(*, seed: int = SEED, n_train: int = N_TRAIN, n_test: int = N_TEST) -> tuple[SampleFile, ...]:
    """The files of the sample, the same ones for the same seed.

    Args:
        seed: ≥ 0.
        n_train: Drawn images with labels, ≥ 20; half of each class.
        n_test: Drawn images without labels, ≥ 2.
    """
    train, test = plan_shots(seed, n_train, part=0), plan_shots(seed, n_test, part=1)
    folders, numbers = _plan_labels(seed, train)
    files = [
        SampleFile(f"train/{folder}/IMG_{number:04d}.jpg", shot, shot.label, "label" if folder != shot.label else "")
        for folder, number, shot in zip(folders, numbers, train, strict=True)
    ]
    plain = [file for file in files if not (file.planted or file.shot.is_hard or file.shot.is_bad)]
    twice, leak = plain[0], plain[1]
    files += [
        replace(twice, path=f"train/{twice.label}/IMG_{numbers[-1] + 3:04d}.jpg", planted="duplicate"),
        SampleFile(f"train/{CLASSES[1]}/IMG_{numbers[-1] + 5:04d}.jpg", replace(train[0], label=""), "", "odd"),
    ]
    files += [SampleFile(f"test/img{i}.jpg", shot, shot.label) for i, shot in enumerate(test)]
    return (*files, replace(leak, path=f"test/img{n_test}.jpg", planted="leak"))


def _write_csv(path: Path, header: Sequence[str], rows: Iterator[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def plan_shots(seed: int, n_shots: int, *, part: int) -> tuple[Shot, ...]:
    """Deal formats, backgrounds and troubles evenly to both classes, then shuffle; `part` 0 is train, 1 test."""
    rng = np.random.default_rng([seed, 1000 + part])
    halves = (n_shots - n_shots // 2, n_shots // 2)
    shots = [shot for label, n in zip(CLASSES, halves, strict=True) for shot in _plan_class(rng, label, n)]
    order = rng.permutation(n_shots)
    return tuple(replace(shots[i], seed=(seed, part, int(i))) for i in order)


def _plan_class(rng: np.random.Generator, label: str, n: int) -> list[Shot]:
    formats, backgrounds = _deal(rng, FORMATS, n), _deal(rng, tuple(BACKGROUNDS), n)
    is_hard, is_bad = rng.permutation(n) < round(n * HARD_SHARE), rng.permutation(n) < round(n * BAD_SHARE)
    kinds = rng.permutation(n)
    return [
        Shot(label, int(kinds[i]), bool(is_hard[i]), bool(is_bad[i]), formats[i], backgrounds[i], seed=())
        for i in range(n)
    ]


def _deal(rng: np.random.Generator, cards: Sequence[Card], n: int) -> list[Card]:
    return [cards[i % len(cards)] for i in rng.permutation(n)]


def _plan_labels(seed: int, shots: Sequence[Shot]) -> tuple[list[str], list[int]]:
    """The folder of each training image (three of them wrong) and its number in the file name."""
    rng = np.random.default_rng([seed, 2000])
    clear = [i for i, shot in enumerate(shots) if not shot.is_hard and not shot.is_bad]
    plain = [[i for i in clear if shots[i].label == label] for label in CLASSES]
    wrong = {int(i) for own, n in zip(plain, N_PLANTED, strict=True) for i in rng.choice(own, n, replace=False)}
    folders = [_other(s.label) if i in wrong else s.label for i, s in enumerate(shots)]
    numbers = np.sort(rng.choice(np.arange(11, 11 + 8 * len(shots)), len(shots), replace=False))
    return folders, numbers.tolist()


def _other(label: str) -> str:
    return CLASSES[1 - CLASSES.index(label)]


def take_shot(shot: Shot) -> bytes:
    """The JPEG file of one planned image."""
    rng = np.random.default_rng(shot.seed)
    light, has_hand = draw_light(rng), rng.random() < (0.6 if shot.background == "street" else 0.14)
    relief = Relief(shot.size, _draw_view(rng, shot.size))
    if shot.label:
        _draw_leaf(relief, rng, shot, has_hand=has_hand and not shot.is_hard)
    thing = relief.render(light, rng)
    shadow = rng.uniform(0.05, 0.3) if shot.background in HAZY or has_hand else rng.uniform(0.45, 0.8)
    scene = place(BACKGROUNDS[shot.background](rng, shot.size), thing, light, shadow=float(shadow))
    strength = 0.15 if shot.background == "shop" else rng.uniform(0.2, 1.0)
    scene *= uneven_light(rng, shot.size, strength=float(strength))[:, :, None]
    return take(scene, draw_camera(rng, is_bad=shot.is_bad), rng)


def _draw_view(rng: np.random.Generator, size: tuple[int, int]) -> View:
    """A pose that does not depend on the class: any roll that people use, near or far, rarely cut off."""
    turned = rng.choice([0, 90, -90, 45, -45, 180], p=[0.88, 0.04, 0.04, 0.01, 0.01, 0.02])
    roll = float(turned) + rng.normal(0, 10)
    extent = float(rng.choice([0.95, 0.82, 0.66, 1.1], p=[0.5, 0.35, 0.08, 0.07])) * rng.uniform(0.9, 1.08)
    free = max(0.02, 0.5 - extent / 2)
    centre = (size[0] * (0.5 + rng.uniform(-0.4, 0.4) * free), size[1] * (0.5 + rng.uniform(-0.4, 0.4) * free))
    return View(
        centre, extent * (0.6 * min(size) + 0.4 * max(size)) / 98, float(roll), float(rng.normal(0, 14)),
        float(rng.normal(0, 16)), float(rng.uniform(180, 500)), bool(rng.random() < 0.5),
    )


def _draw_leaf(relief: Relief, rng: np.random.Generator, shot: Shot, *, has_hand: bool) -> None:
    table = (LOOK_ALIKES if shot.is_hard else LEAVES)[shot.label]
    hand = Hand(rng) if has_hand else None
    if hand is not None:
        hand.draw_behind(relief)
    table[shot.kind % len(table)](relief, rng)
    if hand is not None:
        hand.draw_front(relief)
