"""Embeddings on disk: append-only, valid at every moment, found by content hash.

`vectors.f16` is raw little-endian float16 (n, n_features), `hashes.bin` raw 32-byte content
hashes, `sums.u64` a checksum of each row's hash and vector. Hashes are written last; rows are the smaller of the
counts of hashes and vectors, so whatever a killed process left behind the last whole row is ignored, and cut off by
the next writer.

A row is looked at before it is used: one that does not fit its sum, or that an older version left without a sum and
that holds zeros alone or what is no number, is as good as not there. The next writer forgets it, so that it is made
anew.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from core.errors import EngineError, ProjectDamaged, ProjectLocked, ProjectReadOnly, StorageError

HASH_BYTES, SUM_BYTES, WORD_BYTES = 32, 8, 8
HASH = "S32"
"""A hash as one element of an array, which is ordered and compared as bytes are."""

NO_HASH = bytes(HASH_BYTES)
"""Stands where a damaged row was; no content has this hash."""

WEIGHT = np.uint64(0x9E3779B97F4A7C15)
ROWS_AT_ONCE = 1024
LARGEST_FLOAT16 = 65504.0


class EmbeddingStore:
    """Reads the embeddings of one backbone and recipe; `EmbeddingWriter` adds to them.

    Args:
        folder: `embeddings/<key>` of a project; need not exist.
        n_stored: Length of an embedding as it is stored.
        n_features: So many of its numbers, the first ones, are read; None for all.
    """

    def __init__(self, folder: Path, n_stored: int, n_features: int | None = None) -> None:
        self.folder, self._n_stored, self._row_bytes = folder, n_stored, 2 * n_stored
        self.n_features = n_stored if n_features is None else n_features
        self._vectors_path, self._hashes_path, self._sums_path = (
            folder / name for name in ("vectors.f16", "hashes.bin", "sums.u64"))
        self._hashes = np.zeros((0, HASH_BYTES), np.uint8)
        self._sums = np.zeros(0, np.uint64)
        self._is_sound = np.zeros(0, bool)
        self._is_checked = np.zeros(0, bool)
        self._order = np.zeros(0, np.int64)
        self._sorted = np.zeros(0, HASH)
        self.refresh()

    @property
    def n_rows(self) -> int:
        return len(self._hashes)

    def refresh(self) -> None:
        """Take notice of rows that were added since.

        Raises:
            ProjectDamaged: Something else lies in the place of a file, such as a folder or a pipe.
        """
        for path in (self._vectors_path, self._hashes_path, self._sums_path):
            _require_plain_file(path)
        n_rows = min(_size(self._vectors_path) // self._row_bytes, _size(self._hashes_path) // HASH_BYTES)
        content = np.fromfile(self._hashes_path, np.uint8, n_rows * HASH_BYTES) if n_rows else np.zeros(0, np.uint8)
        self._hashes = content.reshape(-1, HASH_BYTES)
        n_sums = min(_size(self._sums_path) // SUM_BYTES, n_rows)
        self._sums = np.fromfile(self._sums_path, "<u8", n_sums) if n_sums else np.zeros(0, np.uint64)
        self._is_sound, self._is_checked = np.ones(n_rows, bool), np.zeros(n_rows, bool)
        whole = self._hashes.view(HASH).ravel()
        self._order = np.argsort(whole, kind="stable")
        self._sorted = whole[self._order]

    def rows_of(self, hashes: Sequence[bytes]) -> NDArray[np.int64]:
        """Where content hashes are stored.

        Args:
            hashes: n hashes of 32 bytes.

        Returns:
            (n,) int64 row numbers, −1 for those that are not stored, or damaged.
        """
        rows = self._stored_rows(hashes)
        rows[rows >= 0] = np.where(self.are_sound(rows[rows >= 0]), rows[rows >= 0], -1)
        return rows

    def are_sound(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether stored rows are as they were written, (n,) bool; each row is looked at once.

        Args:
            rows: (n,) row numbers, 0 … n_rows − 1.
        """
        new = np.unique(rows[~self._is_checked[rows]])
        if len(new):
            stored = self._stored()
            for start in range(0, len(new), ROWS_AT_ONCE):
                part = new[start:start + ROWS_AT_ONCE]
                is_one_piece = part[-1] - part[0] + 1 == len(part)  # which spares a copy
                vectors = stored[part[0]:part[-1] + 1] if is_one_piece else stored[part]
                self._is_sound[part] = self._fit_sums(part, vectors)
            self._is_checked[new] = True
        return np.asarray(self._is_sound[rows])

    def _fit_sums(self, rows: NDArray[np.int64], vectors: NDArray[np.float16]) -> NDArray[np.bool_]:
        is_sound = np.ones(len(rows), bool)
        has_sum = rows < len(self._sums)
        with_sum = rows[has_sum]
        is_sound[has_sum] = _sums(self._hashes[with_sum], vectors[has_sum]) == self._sums[with_sum]
        old = vectors[~has_sum]
        is_sound[~has_sum] = np.isfinite(old).all(axis=1) & (old != 0).any(axis=1)
        return is_sound

    def _stored(self) -> NDArray[np.float16]:
        return np.memmap(self._vectors_path, "<f2", "r", shape=(self.n_rows, self._n_stored))

    def _stored_rows(self, hashes: Sequence[bytes]) -> NDArray[np.int64]:
        if not self.n_rows or not hashes:
            return np.full(len(hashes), -1, np.int64)
        asked = _as_array(hashes).view(HASH).ravel()
        places = np.minimum(np.searchsorted(self._sorted, asked), self.n_rows - 1)
        return np.where(self._sorted[places] == asked, self._order[places], -1)

    def hashes_of(self, rows: NDArray[np.int64]) -> list[bytes]:
        """Content hashes, 32 bytes each, of stored rows."""
        return [row.tobytes() for row in self._hashes[rows]]

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Embeddings of stored rows.

        Args:
            rows: (n,) row numbers, 0 … n_rows − 1.

        Returns:
            (n, n_features) float32.
        """
        if not len(rows):
            return np.zeros((0, self.n_features), np.float32)
        return self._stored()[rows, :self.n_features].astype(np.float32)


class EmbeddingWriter(EmbeddingStore):
    """The one writer of a store; a context manager.

    Raises:
        ProjectLocked: Another process is writing to the same store.
        ProjectReadOnly: The folder cannot be written.
        StorageError: The disk is full, or fails.
    """

    def __enter__(self) -> EmbeddingWriter:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self.folder / "writer.lock")
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise ProjectLocked("embeddings.locked") from error
        except OSError as error:
            raise self._explain(error) from error
        self.refresh()
        self.n_forgotten = 0
        self._vectors_file, self._hashes_file = self._open(self._vectors_path), self._open(self._hashes_path)
        self._sums_file = self._open(self._sums_path)
        try:
            self._cut_to_rows()
            self._add_sums()
        except OSError as error:
            self.__exit__(None, None, None)
            raise self._explain(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        os.close(self._vectors_file)
        os.close(self._hashes_file)
        os.close(self._sums_file)
        self._lock.release()

    def forget_damaged(self, hashes: Sequence[bytes]) -> int:
        """Forget the damaged rows among those of these contents, so that they can be appended anew.

        Returns:
            How many rows were forgotten since the store was opened.

        Raises:
            ProjectReadOnly, StorageError: Nothing can be written.
        """
        stored = self._stored_rows(hashes)
        rows = np.unique(stored[stored >= 0])
        damaged = rows[~self.are_sound(rows)]
        if len(damaged):
            self._forget(damaged)
            self.refresh()
        return self.n_forgotten

    def append(self, hashes: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Add rows; when this returns they outlive a crash of the program.

        Args:
            hashes: n content hashes of 32 bytes, none of them stored yet.
            vectors: (n, n_stored) float32; beyond ±65504 they are cut to what float16 can hold.

        Raises:
            EngineError: A vector is not a number.
            ProjectReadOnly, StorageError: They cannot be written; all earlier rows remain.
        """
        if vectors.shape != (len(hashes), self._n_stored):
            raise ValueError(f"expected {(len(hashes), self._n_stored)}, received {vectors.shape}")
        if not np.isfinite(vectors).all():
            raise EngineError("embeddings.not_finite")
        halves = np.clip(vectors, -LARGEST_FLOAT16, LARGEST_FLOAT16).astype("<f2")
        try:
            _write_all(self._vectors_file, halves.tobytes())
            _write_all(self._sums_file, _sums(_as_array(hashes), halves).astype("<u8").tobytes())
            os.fsync(self._vectors_file)
            os.fsync(self._sums_file)
            _write_all(self._hashes_file, b"".join(hashes))
        except OSError as error:
            raise self._explain(error) from error

    def _open(self, path: Path) -> int:
        try:
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as error:
            raise self._explain(error) from error

    def _cut_to_rows(self) -> None:
        """Cut off what a killed writer left behind the last whole row."""
        os.truncate(self._vectors_file, self.n_rows * self._row_bytes)
        os.truncate(self._hashes_file, self.n_rows * HASH_BYTES)
        os.truncate(self._sums_file, len(self._sums) * SUM_BYTES)

    def _add_sums(self) -> None:
        """Give rows of an older version their sums; damaged ones are forgotten."""
        old = np.arange(len(self._sums), self.n_rows)
        if not len(old):
            return
        damaged = old[~self.are_sound(old)]
        if len(damaged):
            self._forget(damaged)
        stored = self._stored()
        for start in range(len(self._sums), self.n_rows, ROWS_AT_ONCE):
            part = slice(start, min(start + ROWS_AT_ONCE, self.n_rows))
            _write_all(self._sums_file, _sums(self._hashes[part], stored[part]).astype("<u8").tobytes())
        self.refresh()

    def _forget(self, rows: NDArray[np.int64]) -> None:
        """Put no hash in the place of theirs."""
        try:
            with open(self._hashes_path, "r+b") as file:
                for row in rows.tolist():
                    file.seek(row * HASH_BYTES)
                    file.write(NO_HASH)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._explain(error) from error
        self._hashes[rows] = 0
        self.n_forgotten += len(rows)

    def _explain(self, error: OSError) -> ProjectReadOnly | StorageError:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            return ProjectReadOnly("embeddings.read_only", folder=self.folder.parent)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return StorageError("embeddings.disk_is_full")
        return StorageError("embeddings.cannot_be_written", reason=error.strerror)


