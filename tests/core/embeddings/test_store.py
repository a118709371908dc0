from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.embeddings.store import EmbeddingStore, EmbeddingWriter
from core.errors import EngineError, ProjectDamaged, ProjectLocked, ProjectReadOnly, StorageError

N_FEATURES = 6


def hashes(first: int, n: int) -> list[bytes]:
    return [hashlib.sha256(str(i).encode()).digest() for i in range(first, first + n)]


def vectors(first: int, n: int) -> np.ndarray:
    return np.arange(first, first + n, dtype=np.float32)[:, None] + np.arange(N_FEATURES, dtype=np.float32) / 8


def fill(folder: Path, first: int, n: int) -> None:
    with EmbeddingWriter(folder, N_FEATURES) as store:
        store.append(hashes(first, n), vectors(first, n))


def test_what_was_written_is_found_by_hash(tmp_path: Path) -> None:
    fill(tmp_path / "e", 0, 50)
    fill(tmp_path / "e", 50, 7)
    store = EmbeddingStore(tmp_path / "e", N_FEATURES)
    asked = [hashes(56, 1)[0], hashes(99, 1)[0], hashes(3, 1)[0]]
    rows = store.rows_of(asked)
    assert list(rows) == [56, -1, 3]
    np.testing.assert_array_equal(store.read(rows[[0, 2]]), vectors(0, 57)[[56, 3]])


def test_the_files_are_as_documented(tmp_path: Path) -> None:
    fill(tmp_path, 0, 3)
    assert (tmp_path / "hashes.bin").read_bytes() == b"".join(hashes(0, 3))
    stored = np.fromfile(tmp_path / "vectors.f16", "<f2").reshape(3, N_FEATURES)
    np.testing.assert_array_equal(stored, vectors(0, 3))


def test_an_absent_store_is_empty(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path / "none", N_FEATURES)
    assert store.n_rows == 0
    assert list(store.rows_of(hashes(0, 2))) == [-1, -1]
    assert store.read(np.zeros(0, np.int64)).shape == (0, N_FEATURES)
    assert not (tmp_path / "none").exists()


def test_hashes_with_the_same_beginning_are_told_apart(tmp_path: Path) -> None:
    alike = [bytes(8) + bytes([i]) * 24 for i in range(5)]
    with EmbeddingWriter(tmp_path, N_FEATURES) as store:
        store.append(alike[:4], vectors(0, 4))
    assert list(EmbeddingStore(tmp_path, N_FEATURES).rows_of(alike)) == [0, 1, 2, 3, -1]


@pytest.mark.parametrize(("name", "n_bytes"), [("vectors.f16", 20), ("vectors.f16", 12), ("hashes.bin", 33)])
def test_a_torn_end_is_ignored_and_written_over(tmp_path: Path, name: str, n_bytes: int) -> None:
    """Whatever was cut off by a killed process, the rows before it stay, and new ones join them."""
    fill(tmp_path, 0, 10)
    os.truncate(tmp_path / name, (tmp_path / name).stat().st_size - n_bytes)
    n_left = EmbeddingStore(tmp_path, N_FEATURES).n_rows
    assert n_left == 8 if n_bytes != 12 else n_left == 9
    fill(tmp_path, 20, 5)
    store = EmbeddingStore(tmp_path, N_FEATURES)
    rows = store.rows_of(hashes(0, n_left) + hashes(20, 5))
    expected = np.concatenate([vectors(0, n_left), vectors(20, 5)])
    np.testing.assert_array_equal(store.read(rows), expected)


def test_values_beyond_float16_are_cut_to_its_range(tmp_path: Path) -> None:
    with EmbeddingWriter(tmp_path, N_FEATURES) as store:
        store.append(hashes(0, 1), np.array([[1e6, -1e9, 0, 1, 2, 65519.0]], np.float32))
    stored = EmbeddingStore(tmp_path, N_FEATURES).read(np.array([0]))
    assert list(stored[0]) == [65504, -65504, 0, 1, 2, 65504]


def test_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    with EmbeddingWriter(tmp_path, N_FEATURES) as store, pytest.raises(EngineError):
        store.append(hashes(0, 1), np.full((1, N_FEATURES), np.nan, np.float32))
    assert EmbeddingStore(tmp_path, N_FEATURES).n_rows == 0


def test_there_is_one_writer(tmp_path: Path) -> None:
    with EmbeddingWriter(tmp_path, N_FEATURES):
        with pytest.raises(ProjectLocked), EmbeddingWriter(tmp_path, N_FEATURES):
            pass
    fill(tmp_path, 0, 1)


