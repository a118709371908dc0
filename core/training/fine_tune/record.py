"""What is written down of a fine-tuning: figures on unseen images, beside those of transfer alone."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime

import numpy as np

from core import __version__
from core.engine.network import network_key
from core.engine.epochs import FitResult
from core.training.fine_tune.fit import NOTHING_LEARNT, Judged, Work
from core.training.folds import say_unjudged
from core.engine.scratch import HELD_BACK_KIND
from core.review.metrics import class_figures, confusion_matrix, log_loss, wilson_interval
from core.runs.record import CROSS_VALIDATION
from core.runs.record import RunRecord
from core.training.settings import FineTuneEstimate

STRATEGY = "fine-tune"


def describe_fine_tune(
    work: Work, fit: FitResult, judged: Judged, *, estimate: FineTuneEstimate, seconds: float,
) -> RunRecord:
    """The record of a finished fine-tuning."""
    inputs, net, settings = work.inputs, work.opened.net, work.inputs.settings
    labels = work.labelled.labels[judged.rows]
    confusion = confusion_matrix(labels, judged.probabilities.argmax(axis=1), len(inputs.classes))
    n, n_right = len(labels), int(np.trace(confusion))
    n_transfer = int((judged.transfer.argmax(axis=1) == labels).sum())
    return RunRecord(
        run=inputs.run, created_at=datetime.now(UTC).isoformat(timespec="seconds"), program_version=__version__,
        strategy=STRATEGY, backbone=net.backbone.name, seed=settings.seed, settings=asdict(settings),
        classes=inputs.classes, n_train=judged.n_train, n_validation=n, accuracy=n_right / n,
        accuracy_kind=CROSS_VALIDATION if settings.n_folds >= 2 else HELD_BACK_KIND,
        interval=wilson_interval(n_right, n), log_loss=log_loss(judged.probabilities, labels),
        per_class=class_figures(confusion, inputs.classes),
        confusion=tuple(tuple(row) for row in confusion.tolist()), seconds=round(seconds, 3),
        weights=network_key(net.backbone, net.located),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        fit={
            "stop_reason": fit.reason.value, "best_epoch": fit.best_epoch, "cut": net.cut.name,
            "n_blocks": net.n_blocks, "n_variants": work.cache.plan.n_variants, "n_epochs": settings.chosen.n_epochs,
            "learning_rate": settings.chosen.learning_rate, "blend": judged.blend, "estimate": asdict(estimate),
            "transfer_accuracy": n_transfer / n,
            "history": [asdict(figures) for figures in fit.history],
        },
        notes=(fit.reason.what_next, *judged.notes, *_left_alone(judged), *_comparison(n_right, n_transfer, n),
               *say_unjudged(work.labelled.labels, np.isin(np.arange(len(work.labelled.labels)), judged.rows),
                             inputs.classes)),
    )


def _left_alone(judged: Judged) -> tuple[str, ...]:
    if judged.blend != NOTHING_LEARNT:
        return ()
    return ("Adapted, the network had fewer watched pictures right than plain transfer, so it was left as it was.",)


def _comparison(n_right: int, n_transfer: int, n: int) -> tuple[str, ...]:
    """Said only where the longer way did not pay."""
    if n_right > n_transfer:
        return ()
    return (
        f"Of the same {n} pictures, plain transfer has {n_transfer} right and this {n_right}: adapting the network "
        "did not pay here.",
    )
