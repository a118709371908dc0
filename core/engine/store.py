"""Embeddings on disk: append-only, valid at every moment, found by content hash.

`vectors.f16` is raw little-endian float16 (n, n_features), `hashes.bin` raw 32-byte content
hashes. Vectors are written first; rows are the smaller of both counts, so whatever a killed
process left behind the last whole row is ignored, and cut off by the next writer.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from core.errors import EngineError, ProjectLocked, ProjectReadOnly, StorageError

HASH_BYTES = 32
LARGEST_FLOAT16 = 65504.0


class EmbeddingStore:
    """Reads the embeddings of one backbone and recipe; `EmbeddingWriter` adds to them.

    Args:
        folder: `embeddings/<key>` of a project; need not exist.
        n_features: Length of one embedding.
    """

    def __init__(self, folder: Path, n_features: int) -> None:
        self.folder = folder
        self.n_features = n_features
        self._hashes = np.zeros((0, HASH_BYTES), np.uint8)
        self._order = np.zeros(0, np.int64)
        self._sorted_prefixes = np.zeros(0, np.uint64)
        self.refresh()

    @property
    def n_rows(self) -> int:
        return len(self._hashes)

    def refresh(self) -> None:
        """Take notice of rows that were added since."""
        n_rows = min(_size(self._vectors_path) // self._row_bytes, _size(self._hashes_path) // HASH_BYTES)
        content = np.fromfile(self._hashes_path, np.uint8, n_rows * HASH_BYTES) if n_rows else np.zeros(0, np.uint8)
        self._hashes = content.reshape(-1, HASH_BYTES)
        prefixes = _prefixes(self._hashes)
        self._order = np.argsort(prefixes, kind="stable")
        self._sorted_prefixes = prefixes[self._order]

    def rows_of(self, hashes: Sequence[bytes]) -> NDArray[np.int64]:
        """Where content hashes are stored.

        Args:
            hashes: n hashes of 32 bytes.

        Returns:
            (n,) int64 row numbers, −1 for those that are not stored.
        """
        if not self.n_rows or not hashes:
            return np.full(len(hashes), -1, np.int64)
        asked = _as_array(hashes)
        wanted = _prefixes(asked)
        places = np.searchsorted(self._sorted_prefixes, wanted)
        rows = self._order[np.minimum(places, self.n_rows - 1)]
        is_same = (self._hashes[rows] == asked).all(axis=1)
        rows = np.where(is_same, rows, -1)
        # two hashes with the same first 8 bytes do not happen by chance, but cost nothing to get right
        ends = np.searchsorted(self._sorted_prefixes, wanted, side="right")
        for i in np.flatnonzero(~is_same & (ends - places > 1)):
            rows[i] = self._row_among(asked[i], self._order[places[i]:ends[i]])
        return rows

    def _row_among(self, one_hash: NDArray[np.uint8], candidates: NDArray[np.int64]) -> int:
        same = candidates[(self._hashes[candidates] == one_hash).all(axis=1)]
        return int(same[0]) if len(same) else -1

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Embeddings of stored rows.

        Args:
            rows: (n,) row numbers, 0 … n_rows − 1.

        Returns:
            (n, n_features) float32.
        """
        if not len(rows):
            return np.zeros((0, self.n_features), np.float32)
        shape = (self.n_rows, self.n_features)
        stored = np.memmap(self._vectors_path, "<f2", "r", shape=shape)
        return stored[rows].astype(np.float32)

    @property
    def _vectors_path(self) -> Path:
        return self.folder / "vectors.f16"

    @property
    def _hashes_path(self) -> Path:
        return self.folder / "hashes.bin"

    @property
    def _row_bytes(self) -> int:
        return 2 * self.n_features


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
            raise ProjectLocked(
                "Another command is embedding pictures of this project.", "Wait until it has finished.",
            ) from error
        except OSError as error:
            raise self._explain(error) from error
        self.refresh()
        self._vectors_file, self._hashes_file = self._open(self._vectors_path), self._open(self._hashes_path)
        self._cut_to_rows()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        os.close(self._vectors_file)
        os.close(self._hashes_file)
        self._lock.release()

    def append(self, hashes: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Add rows; when this returns they outlive a crash of the program.

        Args:
            hashes: n content hashes of 32 bytes, none of them stored yet.
            vectors: (n, n_features) float32; beyond ±65504 they are cut to what float16 can hold.

        Raises:
            EngineError: A vector is not a number.
            ProjectReadOnly, StorageError: They cannot be written; all earlier rows remain.
        """
        if vectors.shape != (len(hashes), self.n_features):
            raise ValueError(f"expected {(len(hashes), self.n_features)}, received {vectors.shape}")
        if not np.isfinite(vectors).all():
            raise EngineError("The network gave values that are no numbers.", "Choose another weights file.")
        halves = np.clip(vectors, -LARGEST_FLOAT16, LARGEST_FLOAT16).astype("<f2")
        try:
            _write_all(self._vectors_file, halves.tobytes())
            os.fsync(self._vectors_file)
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

    def _explain(self, error: OSError) -> ProjectReadOnly | StorageError:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            return ProjectReadOnly(
                f"Nothing can be written in “{self.folder.parent}”.", "Copy the project to a folder of your own.",
            )
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return StorageError(
                "The disk is full; what was embedded so far is kept.", "Make room on the disk and start again.",
            )
        sentence = f"The embeddings cannot be written ({error.strerror})."
        return StorageError(sentence, "Check the disk and start again.")


def _as_array(hashes: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(len(hashes), HASH_BYTES)


def _prefixes(hashes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """The first eight bytes of each hash as a number."""
    return np.ascontiguousarray(hashes[:, :8]).view("<u8").ravel()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _write_all(file: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(file, left):]
