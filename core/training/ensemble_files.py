"""Files of an ensemble: the heads and weights of the members in its run, and the members done of an unfinished one.

    ensemble.json            backbone, key of the embeddings and weight of each member
    member-1.weights.h5 …    their heads, in that order

While it trains, `progress.npz` of the unfinished training (see `core.training.unfinished`) has the members that are
done, so that a training that goes on fits none of them anew.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import RunError
from core.files.foreign import parse_json, read_json
from core.files.plain import from_plain
from core.files.stored_arrays import open_arrays
from core.files.writing import write_arrays, write_json
from core.runs.head import Head, read_head, write_head
from core.runs.sums import require_sound
from core.training.unfinished import PROGRESS_NAME

ENSEMBLE_NAME = "ensemble.json"
FORMAT = 1
MOST_MEMBERS = 100
"""More are damage."""


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What was chosen for a member while it was trained.

    Attributes:
        backbone: Name of its network.
        key: Fingerprint of the network's weights and of how images are prepared.
        strength: C of its head.
        fold_strengths: C with which each fold was judged.
        is_weighted: Whether images of small classes counted more.
    """

    backbone: str
    key: str
    strength: float
    fold_strengths: tuple[float, ...]
    is_weighted: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A member that is trained.

    Attributes:
        probabilities: Out of fold, (n_images, n_classes) float32, rows sum to 1; NaN for images in no fold.
        head: Fitted on all images.
    """

    facts: MemberFacts
    probabilities: NDArray[np.float32]
    head: Head

    @property
    def name(self) -> str:
        """What it is called in sentences."""
        return self.facts.backbone

    @property
    def not_better(self) -> str:
        """See `core.training.ensemble_outcome.Judged`."""
        return "not_better"

    def to_json(self) -> Mapping[str, Any]:
        """As `run.json` keeps it."""
        return {**asdict(self.facts), "fold_strengths": list(self.facts.fold_strengths),
                "n_features": len(self.head.kernel)}


@dataclass(frozen=True, slots=True)
class Voter:
    """A member as it predicts.

    Attributes:
        weight: Of its vote, 0 … 1.
    """

    backbone: str
    weight: float
    head: Head


def write_voters(folder: Path, members: Sequence[Member], weights: Sequence[float]) -> None:
    """Put the members into the folder of a run.

    Raises:
        StorageError: The disk is full or fails.
    """
    write_json(folder / ENSEMBLE_NAME, {"format": FORMAT, "members": [
        {"backbone": member.facts.backbone, "key": member.facts.key, "weight": float(weight)}
        for member, weight in zip(members, weights, strict=True)
    ]})
    for at, member in enumerate(members):
        write_head(folder / _head_name(at), member.head)


def read_voters(folder: Path, n_classes: int) -> tuple[Voter, ...]:
    """The members of a run that have a weight.

    Raises:
        RunError: A file is missing or damaged, or they do not belong together.
    """
    path = folder / ENSEMBLE_NAME
    require_sound(path)
    try:
        stored = read_json(path)
        if stored["format"] > FORMAT:
            raise RunError("runs.record_too_new", path=path)
        found = [(_text(one["backbone"]), _share(one["weight"])) for one in stored["members"][:MOST_MEMBERS]]
        if not math.isclose(sum(weight for _, weight in found), 1, abs_tol=1e-6):
            raise ValueError("expected weights of sum 1")
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise RunError("training.ensemble_unreadable", path=path) from error
    return tuple(
        Voter(name, weight, _read_head(folder / _head_name(at), n_classes))
        for at, (name, weight) in enumerate(found) if weight
    )


def keep_done(working: Path, members: Sequence[Member], data: str) -> None:
    """Keep the members that are done in the folder of an unfinished training.

    Args:
        data: Says what they were trained on; see `read_done`.

    Raises:
        StorageError: The disk is full or fails.
    """
    stored = json.dumps({"format": FORMAT, "data": data, "history": [asdict(one.facts) for one in members]})
    arrays: dict[str, NDArray[Any]] = {"text": np.frombuffer(stored.encode(), np.uint8)}
    for at, one in enumerate(members):
        arrays |= {f"said_{at}": one.probabilities, f"kernel_{at}": one.head.kernel, f"bias_{at}": one.head.bias}
    write_arrays(working / PROGRESS_NAME, **arrays)


def read_done(working: Path, data: str) -> Mapping[str, Member]:
    """Members that are done, by the key of their embeddings; none where the file is missing or damaged.

    Args:
        data: Of images, labels and folds; members of any other are trained anew.
    """
    try:
        with open_arrays(working / PROGRESS_NAME) as file:
            stored = parse_json(file["text"].tobytes().decode())
            if stored["format"] != FORMAT or stored["data"] != data:
                return {}
            return {
                facts.key: Member(facts, file[f"said_{at}"], Head(file[f"kernel_{at}"], file[f"bias_{at}"]))
                for at, facts in enumerate(from_plain(MemberFacts, one) for one in stored["history"])
            }
    except (OSError, KeyError, ValueError, TypeError, AttributeError):
        return {}


def _head_name(at: int) -> str:
    return f"member-{at + 1}.weights.h5"


def _read_head(path: Path, n_classes: int) -> Head:
    require_sound(path)
    head = read_head(path)
    if len(head.bias) != n_classes:
        raise RunError("training.ensemble_unreadable", path=path)
    return head


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a name, received {value!r}")
    return value


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"expected a weight from 0 to 1, received {value!r}")
    return float(value)
