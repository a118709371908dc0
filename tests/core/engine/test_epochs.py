"""Training by epochs: learns, stops for each reason, ends within one batch, keeps weights whole."""

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from core.engine.augment import build_augmenter
from core.engine.scratch_nets import build_scratch_net
from core.training.labelled import shuffled_batches
from core.engine.checkpoints import BEST, LAST, save_weights
from core.training.class_weights import class_weights
from core.engine.epochs import (
    EpochData, FitResult, WholeTrainer, cosine_rate, fit_epochs, logits_function, plateau_rate, predict_probabilities,
    warm_up_rate,
)
from core.errors import EngineError, InputError, RunError, StorageError
from core.jobs import JobCancelled, JobContext
from core.training.settings import AUGMENT_PRESETS, EpochFigures, EpochSettings, StopReason
from tests.conftest import RecordingContext
from tests.full_disk import files_of_at_most

QUICK = EpochSettings(n_epochs=4, batch_size=8, learning_rate=3e-3)


def drawn(n: int, seed: int, side: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Noisy pictures; class 1 is brighter on the left half."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    pixels = rng.integers(60, 120, (n, side, side, 3))
    pixels[labels == 1, :, : side // 2] += 90
    return pixels.astype(np.uint8), labels


@pytest.fixture
def data() -> EpochData:
    return EpochData(*drawn(40, 0), *drawn(12, 1), n_classes=2)


def small_net(seed: int = 0) -> keras.Model:
    """Traced in a moment; the real networks have a test of their own."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    return keras.Sequential([
        keras.Input((10, 10, 3)), layers.Rescaling(1 / 127.5, offset=-1.0), layers.Conv2D(6, 3, activation="relu"),
        layers.Flatten(), layers.Dropout(0.2), layers.Dense(2, name="logits"),
    ])


def fit(
    data: EpochData, folder: Path, context: JobContext, settings: EpochSettings = QUICK,
    augmenter: keras.Layer | None = None,
) -> tuple[keras.Model, FitResult]:
    net = small_net(settings.seed)
    return net, fit_epochs(net, data, settings=settings, folder=folder, context=context,
                           trainer=WholeTrainer(net, settings, augmenter))


def test_learns_and_tells_every_epoch(data: EpochData, tmp_path: Path, recording_context: RecordingContext) -> None:
    net, result = fit(data, tmp_path, recording_context)
    assert result.reason is StopReason.COMPLETED
    assert recording_context.events == list(result.history)
    assert [f.epoch for f in result.history] == [1, 2, 3, 4]
    assert result.history[result.best_epoch - 1].val_accuracy == 1.0
    assert all(f.seconds > 0 and f.seconds_left >= 0 for f in result.history)
    assert result.history[0].loss > result.history[-1].loss
    assert recording_context.last.done == recording_context.last.total == 4
    assert recording_context.last.unit == "epochs"


def test_the_net_ends_with_the_best_weights(data: EpochData, tmp_path: Path) -> None:
    settings = EpochSettings(n_epochs=6, batch_size=8, learning_rate=0.05, schedule="constant", patience=0)
    net, result = fit(data, tmp_path, JobContext(), settings)
    of_label = predict_probabilities(logits_function(net), data.val_pixels)[np.arange(12), data.val_labels]
    best = result.history[result.best_epoch - 1]
    assert best.is_best
    assert float(-np.log(np.maximum(of_label, 1e-7)).mean()) == pytest.approx(best.val_loss, abs=1e-5)
    last = small_net()
    last.load_weights(tmp_path / LAST)
    assert best.epoch == 6 or any((a != b).any() for a, b in zip(net.get_weights(), last.get_weights(), strict=True))


def test_same_seed_gives_bit_equal_weights(data: EpochData, tmp_path: Path) -> None:
    def train(seed: int) -> list[np.ndarray]:
        settings = EpochSettings(n_epochs=2, batch_size=8, seed=seed)
        augmenter = build_augmenter(AUGMENT_PRESETS["strong"], seed)
        net, _ = fit(data, tmp_path, JobContext(), settings, augmenter=augmenter)
        return net.get_weights()

    first, again, other = train(5), train(5), train(6)
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


def test_stops_without_improvement_and_says_so(data: EpochData, tmp_path: Path) -> None:
    """Validation labels that contradict the training get worse with every epoch."""
    contrary = EpochData(data.pixels, data.labels, data.val_pixels, 1 - data.val_labels, 2)
    settings = EpochSettings(n_epochs=50, batch_size=8, learning_rate=3e-3, patience=3)
    _, result = fit(contrary, tmp_path, JobContext(), settings)
    assert result.reason is StopReason.NO_IMPROVEMENT
    assert len(result.history) == result.best_epoch + 3 < 50
    assert result.reason.what_next


def test_cancelled_before_an_epoch_raises(data: EpochData, tmp_path: Path) -> None:
    context = RecordingContext(cancel_after=2)
    with pytest.raises(JobCancelled):
        fit(data, tmp_path, context)
    assert context.n_checks == 3
    assert context.events == []


def test_cancelled_later_ends_within_one_batch_and_keeps_whole_epochs(data: EpochData, tmp_path: Path) -> None:
    """An epoch asks seven times: five batches, one validation batch, one event."""
    context = RecordingContext(cancel_after=2 * 7 + 3)
    net, result = fit(data, tmp_path, context, EpochSettings(n_epochs=50, batch_size=8, patience=0))
    assert result.reason is StopReason.STOPPED
    assert context.n_checks == 2 * 7 + 4
    assert len(result.history) == len(context.events) == 2
    assert (tmp_path / BEST).is_file()


def test_a_loss_that_is_no_number_is_explained_after_one_batch(
    data: EpochData, tmp_path: Path, recording_context: RecordingContext,
) -> None:
    settings = EpochSettings(n_epochs=3, batch_size=8, learning_rate=1.0)
    net = small_net()
    net.get_layer("logits").bias.assign([np.nan, 0.0])
    with pytest.raises(RunError, match="no longer a number") as caught:
        fit_epochs(net, data, settings=settings, folder=tmp_path, context=recording_context,
                   trainer=WholeTrainer(net, settings, None))
    assert "learning rate" in caught.value.hint
    assert recording_context.n_checks == 1
    assert not (tmp_path / BEST).exists()


class _Spoiler(JobContext):
    """Spoils a weight once two epochs are complete."""

    def __init__(self, net: keras.Model) -> None:
        super().__init__(on_publish=self._on_event)
        self.net = net

    def _on_event(self, event: object) -> None:
        if isinstance(event, EpochFigures) and event.epoch == 2:
            self.net.get_layer("logits").bias.assign([np.nan, 0.0])


def test_not_finite_later_keeps_the_best_epoch(data: EpochData, tmp_path: Path) -> None:
    net = small_net()
    result = fit_epochs(net, data, settings=QUICK, folder=tmp_path, context=_Spoiler(net),
                        trainer=WholeTrainer(net, QUICK, None))
    assert result.reason is StopReason.NOT_FINITE
    assert len(result.history) == 2
    assert all(np.isfinite(w).all() for w in net.get_weights())


class _Hungry(keras.Layer):
    """Asks for more memory than there is, once called in training."""

    def call(self, images: object, training: bool = False) -> object:
        return images + keras.ops.mean(keras.random.uniform((2**22, 2**22))) if training else images


def test_out_of_memory_is_explained(data: EpochData, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="not enough memory") as caught:
        fit(data, tmp_path, JobContext(), augmenter=_Hungry())
    assert "smaller batch" in caught.value.hint


def test_a_full_disk_is_explained_and_the_last_weights_stay(tmp_path: Path) -> None:
    """A limit on the size of files fails the write as a full disk does."""
    net, path = small_net(), tmp_path / LAST
    save_weights(net, path)
    before = path.read_bytes()
    with files_of_at_most(20_000), pytest.raises(StorageError) as caught:
        save_weights(small_net(1), path)
    assert caught.value.message.code == "files.disk_is_full"
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [LAST]


WRITER = """
import sys
from pathlib import Path
from core.engine.augment import build_augmenter
from core.engine.scratch_nets import build_scratch_net
from core.engine.checkpoints import save_weights
net, path = build_scratch_net("lenet", (24, 24, 3), 2, seed=0), Path(sys.argv[1])
save_weights(net, path)
print("ready", flush=True)
while True:
    save_weights(net, path)
"""


@pytest.mark.long
def test_a_kill_while_writing_leaves_whole_weights(tmp_path: Path) -> None:
    path = tmp_path / BEST
    root = Path(__file__).resolve().parents[3]
    for attempt in range(3):
        child = subprocess.Popen([sys.executable, "-c", WRITER, path], cwd=root, stdout=subprocess.PIPE)
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
        written = path.stat().st_mtime_ns
        while path.stat().st_mtime_ns == written:
            time.sleep(0.001 * (attempt + 1))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        net = build_scratch_net("lenet", (24, 24, 3), 2, seed=1)
        net.load_weights(path)


def test_settings_out_of_range_are_refused(data: EpochData, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="learning_rate"):
        fit(data, tmp_path, JobContext(), EpochSettings(learning_rate=-1.0))


def test_schedules() -> None:
    assert cosine_rate(1.0, 0.0) == 1.0
    assert cosine_rate(1.0, 0.5) == pytest.approx(0.505)
    assert cosine_rate(1.0, 1.0) == pytest.approx(0.01)
    best, stalled = (EpochFigures(1, 9, 1, 1, 1, 1, 1, 1, 1, is_best=b) for b in (True, False))
    assert (warm_up_rate(2.0, 0.0), warm_up_rate(2.0, 0.5), warm_up_rate(2.0, 3.0)) == (0.02, 1.0, 2.0)
    assert plateau_rate(1.0, [best, stalled, stalled, stalled]) == 1.0
    assert plateau_rate(1.0, [best] + [stalled] * 4) == 0.5
    assert plateau_rate(1.0, [best] + [stalled] * 3 + [best] + [stalled] * 8) == 0.25
    assert plateau_rate(1.0, [stalled] * 400) == 0.01


def test_batches_cover_all_once_and_none_is_tiny() -> None:
    for n in (1, 31, 32, 33, 65, 100):
        batches = list(shuffled_batches(n, 32, seed=0, epoch=1))
        assert sorted(np.concatenate(batches)) == list(range(n))
        assert max(map(len, batches)) <= 32 and max(map(len, batches)) - min(map(len, batches)) <= 1
    first, second = (np.concatenate(list(shuffled_batches(50, 8, seed=0, epoch=e))) for e in (1, 2))
    assert (first != second).any()


def test_class_weights_level_the_classes() -> None:
    labels = np.repeat([0, 1], [90, 10])
    weights = class_weights(labels, 3)
    assert weights[0] * 90 == pytest.approx(weights[1] * 10)
    assert weights[labels].mean() == pytest.approx(1.0)
    assert math.isfinite(weights[2])


def test_class_weights_change_what_is_learnt(tmp_path: Path) -> None:
    """Indistinguishable pictures, nine of ten in class 0: unweighted, class 0 gets nearly all probability."""
    pixels = np.full((40, 10, 10, 3), 90, np.uint8)
    labels = np.repeat([0, 1], [36, 4])
    data = EpochData(pixels, labels, pixels, labels, 2)
    for has_weights, low, high in ((True, 0.3, 0.7), (False, 0.75, 1.0)):
        settings = EpochSettings(
            n_epochs=12, batch_size=8, learning_rate=3e-3, has_class_weights=has_weights, patience=0)
        net = small_net()
        fit_epochs(net, data, settings=settings, folder=tmp_path, context=JobContext(),
                   trainer=WholeTrainer(net, settings, None))
        net.load_weights(tmp_path / LAST)
        assert low < predict_probabilities(logits_function(net), pixels[:1])[0, 0] < high
