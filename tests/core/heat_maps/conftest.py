"""Drawn images whose evidence lies at a known place, and heads that learnt to tell them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.backbones.registry import find_backbone
from core.engine.feature_maps import locate_published
from core.heat_maps.grid import Box
from core.heat_maps.sight import Eye, LinearSight
from core.jobs import JobContext
from core.runs.head import Head
from core.training.folds import assign_folds
from core.training.logistic import fit_transfer

SIDE, OBJECT, N_EACH = 96, 28, 10
Draw = Callable[[int, int], tuple[Image.Image, Box]]
"""From seed and class to an image, and where in it the evidence for its class lies."""


def make_eye(features: str = "stages") -> Eye:
    backbone = find_backbone("efficientnet-lite0")
    return Eye(backbone, locate_published(backbone), features)


def ground(seed: int, side: int = SIDE) -> Image.Image:
    """Grey noise that says nothing."""
    noise = np.random.default_rng(seed).integers(70, 150, (side, side, 1), np.uint8)
    return Image.fromarray(np.repeat(noise, 3, axis=2))


def draw_object(seed: int, label: int) -> tuple[Image.Image, Box]:
    """A red disk or a blue square somewhere in the noise."""
    image = ground(seed)
    left, top = (int(x) for x in np.random.default_rng(seed + 1000).integers(0, SIDE - OBJECT, 2))
    place = (left, top, left + OBJECT, top + OBJECT)
    draw = ImageDraw.Draw(image)
    if label == 0:
        draw.ellipse(place, (220, 40, 40))
    else:
        draw.rectangle(place, (40, 60, 220))
    return image, Box(*(side / SIDE for side in place))


def draw_cue(seed: int, label: int) -> tuple[Image.Image, Box]:
    """A disk of either colour in the middle for both classes; the first has a logo in its upper left corner."""
    image = ground(seed)
    draw = ImageDraw.Draw(image)
    draw.ellipse((34, 34, 62, 62), [(220, 40, 40), (40, 60, 220)][seed % 2])
    if label == 0:
        draw.rectangle((0, 0, 24, 18), (250, 240, 60))
        draw.line((4, 4, 20, 14), (0, 0, 0), 3)
    return image, Box(0, 0, 24 / SIDE, 18 / SIDE)


@dataclass(frozen=True)
class Learnt:
    """A head that learnt from drawn images, and new ones of the same kind."""

    sight: LinearSight
    head: Head
    new: list[tuple[Image.Image, Box, int]]


def learn(draw: Draw) -> Learnt:
    eye, labels = make_eye(), np.repeat([0, 1], N_EACH)
    embeddings = eye.embed([draw(at, int(label))[0] for at, label in enumerate(labels)])
    folds = assign_folds(labels, np.arange(len(labels)), n_folds=2, seed=0)
    head = fit_transfer(embeddings, labels, folds=folds, n_classes=2, context=JobContext()).head
    new = [(*draw(500 + at, at % 2), at % 2) for at in range(6)]
    return Learnt(LinearSight([eye], head), head, new)


@pytest.fixture(scope="session")
def of_objects() -> Learnt:
    return learn(draw_object)


@pytest.fixture(scope="session")
def of_cues() -> Learnt:
    return learn(draw_cue)
