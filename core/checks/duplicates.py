"""Pictures that are in the project more than once, and which one to keep.

Three degrees: **the same file** (content hash), **the same picture** in another size or quality, cut
or mirrored (`core.checks.perceptual`), and **near twins**, which a network describes nearly alike
(embedding cosine above 0.95): the same object moments later, or a picture cut more strongly.
The first two make groups of duplicates; near twins are groups of their own, because
there is reason to keep both. A picture that is there under two labels comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.jobs import JobContext
from core.checks.cues import CueTable
from core.checks.similar_pairs import MAX_PAIRS, alike_pairs, group_ids, groups_of, unit_rows
from core.checks.perceptual import find_same_pictures

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

NEAR_TWIN_AT_LEAST = 0.95
NOT_LABELLED = -1
NOT_ALL = f"More than {MAX_PAIRS:,} pairs are alike; the others were left out, so there may be more."


class TwinKind(StrEnum):
    """How two pictures are alike, closest first."""

    SAME_FILE = "same file"
    SAME_PICTURE = "same picture"
    NEAR_TWIN = "near twin"


@dataclass(frozen=True, slots=True)
class DuplicateInput:
    """What `find_duplicates` looks at; rows belong together.

    Attributes:
        hashes: Content hash of each image.
        cues: From `measure_cues`, for the same images.
        labels: (n_images,) int64, −1 where there is none.
        classes: Names of the classes.
        embeddings: (n_images, n_features) float, or None: then no near twins are sought. Rows of NaN are
            pictures that the network has not described.
    """

    hashes: tuple[bytes, ...]
    cues: CueTable
    labels: Ints
    classes: tuple[str, ...]
    embeddings: Floats | None = None


@dataclass(frozen=True, slots=True)
class TwinPair:
    """Two pictures that are alike.

    Attributes:
        left, right: Rows, left < right.
        kind: How they are alike.
        likeness: 0 … 1.
        cut: Share of a side that one lacks at each edge.
        is_mirrored: Whether one is the mirror image of the other.
    """

    left: int
    right: int
    kind: TwinKind
    likeness: float
    cut: float = 0.0
    is_mirrored: bool = False


@dataclass(frozen=True, slots=True)
class TwinGroup:
    """Pictures that belong together.

    Attributes:
        rows: Of the images, the one to keep first.
        kind: The loosest link in the group.
        has_two_labels: Whether they carry different labels.
        differences: For each row, how it differs from the first ("smaller, 300 × 200", "mirrored").
        sentence: For the user.
    """

    rows: tuple[int, ...]
    kind: TwinKind
    has_two_labels: bool
    differences: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What was found.

    Attributes:
        groups: Same file or same picture; those under two labels first.
        near_groups: Near twins; those under two labels first.
        pairs: All links, for leaks.
        n_candidates: How many pairs were compared finely.
        n_surplus: Images that could go if each group kept one.
        sentence: For the user.
        is_complete: False if so many pictures are alike that some pairs were left out.
    """

    groups: tuple[TwinGroup, ...]
    near_groups: tuple[TwinGroup, ...]
    pairs: tuple[TwinPair, ...]
    n_candidates: int
    n_surplus: int
    sentence: str
    is_complete: bool = True