def _as_array(hashes: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(len(hashes), HASH_BYTES)


def _sums(hashes: NDArray[np.uint8], vectors: NDArray[np.float16]) -> NDArray[np.uint64]:
    """A checksum of each row's hash and vector, (n,) uint64.

    Multilinear hashing (Carter and Wegman, 1979) with fixed odd weights: as fast as the memory, four times as fast as
    a CRC of each row.
    """
    n_lacking = -vectors.shape[1] * 2 % WORD_BYTES // 2
    padded = np.pad(vectors, ((0, 0), (0, n_lacking))) if n_lacking else vectors
    parts = [np.ascontiguousarray(part).view("<u8") for part in (hashes, padded.astype("<f2", copy=False))]
    weights = np.arange(1, sum(part.shape[1] for part in parts) + 1, dtype=np.uint64) * WEIGHT | np.uint64(1)
    n_first = parts[0].shape[1]
    first, second = (np.einsum("ij,j->i", part, w) for part, w in zip(
        parts, (weights[:n_first], weights[n_first:]), strict=True))
    return np.asarray(first + second)


def _require_plain_file(path: Path) -> None:
    try:
        is_plain = stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError:
        is_plain = False
    if not is_plain:
        raise ProjectDamaged("embeddings.not_a_file", path=path)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _write_all(file: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(file, left):]
