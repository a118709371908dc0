"""Zero-shot classification: what the backbone's own ImageNet classifier makes of each image, without training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.backbones.registry import DEFAULT
from core.settings import setting
from core.runs.record import UNTRAINED
from core.training.registry import Strategy


@dataclass(frozen=True, slots=True)
class ZeroShotSettings:
    """Settings of the strategy `zero-shot`.

    Attributes:
        own_map: For each class the ImageNet classes (0 … 999) that stand for it, instead of the suggested map.
    """

    backbone: str = setting(DEFAULT)
    least_nearness: float = setting(0.6, low=0.3, high=1, is_advanced=True)
    seed: int = setting(0, low=0, high=2**32 - 1,
                        is_advanced=True)
    own_map: Mapping[str, tuple[int, ...]] | None = None


ZERO_SHOT = Strategy(
    "zero-shot", ZeroShotSettings, "core.training.zero_shot:train_zero_shot",
    "core.training.zero_shot:predict_zero_shot", accuracy_kind=lambda settings: UNTRAINED, needs_labels=False,
)
