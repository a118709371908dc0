"""How long trainings took or would take on this computer, by their settings: what an estimate can say at once.

A training by epochs keeps its time when it has measured the speed of its network, and so does the job `time-training`
that somebody asked for. Nothing is measured here.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from core.files.machine_times import keep_time, read_time
from core.training.registry import strategy_of

NO_COST = frozenset({
    "seed", "groups", "class_weights", "has_class_weights", "label_smoothing", "mixup", "rate_decay",
    "learning_rate", "schedule", "warm_up_epochs", "patience", "start_from", "keeps_cache",
})
"""Settings that a training does not take longer or shorter for, or only if it stops early."""

START_S = 6.0
"""To open the network, to begin and to write the run."""

OTHER_SHARE = 0.05
"""What an image costs that is only predicted, beside one that is learnt from for some epochs."""


def cost_key(settings: Any) -> str:
    """Names what the time of a training depends on, but for the images and the computer."""
    kept = {name: value for name, value in asdict(settings).items() if name not in NO_COST}
    digest = hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()[:16]
    return f"{strategy_of(settings).name} {digest}"


def keep_seconds(settings: Any, *, n_labels: int, n_others: int, seconds: float) -> None:
    """Keep how long a training takes at most.

    Args:
        settings: Of the training.
        n_labels: Images that it learns from or is judged by, at least 1.
        n_others: Images that it only predicts.
        seconds: At most; finite, above 0.
    """
    keep_time(f"training {cost_key(settings)}", {"seconds": round(seconds, 2), "size": _size(n_labels, n_others)})


def known_seconds(settings: Any, *, n_labels: int, n_others: int) -> float | None:
    """How long a training takes at most, in proportion to one that was timed; None where none was."""
    try:
        found = read_time(f"training {cost_key(settings)}")
        seconds, size = float(found["seconds"]), float(found["size"])
    except (TypeError, KeyError, ValueError):
        return None
    return seconds * _size(n_labels, n_others) / size if size > 0 and 0 < seconds < 1e9 else None


def _size(n_labels: int, n_others: int) -> float:
    return n_labels + OTHER_SHARE * n_others
