"""The networks of `keras.applications`, whose weights are fetched on first use; listed in `keras_apps.tsv`."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.backbones.backbone import Backbone, preprocessing_for
from core.backbones.weights import LocatedWeights, WeightsFile, check_file, fetch
from core.errors import DownloadNotAllowed
from core.jobs import JobContext

if TYPE_CHECKING:
    from core.backbones.backbone import Classifier

SOURCE = "keras.applications"


@dataclass(frozen=True, slots=True)
class KerasApplication(Backbone):
    """A network of `keras.applications`.

    Attributes:
        constructor: Function in `keras.applications`.
        arguments: Its keyword arguments.
        pooled_weights: The network without its classifier, where that gives the same features; else None.
    """

    engine_module: ClassVar[str] = "core.engine.keras_apps"
    constructor: str
    arguments: tuple[tuple[str, float | bool], ...] = ()
    pooled_weights: WeightsFile | None = None

    def is_here(self) -> bool:
        names = [file.name for file in (self.weights, self.pooled_weights) if file is not None]
        return any((keras_models_dir() / name).is_file() for name in names)

    def locate(self, *, allow_download: bool, needs_classifier: bool, context: JobContext) -> LocatedWeights:
        whole, pooled = keras_models_dir() / self.weights.name, self.pooled_weights
        if not whole.is_file() and pooled and not needs_classifier and (keras_models_dir() / pooled.name).is_file():
            return check_file(keras_models_dir() / pooled.name, pooled, has_classifier=False)
        if not whole.is_file():
            if not allow_download:
                raise DownloadNotAllowed("backbones.not_here", backbone=self.name, megabytes=self.download_mb)
            fetch(self.weights, whole, round(self.download_mb * 1e6), context)
        return check_file(whole, self.weights, has_classifier=True)

    def has_classifier(self, path: Path) -> bool:
        from core.backbones.weights_h5 import has_classifier_h5

        return self.pooled_weights is None or has_classifier_h5(path, self.n_features)

    def read_classifier(self, path: Path) -> Classifier:
        from core.backbones.weights_h5 import read_classifier_h5

        return read_classifier_h5(path, self.n_features)


def keras_models_dir() -> Path:
    """Where Keras keeps what it fetched: `KERAS_HOME/models`."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"


def list_family() -> tuple[Backbone, ...]:
    """All rows of the table."""
    text = files("core.backbones").joinpath("keras_apps.tsv").read_text(encoding="utf-8")
    return tuple(_from_row(row) for row in csv.DictReader(text.splitlines(), delimiter="\t"))


def _from_row(row: dict[str, str]) -> KerasApplication:
    pooled = _published(row["pooled_url"], row["pooled_digest"]) if row["pooled_url"] else None
    return KerasApplication(
        row["name"], int(row["side_px"]), int(row["n_features"]), preprocessing_for(row["mode"]), float(row["top1"]),
        float(row["megabytes"]), row["licence"], SOURCE, _published(row["url"], row["digest"]), row["constructor"],
        _arguments(row["arguments"]), pooled,
    )


def _published(url: str, digest: str) -> WeightsFile:
    """A download; `url#name` where Keras stores the file under another name."""
    address, _, name = url.partition("#")
    return WeightsFile(name or address.rsplit("/", 1)[1], address, digest=digest)


def _arguments(cell: str) -> tuple[tuple[str, float | bool], ...]:
    pairs = (pair.split("=") for pair in cell.split(",") if pair)
    return tuple((name, True if value == "True" else float(value)) for name, value in pairs)
