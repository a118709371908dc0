"""Check `outliers`: images unlike all others, and files that are blank, dark, blurred, tiny or otherwise unusual.

Far from all others: the mean cosine distance to the ten nearest neighbours, after a square root
of the features, as a robust z-score (median and MAD; Iglewicz & Hoaglin 1993). Of five flowers put
among photographs of guns and phones, 90 % were among the five farthest; local density (LOF), PCA
residuals and centred features did worse. Ten neighbours, so that a handful of strangers
cannot vouch for each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePath
from typing import Any

import numpy as np
from PIL import Image
from numpy.typing import NDArray

from core.checks.check import CatalogState, Check, CheckData, Finding, Floats, Note, count_figure
from core.checks.cues import CueTable
from core.embeddings.similar import root_directions
from core.embeddings.similar_pairs import BLOCK
from core.jobs import JobContext
from core.text import Message


@dataclass(frozen=True, slots=True)
class Outliers:
    """Images far from all others first, then unusual files; one image may be there several times."""

    found: tuple[Outlier, ...]


class OutliersCheck(Check[Outliers]):
    """Asks embeddings, where there are any, and measurements."""

    name = "outliers"
    evidence = Outliers
    no_facts = {"outliers": ()}

    def run(self, data: CheckData, context: JobContext) -> Outliers:
        rows = np.flatnonzero(data.has_vector)
        far = () if data.vectors is None else find_far(data.vectors[rows], context)
        odd = find_odd_files(data.cues, data.job.names) if len(data.job.images) else ()
        return Outliers((
            *(replace(o, image_id=int(data.ids[rows[o.image_id]])) for o in far),
            *(replace(o, image_id=int(data.ids[o.image_id])) for o in odd),
        ))

    def findings(self, evidence: Outliers, now: CatalogState) -> Iterator[Finding]:
        if found := evidence.found:
            counts = Counter(outlier.oddity for outlier in found)
            kinds = tuple(Message(f"checks.oddity.{o.name.lower()}", n=n) for o, n in counts.items())
            ids = tuple(dict.fromkeys(outlier.image_id for outlier in found))
            yield Finding(
                "odd", self.name, "outlier", 0.15, Message("checks.title.outliers"),
                Message("checks.images_are_unusual", n=len(ids), kinds=kinds), count_figure(len(ids)), (), ids, found,
                ("exclude_selected",),
            )

    def notes(self, finding: Finding) -> Mapping[int, Note]:
        return {outlier.image_id: Note((outlier.sentence,)) for outlier in reversed(finding.evidence)}

    def facts(self, evidence: Outliers, now: CatalogState) -> Mapping[str, Any]:
        return {"outliers": [
            {"path": now.path(o.image_id), "kind": str(o.oddity), "strength": o.strength, "reason": o.sentence}
            for o in evidence.found
        ]}


Bools = NDArray[np.bool_]

N_NEIGHBOURS = 10
FEWEST_IMAGES = 20
FAR_Z = 3.0
"""Of ordinary images about 3 in 1,000 lie beyond it, of planted strangers nine in ten."""

STAGE = Message("jobs.finding_outliers")

BLANK_CONTRAST = 4.0
NEARLY_BLANK_CONTRAST = 10.0
DARK, BRIGHT = 25.0, 238.0
UNUSED_ABOVE, FAINTEST = 25.5, 3.5
"""An image whose brightest pixels lie between these two shows something, in a tenth of the range at most."""
BLURRED_SHARPNESS = 0.10
BLURRED_AT_MOST = 0.05
"""Of all images: in a set of soft images only the softest are odd."""

MOST_COMPARED = 5_000
"""Among more images than this the neighbours are looked for in a sample, so that the cost stays in proportion."""

LARGE_ENOUGH_TO_JUDGE_PX = 128
EXTREME_ASPECT = 4.0
TINY_PX = 48
COLOURLESS = 4.0
FEW = 0.2
"""Greyscale, transparent or animated images are odd only while they are fewer than this share."""


class Oddity(StrEnum):
    """What is unusual about an image; the values are those of files and of `health --json`."""

    FAR = "unlike all others"
    BLANK = "blank"
    NEARLY_BLANK = "nearly blank"
    UNUSED_RANGE = "range unused"
    DARK = "very dark"
    BRIGHT = "very bright"
    BLURRED = "blurred"
    EXTREME_SHAPE = "extreme shape"
    TINY = "tiny"
    GREY = "without colour"
    ANIMATED = "animated"
    TRANSPARENT = "transparent"
    WRONG_ENDING = "wrong ending"


@dataclass(frozen=True, slots=True)
class Outlier:
    """One image that is unusual in one way.

    Attributes:
        image_id: The image; the functions here give rows.
        oddity: In which way.
        strength: How much; larger is odder, comparable within one oddity.
        sentence: What is unusual.
    """

    image_id: int
    oddity: Oddity
    strength: float
    sentence: Message


def find_far(embeddings: Floats, context: JobContext) -> tuple[Outlier, ...]:
    """Images far from all others, farthest first.

    Args:
        embeddings: (n_images, n_features) float; fewer than 20 images give nothing.
        context: Progress counts images.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    if len(embeddings) < FEWEST_IMAGES:
        return ()
    z = robust_z(neighbour_distances(embeddings, context=context))
    far = np.flatnonzero(z > FAR_Z)
    far = far[np.argsort(-z[far], kind="stable")]
    sentence = Message("checks.outlier.far")
    return tuple(Outlier(int(r), Oddity.FAR, float(z[r]), sentence) for r in far)


