"""The input size of a fine-tuning: the network's own, or a smaller one where the images are no larger."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.backbones.backbone import Backbone
from core.backbones.registry import find_backbone
from core.errors import ImageUnreadable, InputError
from core.images.reading import read_rgb
from core.training.job import TrainJob
from core.training.write_run import UNLABELLED

SIDES_PX = (128, 160, 192)
"""Sides to choose from below the network's own; all are multiples of 32, by which a network shrinks its input."""

N_LOOKED_AT = 24
"""Images whose size is read."""


def sized_backbone(job: TrainJob) -> Backbone:
    """The backbone with the input size that a training uses: the one asked for, or one that fits the images.

    An image that is enlarged costs time and shows nothing more: of photographs of 128 pixels, networks learn as much
    at 128 as at 224, in a third of the time.

    Raises:
        InputError: The network takes images of its own size alone, and another was asked for.
    """
    backbone, asked = find_backbone(job.settings.backbone), job.settings.side_px
    if asked and asked != backbone.side_px and not backbone.takes_any_side:
        raise InputError("training.side_is_fixed", backbone=backbone.name, side=backbone.side_px)
    if not backbone.takes_any_side:
        return backbone
    return replace(backbone, side_px=asked or fitting_side(job, backbone.side_px))


def fitting_side(job: TrainJob, most_px: int) -> int:
    """The smallest of `SIDES_PX` that does not shrink the usual labelled image, at most the network's own side."""
    labelled = [image for image, label in zip(job.images, job.labels, strict=False) if label != UNLABELLED]
    sides = []
    for at in np.linspace(0, len(labelled) - 1, min(N_LOOKED_AT, len(labelled))).astype(int):
        try:
            sides.append(min(read_rgb(labelled[at].path, labelled[at].content_hash, side_px=most_px).size))
        except ImageUnreadable:
            continue  # it is listed as skipped when it is read for training
    usual = np.median(sides) if sides else most_px
    return next((side for side in SIDES_PX if usual <= side < most_px), most_px)
