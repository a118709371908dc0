"""Fetches published weights into the folder where Keras looks for them; only when somebody agreed.

`keras.utils.get_file` does the same, but imports TensorFlow first, draws its own progress
bar and cannot be cancelled.
"""

from __future__ import annotations

import hashlib
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO

from core.backbones.registry import WeightsFile
from core.errors import WeightsDamaged, WeightsMissing
from core.files.writing import open_to_write, write_errors
from core.jobs import JobContext
from core.text import Message

CHUNK_BYTES = 1 << 18
TIMEOUT_S = 30.0


def fetch(known: WeightsFile, path: Path, n_bytes: int, context: JobContext) -> None:
    """Fetch a file whole or not at all.

    Args:
        known: What to fetch; its digest is checked where one is published.
        path: Where it shall lie; folders are made.
        n_bytes: About how large it is, for progress.
        context: Hears of progress in megabytes, and may end the download.

    Raises:
        WeightsMissing: No network, or the file is not there any more.
        WeightsDamaged: What came is not what was published.
        StorageError: It cannot be written.
    """
    with write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with open_to_write(path) as file:
        digest = _receive(known, file, path, n_bytes, context)
        if known.digest not in ("", digest):
            raise WeightsDamaged(f"What was fetched as “{known.name}” is not the published file.", "Try again later.")


def _receive(known: WeightsFile, file: BinaryIO, path: Path, n_bytes: int, context: JobContext) -> str:
    """Write what comes; returns its digest of the published kind."""
    hashed, stage = hashlib.new(known.digest_kind), Message("jobs.fetching", name=known.name)
    try:
        with urllib.request.urlopen(known.url, timeout=TIMEOUT_S) as response:
            total, done = int(response.headers.get("Content-Length") or n_bytes), 0
            while chunk := response.read(CHUNK_BYTES):
                with write_errors(path):
                    file.write(chunk)
                hashed.update(chunk)
                done += len(chunk)
                context.progress(_mb(done), _mb(max(total, done)), stage=stage, unit="megabytes")
    except (OSError, HTTPException, ValueError) as error:
        raise WeightsMissing(
            f"The weights “{known.name}” could not be fetched from the network.",
            "Check the connection and try again with --allow-download, or choose efficientnet-lite0, "
            "which needs no download.",
        ) from error
    return hashed.hexdigest()


def _mb(n_bytes: int) -> int:
    return max(1, round(n_bytes / 1e6))
