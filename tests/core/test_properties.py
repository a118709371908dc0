"""What holds for any input: settings survive files and texts, folds part no group, torn stores keep whole rows."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.embeddings.store import EmbeddingStore, EmbeddingWriter
from core.errors import InputError, TrainingDataError
from core.settings import SettingInfo, check_settings, describe, parse_settings, restore_settings
from core.training.folds import count_distinct, cut_in_parts, group_keys, keep_together, plan_folds
from core.training.registry import STRATEGIES, find_strategy

FEW = settings(max_examples=60, deadline=None, derandomize=True)
SHARES = (0.6, 0.2, 0.2)
N_FEATURES = 5


def values_of(info: SettingInfo) -> st.SearchStrategy[Any]:
    """Any value that a setting may have; its default where its kind is not a plain one."""
    if info.choices:
        return st.sampled_from(info.choices)
    kind = type(info.default)
    if kind is bool:
        return st.booleans()
    if kind is int:
        low = 0 if info.low is None else int(info.low)
        return st.integers(low, low + 1000 if info.high is None else int(info.high))
    if kind is float:
        low = 0.0 if info.low is None else float(info.low)
        return st.floats(low, low + 10 if info.high is None else float(info.high), allow_nan=False)
    return st.just(info.default)


@st.composite
def some_settings(draw: st.DrawFn, name: str) -> Any:
    kind = find_strategy(name).settings
    chosen = kind(**{info.name: draw(values_of(info)) for info in describe(kind)})
    try:
        check_settings(chosen)
    except InputError:
        assume(False)
    return chosen


@pytest.mark.parametrize("name", STRATEGIES)
@given(data=st.data())
@FEW
def test_settings_come_back_from_json(name: str, data: st.DataObject) -> None:
    chosen = data.draw(some_settings(name))
    assert restore_settings(type(chosen), json.loads(json.dumps(asdict(chosen)))) == chosen


@pytest.mark.parametrize("name", STRATEGIES)
@given(data=st.data())
@FEW
def test_settings_come_back_from_what_is_typed(name: str, data: st.DataObject) -> None:
    chosen = data.draw(some_settings(name))
    plain = {info.name: value for info in describe(type(chosen))
             if isinstance(value := getattr(chosen, info.name), (bool, int, float, str)) and type(value) is
             type(info.default) and str(value) == str(value).strip()}
    texts = [f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in plain.items()]
    assert parse_settings(type(chosen), texts) == plain


LABELLED = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), min_size=2, max_size=120)
"""Class and content of each image; images of one content are copies."""


def _as_arrays(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray, list[bytes]]:
    labels = np.array([label for label, _ in rows], np.int64)
    hashes = [content.to_bytes(32, "big") for _, content in rows]
    return labels, keep_together(hashes), hashes


@given(rows=LABELLED, n_folds=st.integers(2, 8), seed=st.integers(0, 99))
@FEW
def test_folds_part_no_copies_and_leave_no_fold_empty(rows: list[tuple[int, int]], n_folds: int, seed: int) -> None:
    labels, groups, _ = _as_arrays(rows)
    try:
        folds = plan_folds(labels, groups, classes=tuple("abcd"), n_folds=n_folds, seed=seed)
    except TrainingDataError:
        assert (count_distinct(labels, groups, 4) >= 2).sum() < 2, "only too few classes are refused"
        return
    assert folds.shape == labels.shape and folds.max() < n_folds
    assert sorted(set(folds[folds >= 0])) == list(range(folds.max() + 1))
    for group in set(groups.tolist()):
        assert len(set(folds[groups == group].tolist())) == 1
    assert np.array_equal(folds, plan_folds(labels, groups, classes=tuple("abcd"), n_folds=n_folds, seed=seed))


@given(rows=LABELLED, seed=st.integers(0, 99))
@FEW
def test_parts_part_no_copies_and_hold_every_image(rows: list[tuple[int, int]], seed: int) -> None:
    labels, groups, hashes = _as_arrays(rows)
    keys = group_keys(hashes, groups)
    try:
        parts = cut_in_parts(labels, keys, shares=SHARES, seed=seed, classes=tuple("abcd"))
    except TrainingDataError:
        return
    assert set(parts.tolist()) == {0, 1, 2}
    for group in set(groups.tolist()):
        assert len(set(parts[groups == group].tolist())) == 1


def hash_of(i: int) -> bytes:
    return hashlib.sha256(str(i).encode()).digest()


def vectors(first: int, n: int) -> np.ndarray:
    return np.arange(first, first + n, dtype=np.float32)[:, None] + np.arange(N_FEATURES, dtype=np.float32) / 8


@given(sizes=st.lists(st.integers(1, 6), min_size=1, max_size=4), name=st.sampled_from(
    ["vectors.f16", "hashes.bin", "sums.u64"]), cut=st.integers(0, 120), n_more=st.integers(1, 5))
@FEW
def test_a_store_that_was_cut_off_anywhere_keeps_whole_rows_and_goes_on(
    sizes: list[int], name: str, cut: int, n_more: int
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, n_rows = Path(place), 0
        for size in sizes:
            _append(folder, n_rows, size)
            n_rows += size
        torn = folder / name
        os.truncate(torn, max(0, torn.stat().st_size - cut))
        n_left = EmbeddingStore(folder, N_FEATURES).n_rows
        assert n_left <= n_rows and (cut > 0 or n_left == n_rows)
        _require_rows(folder, range(n_left))
        _append(folder, 64, n_more)
        _require_rows(folder, [*range(n_left), *range(64, 64 + n_more)])


def _append(folder: Path, first: int, n: int) -> None:
    with EmbeddingWriter(folder, N_FEATURES) as store:
        store.append([hash_of(i) for i in range(first, first + n)], vectors(first, n))


def _require_rows(folder: Path, numbers: Any) -> None:
    """Each is found by its hash, and is what was written."""
    store = EmbeddingStore(folder, N_FEATURES)
    rows = store.rows_of([hash_of(i) for i in numbers])
    assert (rows >= 0).all()
    expected = np.concatenate([vectors(i, 1) for i in numbers]) if len(numbers) else np.zeros((0, N_FEATURES))
    np.testing.assert_array_equal(store.read(rows), expected)
