"""Groups from folders, file names, capture times and embeddings, on names and numbers made up for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from core.jobs import JobContext
from core.training.capture_times import CaptureTimes
from core.training.group_sources import folder_groups, near_groups, series_groups, time_groups


def sets(groups: Iterable[int]) -> set[frozenset[int]]:
    """The groups of several images, as sets of places."""
    numbers = np.asarray(list(groups))
    places = (np.flatnonzero(numbers == n).tolist() for n in set(numbers.tolist()))
    return {frozenset(group) for group in places if len(group) > 1}


def series(*names: str) -> tuple[set[frozenset[int]], ...]:
    return tuple(sets(groups) for groups in series_groups([Path("/p") / name for name in names]))


def test_subfolders_are_groups_with_and_without_the_folder_of_the_class() -> None:
    paths = [Path(f"/p/{batch}/{name}/{i}.jpg") for batch in "xy" for name in ("cat", "dog") for i in range(2)]
    labels = np.array([0, 0, 1, 1] * 2)
    of_each, of_batch = map(sets, folder_groups(paths, labels, ("cat", "dog")))
    assert of_each == {frozenset(p) for p in ((0, 1), (2, 3), (4, 5), (6, 7))}
    assert of_batch == {frozenset(range(4)), frozenset(range(4, 8))}


def test_frames_of_a_film_are_a_series_also_across_classes() -> None:
    names = [f"{folder}/video{v}_frame{n:03}.jpg" for v in (1, 2, 3) for folder, n in (("a", 1), ("a", 2), ("b", 9))]
    across, within = series(*names)
    assert across == {frozenset((0, 1, 2)), frozenset((3, 4, 5)), frozenset((6, 7, 8))}
    assert within == {frozenset((0, 1)), frozenset((3, 4)), frozenset((6, 7))}


def test_a_gap_in_the_numbers_ends_a_series_whatever_the_usual_step() -> None:
    for step in (1, 10):
        numbers = [step * n for n in (1, 2, 3, 50, 51, 52, 90, 91)]
        across, _ = series(*(f"IMG_{n:04}.jpg" for n in numbers))
        assert across == {frozenset((0, 1, 2)), frozenset((3, 4, 5)), frozenset((6, 7))}, step


@pytest.mark.parametrize("names", [
    [f"cat.{n}.jpg" for n in range(9)], [f"{c}/{n:03}.jpg" for c in "ab" for n in range(9)],
    ["a3f.jpg", "rose.jpg", "1005.jpg"],
])
def test_the_numbers_of_a_collection_are_no_series(names: list[str]) -> None:
    assert series(*names) == (set(), set())


def test_copies_that_roboflow_changed_are_one_group() -> None:
    names = [f"dog{n}_jpg.rf.{code * 32}.jpg" for n in (1, 2) for code in "ab"]
    assert series(*names)[0] == {frozenset((0, 1)), frozenset((2, 3))}


def test_a_pause_or_another_camera_ends_a_group() -> None:
    seconds = np.array([0, 30, 60, 1000, 1010, 9000, 9010, np.nan, np.nan, 5.0])
    taken = CaptureTimes(seconds, np.array(["a"] * 9 + ["b"]))
    half_hour, five_minutes, minute = map(sets, time_groups(taken))
    assert half_hour == {frozenset(range(5)), frozenset((5, 6))}
    assert five_minutes == minute == {frozenset((0, 1, 2)), frozenset((3, 4)), frozenset((5, 6))}
    assert list(time_groups(CaptureTimes(np.full(3, np.nan), np.array([""] * 3)))) == []


def test_images_of_nearly_equal_embeddings_are_groups() -> None:
    rng = np.random.default_rng(0)
    scenes = rng.normal(size=(4, 64))
    vectors = (np.repeat(scenes, 3, axis=0) + 0.05 * rng.normal(size=(12, 64))).astype(np.float32)
    scenes_found = {frozenset(range(at, at + 3)) for at in (0, 3, 6, 9)}
    assert all(sets(groups) == scenes_found for groups in near_groups(vectors, JobContext()))
