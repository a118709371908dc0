"""Transfer learning: a linear head on the embeddings of a pretrained backbone."""

from __future__ import annotations

from dataclasses import dataclass

from core.backbones.registry import DEFAULT
from core.settings import setting
from core.runs.record import CROSS_VALIDATION
from core.training.registry import Strategy

AUTO, DUPLICATES, SAME_FILE = "auto", "duplicates", "same file"
FOLDER, SERIES, TIME, NEAR = "folder", "series", "time", "near duplicates"
"""Which images are never split between learning and judging; see `core.training.groups`. “same file” is the least:
copies of one file."""

TABLE = "table"
"""The source of groups where the setting `group_table` names a table (FILE:COLUMN)."""

FEATURES = ("final", "stages", "two views", "six views", "tiles")
"""What of a backbone a head learns from: the features that its own classifier sees; these and the means over the
outputs of its stages; the same of the whole image and of its centre, averaged; of these and of its four corners; of
the whole image and, beside it, the largest of nine tiles that show it 2.5 times finer."""


@dataclass(frozen=True, slots=True)
class TransferSettings:
    """Settings of the strategy `transfer`."""

    backbone: str = setting(DEFAULT)
    seed: int = setting(0, low=0, high=2**32 - 1)
    n_folds: int = setting(5, low=2, high=20, is_advanced=True)
    n_repeats: int = setting(1, low=1, high=100, is_advanced=True)
    groups: str = setting(AUTO, choices=(AUTO, DUPLICATES, FOLDER, SERIES, TIME, NEAR, SAME_FILE), is_advanced=True)
    group_table: str = setting("", is_advanced=True)
    features: str = setting("stages", choices=FEATURES)
    class_weights: str = setting("auto", choices=("auto", "none", "balanced"), is_advanced=True)


TRANSFER = Strategy(
    "transfer", TransferSettings, "core.training.transfer:train_transfer", "core.training.transfer:predict_transfer",
    accuracy_kind=lambda settings: CROSS_VALIDATION, takes_seconds=True,
)