def find_duplicates(inputs: DuplicateInput, context: JobContext) -> Duplicates:
    """Find all pictures that are there more than once.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    files = _same_files(inputs.hashes)
    pictures, n_candidates, has_all_pictures = _same_pictures(inputs, context)
    close = files + pictures
    near, has_all_twins = _near_twins(inputs, close, context)
    is_complete = has_all_pictures and has_all_twins
    groups = _groups(inputs, close)
    near_groups = _groups(inputs, near)
    n_surplus = sum(len(g.rows) - 1 for g in groups)
    sentence = _summary(groups, near_groups, n_surplus) + ("" if is_complete else f" {NOT_ALL}")
    return Duplicates(groups, near_groups, (*close, *near), n_candidates, n_surplus, sentence, is_complete)


def keep_order(rows: Ints, cues: CueTable) -> Ints:
    """The rows of a group, the one to keep first: most pixels, then least compressed, then first."""
    pixels = np.nan_to_num(cues.number("pixels")[rows], nan=-1.0)
    quality = np.nan_to_num(cues.number("jpeg_quality")[rows], nan=101.0)
    n_bytes = np.nan_to_num(cues.number("bytes")[rows], nan=-1.0)
    return rows[np.lexsort((rows, -n_bytes, -quality, -pixels))]


def _same_files(hashes: tuple[bytes, ...]) -> list[TwinPair]:
    """Each repeated file linked with its first occurrence."""
    first: dict[bytes, int] = {}
    pairs = []
    for row, content in enumerate(hashes):
        if first.setdefault(content, row) != row:
            pairs.append(TwinPair(first[content], row, TwinKind.SAME_FILE, 1.0))
    return pairs


def _same_pictures(inputs: DuplicateInput, context: JobContext) -> tuple[list[TwinPair], int, bool]:
    rows = _one_of_each(inputs)
    found = find_same_pictures(inputs.cues.grey[rows], inputs.cues.chroma[rows], context=context)
    pairs = [
        TwinPair(int(rows[a]), int(rows[b]), TwinKind.SAME_PICTURE, float(s), float(c), bool(m))
        for a, b, s, c, m in zip(found.left, found.right, found.likeness, found.cut, found.is_mirrored, strict=True)
    ]
    return pairs, found.n_candidates, found.is_complete


def _near_twins(
    inputs: DuplicateInput, close: list[TwinPair], context: JobContext
) -> tuple[list[TwinPair], bool]:
    if inputs.embeddings is None:
        return [], True
    rows = _one_of_each(inputs)
    rows = rows[np.isfinite(inputs.embeddings[rows, 0])]
    if len(rows) < 2:
        return [], True
    units = unit_rows(inputs.embeddings[rows])
    found = alike_pairs(units, units, at_least=NEAR_TWIN_AT_LEAST, context=context, is_same_set=True)
    known = {(p.left, p.right) for p in close}
    pairs = zip(rows[found.left].tolist(), rows[found.right].tolist(), found.likeness.tolist(), strict=True)
    near = [TwinPair(a, b, TwinKind.NEAR_TWIN, min(s, 1.0)) for a, b, s in pairs if (a, b) not in known]
    return near, found.is_complete


def _one_of_each(inputs: DuplicateInput) -> Ints:
    """First row of each content that could be read."""
    first: dict[bytes, int] = {}
    for row, content in enumerate(inputs.hashes):
        if inputs.cues.is_read[row]:
            first.setdefault(content, row)
    return np.array(list(first.values()), np.int64)


def _groups(inputs: DuplicateInput, pairs: list[TwinPair]) -> tuple[TwinGroup, ...]:
    left, right = np.array([p.left for p in pairs], np.int64), np.array([p.right for p in pairs], np.int64)
    ids = group_ids(len(inputs.hashes), left, right)
    links: dict[int, list[TwinPair]] = {}
    for pair in pairs:
        links.setdefault(int(ids[pair.left]), []).append(pair)
    groups = [_group(inputs, rows, links[int(ids[rows[0]])]) for rows in groups_of(ids)]
    return tuple(sorted(groups, key=lambda g: not g.has_two_labels))


def _group(inputs: DuplicateInput, rows: Ints, links: list[TwinPair]) -> TwinGroup:
    order = keep_order(rows, inputs.cues)
    kind = max((p.kind for p in links), key=list(TwinKind).index)
    labels = sorted({int(label) for label in inputs.labels[rows]} - {NOT_LABELLED})
    names = [inputs.classes[label] for label in labels]
    differences = ("", *(_difference(inputs, int(order[0]), int(r), links) for r in order[1:]))
    return TwinGroup(
        tuple(int(r) for r in order), kind, len(labels) > 1, differences, _group_sentence(kind, len(rows), names),
    )


def _difference(inputs: DuplicateInput, kept: int, row: int, links: list[TwinPair]) -> str:
    """How `row` differs from the one to keep, in words."""
    if inputs.hashes[kept] == inputs.hashes[row]:
        return "the same file"
    cues, said = inputs.cues, []
    pixels, quality = cues.number("pixels"), cues.number("jpeg_quality")
    if pixels[row] < pixels[kept]:
        said.append(f"smaller, {cues.number('width')[row]:.0f} × {cues.number('height')[row]:.0f}")
    if quality[row] + 3 < quality[kept]:
        said.append(f"more strongly compressed, quality {quality[row]:.0f}")
    if cues.word("format")[row] != cues.word("format")[kept]:
        said.append(f"as {cues.word('format')[row]}")
    return ", ".join(said + _link_words(kept, row, links)) or "nearly the same"


def _link_words(kept: int, row: int, links: list[TwinPair]) -> list[str]:
    link = next((p for p in links if {p.left, p.right} == {kept, row}), None)
    if link is None:
        return []
    words = ["mirrored"] if link.is_mirrored else []
    return [*words, f"cut at the edges by about {link.cut:.0%}"] if link.cut > 0 else words


def _group_sentence(kind: TwinKind, n_images: int, names: list[str]) -> str:
    what = {
        TwinKind.SAME_FILE: f"The same file is there {n_images} times",
        TwinKind.SAME_PICTURE: f"The same picture is there {n_images} times",
        TwinKind.NEAR_TWIN: f"{n_images} pictures look nearly alike",
    }[kind]
    if len(names) > 1:
        return f"{what}, but labelled {', '.join(names[:-1])} and {names[-1]}."
    return f"{what}."


def _summary(groups: tuple[TwinGroup, ...], near_groups: tuple[TwinGroup, ...], n_surplus: int) -> str:
    n_conflicts = sum(g.has_two_labels for g in groups)
    if not groups and not near_groups:
        return "No picture is there twice."
    parts = [f"{n_surplus:,} pictures are copies of others" if n_surplus != 1 else "1 picture is a copy of another"]
    if n_conflicts:
        parts.append(f"{n_conflicts:,} of them in groups under different labels" if n_conflicts != 1
                     else "one of them under different labels")
    if near_groups:
        parts.append(f"{sum(len(g.rows) for g in near_groups):,} more look nearly alike")
    return "; ".join(parts) + "."