@pytest.mark.parametrize(("number", "kind"), [
    (errno.ENOSPC, StorageError), (errno.EIO, StorageError), (errno.EROFS, ProjectReadOnly),
])
def test_a_failing_disk_keeps_earlier_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception],
) -> None:
    fill(tmp_path, 0, 4)
    write = os.write

    def fail_half_way(file: int, content: memoryview) -> int:
        if len(content) <= N_FEATURES:
            raise OSError(number, os.strerror(number))
        return write(file, content[: len(content) // 2])

    with EmbeddingWriter(tmp_path, N_FEATURES) as store:
        monkeypatch.setattr(os, "write", fail_half_way)
        with pytest.raises(kind) as caught:
            store.append(hashes(4, 2), vectors(4, 2))
        monkeypatch.undo()
    assert getattr(caught.value, "hint")
    store_after = EmbeddingStore(tmp_path, N_FEATURES)
    np.testing.assert_array_equal(store_after.read(store_after.rows_of(hashes(0, 4))), vectors(0, 4))
    fill(tmp_path, 4, 2)


def test_a_folder_that_cannot_be_made_is_a_foreseen_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError), EmbeddingWriter(tmp_path / "file" / "e", N_FEATURES):
        pass


def damage(path: Path, how: str, row: int) -> None:
    """Spoil the vector of one row."""
    content = bytearray(path.read_bytes())
    start, end = row * 2 * N_FEATURES, (row + 1) * 2 * N_FEATURES
    spoilt = {
        "zeros": bytes(end - start), "no numbers": np.full(N_FEATURES, np.nan, "<f2").tobytes(),
        "a bit": bytes([content[start] ^ 4]) + content[start + 1:end],
        "another row": content[start + 2 * N_FEATURES:end + 2 * N_FEATURES],
    }
    content[start:end] = spoilt[how]
    path.write_bytes(content)


@pytest.mark.parametrize("how", ["zeros", "no numbers", "a bit", "another row"])
def test_a_damaged_row_is_as_good_as_not_there_and_is_made_anew(tmp_path: Path, how: str) -> None:
    fill(tmp_path, 0, 10)
    damage(tmp_path / "vectors.f16", how, row=4)
    expected = [0, 1, 2, 3, -1, 5, 6, 7, 8, 9]
    assert EmbeddingStore(tmp_path, N_FEATURES).rows_of(hashes(0, 10)).tolist() == expected
    with EmbeddingWriter(tmp_path, N_FEATURES) as store:
        assert store.forget_damaged(hashes(0, 10)) == 1
        store.append(hashes(4, 1), vectors(4, 1))
    store = EmbeddingStore(tmp_path, N_FEATURES)
    rows = store.rows_of(hashes(0, 10))
    np.testing.assert_array_equal(store.read(rows), vectors(0, 10))
    assert rows[4] == 10
    with EmbeddingWriter(tmp_path, N_FEATURES) as store:
        assert store.forget_damaged(hashes(0, 10)) == 0


def test_a_damaged_hash_is_found(tmp_path: Path) -> None:
    fill(tmp_path, 0, 3)
    content = bytearray((tmp_path / "hashes.bin").read_bytes())
    content[32:64] = hashes(77, 1)[0]
    (tmp_path / "hashes.bin").write_bytes(content)
    store = EmbeddingStore(tmp_path, N_FEATURES)
    assert store.rows_of([*hashes(0, 3), *hashes(77, 1)]).tolist() == [0, -1, 2, -1]


@pytest.mark.parametrize("how", ["zeros", "no numbers"])
def test_a_store_without_sums_gets_them_after_a_look(tmp_path: Path, how: str) -> None:
    fill(tmp_path, 0, 10)
    (tmp_path / "sums.u64").unlink()
    damage(tmp_path / "vectors.f16", how, row=4)
    assert EmbeddingStore(tmp_path, N_FEATURES).rows_of(hashes(3, 3)).tolist() == [3, -1, 5]
    with EmbeddingWriter(tmp_path, N_FEATURES) as store:
        assert store.n_forgotten == 1
        store.append(hashes(4, 1), vectors(4, 1))
    assert (tmp_path / "sums.u64").stat().st_size == 11 * 8
    damage(tmp_path / "vectors.f16", "a bit", row=7)
    assert EmbeddingStore(tmp_path, N_FEATURES).rows_of(hashes(3, 5)).tolist() == [3, 10, 5, 6, -1]


def test_sums_that_were_written_before_a_kill_are_cut_off(tmp_path: Path) -> None:
    fill(tmp_path, 0, 4)
    with (tmp_path / "sums.u64").open("ab") as file:
        file.write(b"torn")
    fill(tmp_path, 4, 2)
    assert EmbeddingStore(tmp_path, N_FEATURES).rows_of(hashes(0, 6)).tolist() == list(range(6))


@pytest.mark.parametrize("name", ["vectors.f16", "hashes.bin", "sums.u64"])
@pytest.mark.parametrize("put", [
    lambda path: path.mkdir(), lambda path: path.symlink_to(path.name),
    pytest.param(lambda path: os.mkfifo(path), marks=pytest.mark.skipif(os.name == "nt", reason="no such pipes")),
])
def test_what_is_no_file_in_the_place_of_one_is_said_at_once(
    tmp_path: Path, name: str, put: Callable[[Path], None]
) -> None:
    put(tmp_path / name)
    with pytest.raises(ProjectDamaged, match=f"{name}” is not a regular file"):
        EmbeddingStore(tmp_path, 4)
