"""Ensemble: soft voting of several heads, each on the embeddings of a pretrained backbone of its own."""

from __future__ import annotations

from dataclasses import dataclass

from core.runs.record import CROSS_VALIDATION
from core.settings import same_as, setting
from core.training.registry import Strategy
from core.training.strategies.transfer import TransferSettings

WAYS = ("weights", "updated", "greedy", "equal")
"""How members are combined: weights fitted by log loss, weights updated by what is hard, greedy selection, or all
alike."""


@dataclass(frozen=True, slots=True)
class EnsembleSettings:
    """Settings of the strategy `ensemble`.

    Attributes:
        runs: Ids of finished runs with commas between them, instead of backbones; empty for backbones.
        members: Names of backbones with commas between them, two or more.
        voting: How the members are combined, one of `WAYS`.
    """

    runs: str = setting("", is_advanced=True)
    members: str = setting("efficientnet-lite0, efficientnet-lite1, efficientnet-lite2")
    voting: str = setting("weights", choices=WAYS)
    seed: int = same_as(TransferSettings, "seed")
    n_folds: int = same_as(TransferSettings, "n_folds")
    n_repeats: int = same_as(TransferSettings, "n_repeats")
    groups: str = same_as(TransferSettings, "groups")
    group_table: str = same_as(TransferSettings, "group_table")
    features: str = same_as(TransferSettings, "features")
    class_weights: str = same_as(TransferSettings, "class_weights")

    @property
    def backbones(self) -> tuple[str, ...]:
        """The members, each once."""
        return _listed(self.members)

    @property
    def run_ids(self) -> tuple[str, ...]:
        """The runs that are members, each once."""
        return _listed(self.runs)


def _listed(names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))


ENSEMBLE = Strategy(
    "ensemble", EnsembleSettings, "core.training.train_ensemble:train_ensemble",
    "core.training.train_ensemble:predict_ensemble", accuracy_kind=lambda settings: CROSS_VALIDATION,
    takes_seconds=True, counts="models",
)