def neighbour_distances(embeddings: Floats, *, context: JobContext, among: Floats | None = None) -> Floats:
    """Mean cosine distance of each image to its nearest neighbours, (n_images,) float32, 0 … 2.

    Among more than `MOST_COMPARED` images, to the nearest in a sample of so many, the same for all.

    Args:
        embeddings: (n_images, n_features).
        context: Progress counts images.
        among: Where to look for neighbours, (m, n_features); the same images without themselves if None.
    """
    units = root_directions(embeddings)
    others = units if among is None else root_directions(among)
    sample = np.arange(len(others))
    if len(others) > MOST_COMPARED:
        sample = np.sort(np.random.default_rng(0).choice(len(others), MOST_COMPARED, replace=False))
    own = np.full(len(units), -1)
    if among is None:
        own[sample] = np.arange(len(sample))
    others = others[sample]
    k = min(N_NEIGHBOURS, len(others) - (among is None))
    distances = np.empty(len(units), np.float32)
    for start in range(0, len(units), BLOCK):
        context.progress(start, len(units), stage=STAGE)
        likeness = units[start:start + BLOCK] @ others.T
        itself = own[start:start + BLOCK]
        likeness[np.flatnonzero(itself >= 0), itself[itself >= 0]] = -np.inf
        distances[start:start + BLOCK] = 1 - np.partition(likeness, -k, axis=1)[:, -k:].mean(axis=1)
    context.progress(len(units), len(units), stage=STAGE)
    return distances


def robust_z(
    values: NDArray[np.floating], *, reference: NDArray[np.floating] | None = None
) -> NDArray[np.floating]:
    """How many robust standard deviations each value lies above the median, of `reference` where given."""
    usual = values if reference is None else reference
    middle = np.median(usual)
    spread = max(float(np.median(np.abs(usual - middle))) * 1.4826, 1e-6)
    z: NDArray[np.floating] = (values - middle) / spread
    return z


