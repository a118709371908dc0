"""Opens the model of a run to see how it sees: the right `Sight` for each strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from core.backbones.registry import JOINED_BY, find_backbone
from core.engine.feature_maps import locate_published
from core.engine.network import network_key
from core.errors import RunError
from core.heat_maps.sight import Eye, LinearSight, ReorderedSight, Sight, WeightedSight, ZeroShotSight
from core.runs.head import Head
from core.runs.record import RunRecord
from core.runs.repository import read_run, read_run_head
from core.training.auto import Candidate

KEPT_RUNS = 4


def open_sight(folder: Path, record: RunRecord) -> Sight:
    """The model of a run; opened once in a process, as long as the run is the same.

    Raises:
        RunError: A file of the run is missing or damaged, or a backbone's weights are others now.
        InputError: It was trained by a strategy that has no heat maps.
        WeightsError: The weights of a backbone cannot be had.
        EngineError: A network could not be compiled.
    """
    return _open(folder, record.created_at)


@lru_cache(maxsize=KEPT_RUNS)
def _open(folder: Path, created_at: str) -> Sight:
    record = read_run(folder)
    opener = _OPENERS.get(record.strategy)
    if opener is None:
        raise RunError("heat.no_maps_of_strategy", run=record.run, strategy=record.strategy)
    return opener(folder, record)


def _transfer(folder: Path, record: RunRecord) -> Sight:
    candidate = Candidate((record.backbone,), str(record.settings.get("features", "final")))
    return _linear(folder, record, candidate, read_run_head(folder, record))


def _auto(folder: Path, record: RunRecord) -> Sight:
    candidate = Candidate(tuple(record.fit["backbones"]), str(record.fit["features"]))
    return _linear(folder, record, candidate, read_run_head(folder, record))


def _linear(folder: Path, record: RunRecord, candidate: Candidate, head: Head) -> Sight:
    eyes = [_eye(folder, record.weights, name, candidate.features) for name in candidate.backbones]
    # the tiles stand beside the whole image
    n_features = sum(eye.n_features for eye in eyes) * (2 if candidate.features == "tiles" else 1)
    if len(head.kernel) != n_features:
        raise RunError("training.other_embeddings", run=record.run, n_expected=len(head.kernel), n_given=n_features,
                       backbone=JOINED_BY.join(candidate.backbones))
    return LinearSight(eyes, head)


def _eye(folder: Path, known: str, name: str, features: str) -> Eye:
    """A backbone with the weights that a run was trained on.

    Args:
        known: Keys of the embeddings that it was trained on.
    """
    backbone = find_backbone(name)
    located = locate_published(backbone)
    if known and network_key(backbone, located) not in known:
        raise RunError("training.other_backbone_weights", folder=folder, backbone=name)
    return Eye(backbone, located, features)


def _ensemble(folder: Path, record: RunRecord) -> Sight:
    from core.training.ensemble_files import read_voters
    from core.training.ensemble_of_runs import is_of_runs, read_members

    if is_of_runs(folder):
        return _of_runs(record, read_members(folder))
    features = str(record.settings.get("features", "final"))
    return WeightedSight([
        (_linear(folder, record, Candidate((voter.backbone,), features), voter.head), voter.weight)
        for voter in read_voters(folder, len(record.classes))])


def _of_runs(record: RunRecord, members: tuple[tuple[Path, float], ...]) -> Sight:
    found: list[tuple[Sight, float]] = []
    for folder, weight in members:
        member = read_run(folder)
        order = [member.classes.index(name) for name in record.classes]
        found.append((ReorderedSight(open_sight(folder, member), order), weight))
    return WeightedSight(found)


def _zero_shot(folder: Path, record: RunRecord) -> Sight:
    from core.training.zero_shot import read_zero_shot_run

    classifier, class_map = read_zero_shot_run(folder)
    return ZeroShotSight(_eye(folder, record.weights, record.backbone, "final"), classifier, class_map)


def _scratch(folder: Path, record: RunRecord) -> Sight:
    from core.heat_maps.networks import read_scratch_sight

    return read_scratch_sight(folder)


def _fine_tune(folder: Path, record: RunRecord) -> Sight:
    from core.engine.adapted import read_adapted_plan
    from core.heat_maps.networks import read_adapted_sight
    from core.training.fine_tune.companion import FEATURES, read_companion

    plan = read_adapted_plan(folder)
    head, network = read_companion(folder, plan), read_adapted_sight(folder)
    if head is None:
        return network
    eyes = [_eye(folder, plan.companion, name, FEATURES.features) for name in FEATURES.backbones]
    return WeightedSight([(network, 0.5), (LinearSight(eyes, head), 0.5)])


_OPENERS: Mapping[str, Callable[[Path, RunRecord], Sight]] = {
    "transfer": _transfer, "auto": _auto, "ensemble": _ensemble, "zero-shot": _zero_shot, "scratch": _scratch,
    "fine-tune": _fine_tune,
}
