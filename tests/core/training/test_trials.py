"""What is tried before a training: the size of the steps, and how long it will take."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.lr_finder import read_curve
from core.errors import InputError, TrainingDataError, WeightsError
from core.jobs import JobCancelled
from core.tasks import run_here
from core.training.strategies.fine_tune import FINE_TUNE, FINE_TUNE_EFFORTS, FineTuneSettings
from core.training.strategies.scratch import SCRATCH, ScratchSettings
from core.training.trials import FindRateInput, TimeTrainingInput, say_duration
from core.types import ImageRef
from tests.conftest import RecordingContext, draw_picture

SMALL = ScratchSettings(network="lenet", width_px=16, height_px=16, batch_size=8)


@pytest.fixture
def inputs(tmp_path: Path) -> FindRateInput:
    """Twenty drawn pictures and one that is gone."""
    images = []
    for i in range(20):
        path = tmp_path / f"{i}.png"
        draw_picture(i, "red" if i % 2 else "blue").save(path)
        images.append(ImageRef(i, path, hashlib.sha256(path.read_bytes()).digest()))
    images.append(ImageRef(99, tmp_path / "gone.png", b"\0" * 32))
    return FindRateInput(tuple(images), (*(i % 2 for i in range(20)), 0), 2, SMALL)


def test_rising_steps_give_a_curve_and_an_advice(inputs: FindRateInput, recording_context: RecordingContext) -> None:
    found = run_here("find-learning-rate", inputs, recording_context)
    assert len(found.rates) == len(found.losses) > 20 and list(found.rates) == sorted(found.rates)
    assert all(math.isfinite(loss) for loss in found.losses)
    assert found.suggested == float(f"{found.rates[found.losses.index(min(found.losses))] / 10:.0e}")
    assert found.rates[0] <= found.steepest <= found.rates[-1]
    assert recording_context.last.done == recording_context.last.total
    assert run_here("find-learning-rate", inputs) == found


def test_trying_ends_when_cancelled_and_explains_bad_input(inputs: FindRateInput) -> None:
    with pytest.raises(JobCancelled):
        run_here("find-learning-rate", inputs, RecordingContext(cancel_after=5))
    with pytest.raises(TrainingDataError, match="can be read"):
        run_here("find-learning-rate", FindRateInput(inputs.images[-1:], (0,), 2, SMALL))
    with pytest.raises(InputError, match="batch_size"):
        run_here("find-learning-rate", FindRateInput(inputs.images, inputs.labels, 2, ScratchSettings(batch_size=0)))


def test_a_curve_is_read_where_it_falls_and_where_it_is_least() -> None:
    rates = [10.0 ** (-6 + i / 2) for i in range(12)]
    losses = [1.0, 1.0, 1.0, 0.98, 0.9, 0.6, 0.4, 0.35, 0.33, 0.5, 2.0, 9.0]
    found = read_curve(rates, losses)
    assert found.suggested == 0.001
    assert rates[4] <= found.steepest <= rates[6]
    with pytest.raises(TrainingDataError, match="grew at once"):
        read_curve(rates[:3], losses[:3])


def test_more_epochs_more_folds_and_larger_networks_take_longer() -> None:
    def seconds(*candidates: ScratchSettings, n_labels: int = 4_000) -> tuple[float, ...]:
        found: tuple[float, ...] = run_here("time-training", TimeTrainingInput(candidates, n_labels, 2))
        return found

    short, long, folds = seconds(
        SMALL, ScratchSettings(network="lenet", width_px=64, height_px=64, n_epochs=80, batch_size=8),
        ScratchSettings(network="lenet", width_px=64, height_px=64, n_epochs=80, batch_size=8, n_folds=5),
    )
    assert 0 < short < long < folds
    with pytest.raises(JobCancelled):
        run_here("time-training", TimeTrainingInput((SMALL,), 20, 2), RecordingContext(cancel_after=2))


@pytest.mark.long
def test_a_fine_tuning_is_timed_with_its_views_and_its_last_training() -> None:
    small = FineTuneSettings(n_blocks=1, n_variants=1, n_epochs=1, batch_size=8)
    candidates = (small, replace(small, n_variants=12, n_epochs=60))
    short, long = run_here("time-training", TimeTrainingInput(candidates, 500, 2, n_others=10))
    assert 0 < short < long / 3
    with pytest.raises(WeightsError):
        run_here("time-training", TimeTrainingInput((replace(small, backbone="resnet50"),), 20, 2))


def test_each_effort_of_a_fine_tuning_is_a_preset() -> None:
    own = FineTuneSettings(n_blocks=3, seed=4, backbone="efficientnet-lite1")
    assert FINE_TUNE.preset_of(own) == "" and FINE_TUNE.preset_of(FineTuneSettings()) == "good"
    for name in FINE_TUNE.presets:
        applied = FINE_TUNE.apply_preset(own, name)
        assert FINE_TUNE.preset_of(applied) == name and (applied.seed, applied.backbone) == (4, "efficientnet-lite1")
        assert applied.chosen == FINE_TUNE_EFFORTS[name]


@pytest.mark.parametrize("name", list(SCRATCH.presets))
def test_presets_keep_what_they_do_not_speak_of(name: str) -> None:
    own = ScratchSettings(noise_filter="median", seed=4, fit="crop")
    applied = SCRATCH.apply_preset(own, name)
    assert SCRATCH.preset_of(applied) == name
    assert (applied.noise_filter, applied.seed, applied.fit) == ("median", 4, "crop")
    assert SCRATCH.preset_of(ScratchSettings()) == "good" and SCRATCH.preset_of(ScratchSettings(n_epochs=7)) == ""


def test_durations_are_no_more_exact_than_an_estimate() -> None:
    said = [str(say_duration(s)) for s in (1, 42, 56, 170, 5000)]
    assert said == ["about 5 s", "about 40 s", "about 1 min", "about 3 min", "about 1.4 h"]