def find_odd_files(cues: CueTable, names: Sequence[str]) -> tuple[Outlier, ...]:
    """Images that are unusual by themselves, by kind and then oddest first.

    Args:
        cues: From `measure_cues`.
        names: File names, in the same order.
    """
    with np.errstate(invalid="ignore"):
        found = _by_light(cues) | _by_kind(cues, names)
    odd: list[Outlier] = []
    for oddity, strength in found.items():
        rows = np.flatnonzero(cues.is_read & (strength > 0))
        rows = rows[np.argsort(-strength[rows], kind="stable")]
        odd += [Outlier(int(r), oddity, float(strength[r]), _sentence(oddity, cues, int(r))) for r in rows]
    return tuple(odd)


def _by_light(cues: CueTable) -> dict[Oddity, Floats]:
    """Strength of each oddity for each image, 0 or below where it is not odd."""
    contrast, light = cues.number("contrast"), cues.number("brightness")
    is_large = np.minimum(cues.number("width"), cues.number("height")) >= LARGE_ENOUGH_TO_JUDGE_PX
    brightest = cues.number("brightest")
    uses_little = (brightest <= UNUSED_ABOVE) & (brightest >= FAINTEST) & (contrast >= brightest / 20)
    shows_some, shows = (contrast >= BLANK_CONTRAST) & ~uses_little, contrast >= NEARLY_BLANK_CONTRAST
    sharpness = cues.number("sharpness")
    softest = min(BLURRED_SHARPNESS, float(np.nanquantile(sharpness, BLURRED_AT_MOST)) if is_large.any() else 0.0)
    blurred = np.where(is_large & shows, softest - sharpness, 0)
    return {
        Oddity.BLANK: np.where(uses_little, 0, BLANK_CONTRAST - contrast),
        Oddity.NEARLY_BLANK: np.where(shows_some, NEARLY_BLANK_CONTRAST - contrast, 0),
        Oddity.UNUSED_RANGE: np.where(uses_little, UNUSED_ABOVE - brightest, 0),
        Oddity.DARK: np.where(shows_some, DARK - light, 0),
        Oddity.BRIGHT: np.where(contrast >= BLANK_CONTRAST, light - BRIGHT, 0),
        Oddity.BLURRED: blurred,
    }


def _by_kind(cues: CueTable, names: Sequence[str]) -> dict[Oddity, Floats]:
    width, height = cues.number("width"), cues.number("height")
    return {
        Oddity.TINY: TINY_PX - np.maximum(width, height),
        Oddity.EXTREME_SHAPE: np.maximum(width / height, height / width) - EXTREME_ASPECT,
        Oddity.GREY: _if_few(cues.number("saturation") < COLOURLESS, cues.is_read),
        Oddity.ANIMATED: (cues.number("n_frames") > 1).astype(np.float32),
        Oddity.TRANSPARENT: _if_few(cues.number("has_alpha") > 0, cues.is_read),
        Oddity.WRONG_ENDING: _wrong_endings(cues, names),
    }


def _if_few(is_odd: Bools, is_read: Bools) -> Floats:
    n_odd = int((is_odd & is_read).sum())
    return is_odd.astype(np.float32) if n_odd < FEW * is_read.sum() else np.zeros(len(is_odd), np.float32)


def _wrong_endings(cues: CueTable, names: Sequence[str]) -> Floats:
    known = Image.registered_extensions()
    formats = cues.word("format")
    wrong = np.zeros(len(names), np.float32)
    for row, name in enumerate(names):
        said = known.get(PurePath(name).suffix.lower())
        # MPO is a JPEG with a second image, which telephones store as .jpg
        wrong[row] = said is not None and said != formats[row] and {said, str(formats[row])} != {"JPEG", "MPO"}
    return wrong


def _sentence(oddity: Oddity, cues: CueTable, row: int) -> Message:
    width, height, frames = (round(float(cues.number(name)[row])) for name in ("width", "height", "n_frames"))
    return Message(
        f"checks.outlier.{oddity.name.lower()}", width=width, height=height, format=str(cues.word("format")[row]),
        frames=frames, share=float(cues.number("brightest")[row]) / 255,
    )
