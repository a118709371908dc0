"""What a training advises: more of something, unless every image that was held out is classified correctly."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from core.runs.head import Head
from core.runs.repository import read_run
from core.training.job import TrainJob
from core.training.settings import NOTHING_TO_GAIN, StopReason
from core.training.strategies.transfer import TransferSettings
from core.training.write_run import Trained, write_trained
from core.types import ImageRef


@pytest.mark.parametrize("reason", [StopReason.NO_IMPROVEMENT, StopReason.COMPLETED, StopReason.STOPPED])
@pytest.mark.parametrize("is_perfect", [True, False])
def test_a_perfect_score_is_no_reason_for_more_labels(tmp_path: Path, reason: StopReason, is_perfect: bool) -> None:
    images = tuple(ImageRef(i, Path(f"/{i}.png"), hashlib.sha256(bytes([i])).digest()) for i in range(20))
    labels = np.arange(20) % 2
    said = np.full((20, 2), 0.1, np.float32)
    said[np.arange(20), labels] = 0.9
    if not is_perfect:
        said[0] = (0.1, 0.9)
    job = TrainJob(
        run="r", folder=tmp_path / "r", strategy="transfer", settings=TransferSettings(), images=images,
        labels=tuple(labels.tolist()), classes=("a", "b"), class_ids=(1, 2),
        embeddings=tmp_path)
    head = Head(np.zeros((3, 2), np.float32), np.zeros(2, np.float32))
    write_trained(job, Trained(
        "none", ("a", "b"), 20, head, images, labels, np.arange(20), said, (), np.empty((0, 2), np.float32),
        notes=(reason.what_next,)), started=0.0)
    is_vain = is_perfect and reason is not StopReason.STOPPED
    assert read_run(job.folder).notes == (NOTHING_TO_GAIN if is_vain else reason.what_next,)
