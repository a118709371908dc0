"""The sample data set: who takes which picture of what, and where the files go.

Everything but the thing itself (format, background, light, camera, hand) is dealt to both
classes from equal decks, so that nothing but the thing tells the class.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.errors import InputError, StorageError
from core.jobs import JobContext
from core.sample.camera import FORMATS, draw_camera, take
from core.sample.hands import Hand
from core.sample.phones import HARD_PHONES, PHONES
from core.sample.pistols import HARD_PISTOLS, PISTOLS
from core.sample.relief import Relief, View
from core.sample.scenes import BACKGROUNDS, HAZY, draw_light, place, uneven_light
from core.text import Message

CLASSES = ("pistol", "smartphone")
N_PLANTED = (1, 2)
"""Wrong labels among the pictures of each class."""
HARD_SHARE = 0.14
BAD_SHARE = 0.2
Card = TypeVar("Card")
STAGE = Message("jobs.drawing_sample")


@dataclass(frozen=True, slots=True)
class PlantedLabel:
    """One picture that lies in the wrong class folder on purpose.

    Attributes:
        path: Relative to `train`, such as `pistol/IMG_0123.jpg`.
        given: The class of the folder, which is wrong.
        true: What the picture shows.
    """

    path: Path
    given: str
    true: str


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was drawn, and where it lies.

    Attributes:
        train: Folder with one folder a class.
        test: Folder of pictures without labels, `img0.jpg` ….
        test_labels: CSV `path,label` with the truth of the test pictures.
        planted_list: CSV `path,label,planted`: the wrong labels, `label` being the right one.
        n_train, n_test: Pictures in both folders.
        classes: Names of the classes.
        planted: The wrong labels.
    """

    train: Path
    test: Path
    test_labels: Path
    planted_list: Path
    n_train: int
    n_test: int
    classes: tuple[str, ...]
    planted: tuple[PlantedLabel, ...]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture to take.

    Attributes:
        label: The class that it shows.
        kind: Which drawing of that class, an index into the (plain or hard) table.
        is_hard: A look-alike of the other class.
        is_bad: Dark, burnt out, out of focus or shaken.
        size: (width, height) in pixels.
        background: Key of `BACKGROUNDS`.
        seed: Of this picture's own random numbers.
    """

    label: str
    kind: int
    is_hard: bool
    is_bad: bool
    size: tuple[int, int]
    background: str
    seed: tuple[int, ...]


def draw_sample(
    folder: Path, *, seed: int = 0, n_train: int = 160, n_test: int = 60, context: JobContext,
) -> SampleSummary:
    """Draw photographs of pistols and smartphones, the same ones for the same seed.

    Args:
        folder: Where `train`, `test`, `test_labels.csv` and `planted.csv` go; made if missing.
        seed: ≥ 0.
        n_train: Pictures with labels, ≥ 20; half of each class.
        n_test: Pictures without labels, ≥ 2.
        context: Hears of each picture; nothing is left behind if it cancels.

    Raises:
        InputError: The counts are too small, or one of the four names exists in `folder`.
        StorageError: The folder cannot be written.
    """
    if n_train < 20 or n_test < 2 or seed < 0:
        raise InputError(f"A sample of {n_train} training and {n_test} test pictures cannot be drawn.",
                         "Ask for at least 20 training and 2 test pictures, and a seed of 0 or more.")
    _refuse_existing(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".drawing-", dir=folder) as scratch:
            planted = _draw_into(Path(scratch), seed, (n_train, n_test), context)
            for path in sorted(Path(scratch).iterdir()):
                path.rename(folder / path.name)
    except OSError as error:
        raise StorageError(f"The sample cannot be written to {folder}: {error.strerror or error}.",
                           "Choose a folder that you may write to, on a disk with 20 MB free.") from error
    return SampleSummary(folder / "train", folder / "test", folder / "test_labels.csv", folder / "planted.csv",
                         n_train, n_test, CLASSES, planted)


def _refuse_existing(folder: Path) -> None:
    for name in ("train", "test", "test_labels.csv", "planted.csv"):
        if (folder / name).exists():
            raise InputError(f"The folder {folder} already holds “{name}”.", "Choose an empty folder for the sample.")


def _draw_into(root: Path, seed: int, counts: tuple[int, int], context: JobContext) -> tuple[PlantedLabel, ...]:
    n_train, n_test = counts
    train, test = plan_shots(seed, n_train, part=0), plan_shots(seed, n_test, part=1)
    folders, numbers = _plan_labels(seed, train)
    names = [f"{label}/IMG_{number:04d}.jpg" for label, number in zip(folders, numbers, strict=True)]
    for name in ("train/pistol", "train/smartphone", "test"):
        (root / name).mkdir(parents=True)
    targets = [f"train/{name}" for name in names] + [f"test/img{i}.jpg" for i in range(n_test)]
    for done, (shot, target) in enumerate(zip([*train, *test], targets, strict=True)):
        context.progress(done, len(targets), stage=STAGE)
        (root / target).write_bytes(take_shot(shot))
    context.progress(len(targets), len(targets), stage=STAGE)
    planted = tuple(
        PlantedLabel(Path(name), given, shot.label)
        for name, given, shot in zip(names, folders, train, strict=True) if given != shot.label
    )
    _write_lists(root, planted, test)
    return planted


def _write_lists(root: Path, planted: Sequence[PlantedLabel], test: Sequence[Shot]) -> None:
    wrong = ((p.path.as_posix(), p.true, p.given) for p in planted)
    _write_csv(root / "planted.csv", ("path", "label", "planted"), wrong)
    truth = ((f"img{i}.jpg", shot.label) for i, shot in enumerate(test))
    _write_csv(root / "test_labels.csv", ("path", "label"), truth)


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
    """The folder of each training picture (three of them wrong) and its number in the file name."""
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
    """The JPEG file of one planned picture."""
    rng = np.random.default_rng(shot.seed)
    light, has_hand = draw_light(rng), rng.random() < (0.6 if shot.background == "street" else 0.14)
    relief = Relief(shot.size, _draw_view(rng, shot.size))
    _draw_thing(relief, rng, shot, has_hand=has_hand and not shot.is_hard)
    thing = relief.render(light, rng)
    shadow = rng.uniform(0.05, 0.3) if shot.background in HAZY or has_hand else rng.uniform(0.45, 0.8)
    scene = place(BACKGROUNDS[shot.background](rng, shot.size), thing, light, shadow=float(shadow))
    strength = 0.15 if shot.background == "shop" else rng.uniform(0.2, 1.0)
    scene *= uneven_light(rng, shot.size, strength=float(strength))[:, :, None]
    return take(scene, draw_camera(rng, is_bad=shot.is_bad), rng)


def _draw_view(rng: np.random.Generator, size: tuple[int, int]) -> View:
    """A pose that does not depend on the class: any roll that people use, near or far, rarely cut off."""
    turned = rng.choice([0, 90, -90, 45, -45, 180], p=[0.6, 0.1, 0.1, 0.08, 0.08, 0.04])
    roll = float(turned) + rng.normal(0, 12)
    extent = float(rng.choice([0.88, 0.7, 0.5, 1.15], p=[0.4, 0.35, 0.15, 0.1])) * rng.uniform(0.9, 1.08)
    free = max(0.02, 0.5 - extent / 2)
    centre = (size[0] * (0.5 + rng.uniform(-0.4, 0.4) * free), size[1] * (0.5 + rng.uniform(-0.4, 0.4) * free))
    return View(
        centre, extent * (0.6 * min(size) + 0.4 * max(size)) / 98, float(roll), float(rng.normal(0, 14)),
        float(rng.normal(0, 16)), float(rng.uniform(180, 500)), bool(rng.random() < 0.5),
    )


def _draw_thing(relief: Relief, rng: np.random.Generator, shot: Shot, *, has_hand: bool) -> None:
    plain, hard = (PISTOLS, HARD_PISTOLS) if shot.label == "pistol" else (PHONES, HARD_PHONES)
    table = hard if shot.is_hard else plain
    hand = Hand(rng, is_for_grip=shot.label == "pistol") if has_hand else None
    if hand is not None:
        hand.draw_behind(relief)
    table[shot.kind % len(table)](relief, rng)
    if hand is not None:
        hand.draw_front(relief)
