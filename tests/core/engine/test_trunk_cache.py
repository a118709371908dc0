"""Views are written once, whole or not at all, alike for a seed, and within the room that is allowed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.engine.trunk_cache import (
    UNIT, CachePlan, estimate_cache_bytes, fill_cache, fit_variants,
)
from core.errors import EngineError, InputError, StorageError
from core.jobs import JobCancelled, JobContext
from core.training.settings import AUGMENT_PRESETS
from tests.conftest import RecordingContext
from tests.full_disk import files_of_at_most

SHAPE = (2, 2, 3)
PIXELS = np.random.default_rng(0).integers(0, 256, (10, 8, 8, 3), dtype=np.uint8)


class MeanTrunk:
    """Means over quarters of the picture; counts what it is asked."""

    batch_size = 4

    def __init__(self, factor: float = 1.0) -> None:
        self.factor, self.n_seen = factor, 0

    def embed_stream(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for batch in batches:
            assert batch.dtype == np.uint8 and len(batch) <= self.batch_size
            self.n_seen += len(batch)
            yield batch.reshape(-1, 2, 4, 2, 4, 3).mean(axis=(2, 4), dtype=np.float32) * np.float32(self.factor)


@pytest.fixture
def plan(tmp_path: Path) -> CachePlan:
    return CachePlan(tmp_path / "views", SHAPE, 10, np.array([1, 4, 6, 9]), 3, AUGMENT_PRESETS["gentle"], 5)


def test_plain_views_of_all_and_changed_ones_of_some(plan: CachePlan, recording_context: RecordingContext) -> None:
    trunk = MeanTrunk()
    cache = fill_cache(plan, trunk, PIXELS, recording_context)
    assert trunk.n_seen == plan.n_views == 18
    assert sum(f.stat().st_size for f in plan.folder.iterdir()) == plan.n_bytes == 18 * 12 * 2
    wanted = next(MeanTrunk().embed_stream([PIXELS[:4]]))
    assert np.array_equal(cache.plain(np.arange(4)), wanted.astype(np.float16))
    rows = np.array([9, 1, 4])
    mixed = cache.views(rows, np.array([0, 2, 1]))
    assert np.array_equal(mixed[0], cache.plain(np.array([9]))[0])
    assert not np.array_equal(mixed[1], cache.plain(np.array([1]))[0])
    assert recording_context.last.done == recording_context.last.total == 18
    assert recording_context.last.unit == UNIT


def test_alike_for_a_seed_and_other_for_another(plan: CachePlan, tmp_path: Path) -> None:
    def content(p: CachePlan) -> list[bytes]:
        fill_cache(p, MeanTrunk(), PIXELS, JobContext())
        return [p.path(k).read_bytes() for k in range(3)]

    first = content(plan)
    assert content(replace(plan, folder=tmp_path / "again")) == first
    other = content(replace(plan, folder=tmp_path / "other", seed=6))
    assert other[0] == first[0] and other[1] != first[1]


def test_what_is_there_is_not_looked_at_again(plan: CachePlan) -> None:
    fill_cache(plan, MeanTrunk(), PIXELS, JobContext())
    first = plan.path(1).read_bytes()
    plan.path(1).write_bytes(first[:10])
    trunk = MeanTrunk()
    fill_cache(plan, trunk, PIXELS, JobContext())
    assert trunk.n_seen == 4 and plan.path(1).read_bytes() == first


def test_cancelling_keeps_whole_views_only(plan: CachePlan) -> None:
    context = RecordingContext(cancel_after=5)
    with pytest.raises(JobCancelled):
        fill_cache(plan, MeanTrunk(), PIXELS, context)
    assert [f.name for f in plan.folder.iterdir()] == ["view-00.f16"]
    with pytest.raises(JobCancelled):
        fill_cache(replace(plan, folder=plan.folder.parent / "none"), MeanTrunk(), PIXELS, RecordingContext(1))
    assert list((plan.folder.parent / "none").iterdir()) == []


def test_a_full_disk_is_explained(plan: CachePlan) -> None:
    plan = replace(plan, n_images=4000)
    pixels = np.zeros((4000, 8, 8, 3), np.uint8)
    with files_of_at_most(50_000), pytest.raises(StorageError) as caught:
        fill_cache(plan, MeanTrunk(), pixels, JobContext())
    assert caught.value.message.code == "training.views_no_room" and caught.value.hint
    assert list(plan.folder.iterdir()) == []


def test_too_little_room_is_seen_before_writing(plan: CachePlan) -> None:
    trunk = MeanTrunk()
    with pytest.raises(StorageError, match="no room"):
        fill_cache(replace(plan, shape=(10**15,)), trunk, PIXELS, JobContext())
    assert trunk.n_seen == 0


def test_values_that_are_no_numbers_are_refused(plan: CachePlan) -> None:
    with pytest.raises(EngineError) as caught:
        fill_cache(plan, MeanTrunk(float("nan")), PIXELS, JobContext())
    assert caught.value.message.code == "training.not_finite_values"
    large = fill_cache(plan, MeanTrunk(1e9), PIXELS, JobContext())
    assert np.isfinite(large.plain(np.arange(10))).all()


def test_fewer_views_where_room_is_short() -> None:
    assert estimate_cache_bytes((10,), 100, 50, 3) == 20 * (100 + 2 * 50)
    assert fit_variants((10,), 100, 50, 3, most_gb=1) == (3, ())
    n, notes = fit_variants((10,), 100, 50, 9, most_gb=4.5e-6)
    assert n == 3 and (notes[0].params["n_possible"], notes[0].params["n_wanted"]) == (3, 9)
    assert estimate_cache_bytes((10,), 100, 50, n) <= 4500 < estimate_cache_bytes((10,), 100, 50, n + 1)
    with pytest.raises(InputError, match="more than the 1e-06 GB that are allowed"):
        fit_variants((10,), 100, 50, 3, most_gb=1e-6)


def test_an_unwritable_place_is_explained(plan: CachePlan, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        fill_cache(replace(plan, folder=tmp_path / "file" / "views"), MeanTrunk(), PIXELS, JobContext())
