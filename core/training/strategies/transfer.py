"""Transfer learning: a linear head on the embeddings of a pretrained backbone."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings import setting
from core.runs.record import CROSS_VALIDATION
from core.training.strategy import Strategy


@dataclass(frozen=True, slots=True)
class TransferSettings:
    """Settings of the strategy `transfer`."""

    backbone: str = setting("efficientnet-lite0", "The pretrained network that describes each picture.")
    seed: int = setting(0, "Start of the random numbers; the same seed gives the same result.", low=0, high=2**32 - 1)
    n_folds: int = setting(
        5, "In how many parts the labels are cut so that each picture is judged by a model that did not see it.",
        low=2, high=20, is_advanced=True,
    )
    twins: str = setting(
        "same picture",
        "Which pictures are never parted between learning and judging: copies of one file, also other versions "
        "of one picture, or also pictures that look nearly alike. What goes beyond copies takes a health check.",
        choices=("same file", "same picture", "near twin"), is_advanced=True,
    )
    class_weights: str = setting(
        "auto",
        "Whether images of small classes count more, so that all classes count alike: where that helps on images "
        "held back (auto), never (none), or always (balanced).",
        choices=("auto", "none", "balanced"), is_advanced=True,
    )


TRANSFER = Strategy(
    "transfer", TransferSettings, "core.training.transfer:train_transfer", "core.training.transfer:predict_transfer",
    accuracy_kind=lambda settings: CROSS_VALIDATION,
)
