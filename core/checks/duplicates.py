"""Check `duplicates`: groups of images that are in the project more than once, and which one to keep.

Same files and same images make groups of duplicates; near-duplicates are groups of their own, because there is
reason to keep both. A group under two labels comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.checks.check import CatalogState, Check, CheckData, Finding, Ints, Note, count_figure
from core.checks.cues import CueTable
from core.checks.duplicate_pairs import DuplicatePair, Match, pairs_of
from core.embeddings.similar_pairs import MAX_PAIRS, group_ids, groups_of
from core.jobs import JobContext
from core.text import Message

Difference = tuple[Message, ...]
"""How one image differs from the one to keep; empty for that one itself."""


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Images that belong together.

    Attributes:
        image_ids: The one to keep first; `find_groups` gives rows.
        match: The loosest link in the group.
        labels: Names of the classes that they carry.
        differences: For each image.
        is_on_both_sides: Whether some are for training and some for testing.
    """

    image_ids: tuple[int, ...]
    match: Match
    labels: tuple[str, ...]
    differences: tuple[Difference, ...]
    is_on_both_sides: bool = False

    @property
    def has_two_labels(self) -> bool:
        return len(self.labels) > 1

    @property
    def sentence(self) -> Message:
        group = Message(f"checks.group.{self.match.name.lower()}", count=len(self.image_ids))
        code = "checks.group_labelled" if self.has_two_labels else "checks.group_sentence"
        return Message(code, group=group, labels=self.labels)


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups of duplicates and of near-duplicates; those under two labels first, then those on both sides.

    Attributes:
        is_complete: False if so many images are alike that some pairs were left out.
    """

    groups: tuple[DuplicateGroup, ...]
    near_groups: tuple[DuplicateGroup, ...]
    is_complete: bool = True


def find_groups(
    pairs: Sequence[DuplicatePair], hashes: Sequence[bytes], cues: CueTable, labels: Ints, classes: Sequence[str]
) -> tuple[DuplicateGroup, ...]:
    """The groups that pairs form; those under two labels first.

    Args:
        pairs: From `find_pairs`.
        hashes: Content hash of each image.
        cues: From `measure_cues`, for the same images.
        labels: (n_images,) int64, −1 where there is none.
        classes: Names.
    """
    left, right = np.array([p.left for p in pairs], np.int64), np.array([p.right for p in pairs], np.int64)
    ids = group_ids(len(hashes), left, right)
    links: dict[int, list[DuplicatePair]] = {}
    for pair in pairs:
        links.setdefault(int(ids[pair.left]), []).append(pair)
    groups = []
    for rows in groups_of(ids):
        order, its_links = keep_order(rows, cues).tolist(), links[int(ids[rows[0]])]
        match = max((p.match for p in its_links), key=list(Match).index)
        names = tuple(classes[label] for label in sorted({int(label) for label in labels[rows]} - {-1}))
        differences = ((), *(_difference(hashes, cues, order[0], row, its_links) for row in order[1:]))
        groups.append(DuplicateGroup(tuple(order), match, names, differences))
    return tuple(sorted(groups, key=lambda g: not g.has_two_labels))


def keep_order(rows: Ints, cues: CueTable) -> Ints:
    """The rows of a group, the one to keep first: most pixels, then least compressed, then first."""
    pixels = np.nan_to_num(cues.number("pixels")[rows], nan=-1.0)
    quality = np.nan_to_num(cues.number("jpeg_quality")[rows], nan=101.0)
    n_bytes = np.nan_to_num(cues.number("bytes")[rows], nan=-1.0)
    return rows[np.lexsort((rows, -n_bytes, -quality, -pixels))]


def _difference(
    hashes: Sequence[bytes], cues: CueTable, kept: int, row: int, links: Sequence[DuplicatePair]
) -> Difference:
    """How `row` differs from the one to keep."""
    if hashes[kept] == hashes[row]:
        return (Message("checks.difference.same_file"),)
    said = []
    pixels, quality, kind = cues.number("pixels"), cues.number("jpeg_quality"), cues.word("format")
    if pixels[row] < pixels[kept]:
        width, height = (round(float(cues.number(name)[row])) for name in ("width", "height"))
        said.append(Message("checks.difference.smaller", width=width, height=height))
    if quality[row] + 3 < quality[kept]:
        said.append(Message("checks.difference.more_compressed", quality=round(float(quality[row]))))
    if kind[row] != kind[kept]:
        said.append(Message("checks.difference.format", format=str(kind[row])))
    link = next((p for p in links if {p.left, p.right} == {kept, row}), None)
    if link is not None and link.is_mirrored:
        said.append(Message("checks.difference.mirrored"))
    if link is not None and link.cut > 0:
        said.append(Message("checks.difference.cropped", share=link.cut))
    return tuple(said) or (Message("checks.difference.none"),)


class DuplicatesCheck(Check[Duplicates]):
    """Compares contents, sketches and, where there are any, embeddings."""

    name = "duplicates"
    evidence = Duplicates
    no_facts = {"duplicates": (), "duplicate_groups": (), "near_twins": ()}

    def run(self, data: CheckData, context: JobContext) -> Duplicates:
        pairs = pairs_of(data, context)
        return Duplicates(self._groups(data, pairs.close), self._groups(data, pairs.near), pairs.is_complete)

    def _groups(self, data: CheckData, pairs: Sequence[DuplicatePair]) -> tuple[DuplicateGroup, ...]:
        hashes = [image.content_hash for image in data.job.images]
        groups = [
            replace(group, image_ids=data.ids_of(group.image_ids),
                    is_on_both_sides=len(set(data.is_test[list(group.image_ids)].tolist())) > 1)
            for group in find_groups(pairs, hashes, data.cues, data.labels, data.job.classes)
        ]
        return tuple(sorted(groups, key=lambda g: (not g.has_two_labels, not g.is_on_both_sides)))

    def findings(self, evidence: Duplicates, now: CatalogState) -> Iterator[Finding]:
        conflicts = tuple(g for g in evidence.groups if g.has_two_labels)
        copies = tuple(g for g in evidence.groups if not g.has_two_labels)
        more = () if evidence.is_complete else (Message("checks.pairs_left_out", most=MAX_PAIRS),)
        if conflicts:
            yield two_labels_finding(conflicts)
        if copies:
            n = sum(len(g.image_ids) - 1 for g in copies)
            yield Finding(
                "duplicates", self.name, "duplicate", 0.36, Message("checks.title.duplicates"),
                Message("checks.images_are_duplicates", n=n), count_figure(n), more, _members(copies), copies,
                ("trash",),
            )
        if evidence.near_groups:
            n = sum(len(g.image_ids) for g in evidence.near_groups)
            yield Finding(
                "near twins", self.name, "near twin", 0.25, Message("checks.title.near_duplicates"),
                Message("checks.images_are_near_duplicates", count=n), count_figure(n), more,
                _members(evidence.near_groups), evidence.near_groups,
            )

    def notes(self, finding: Finding) -> Mapping[int, Note]:
        return {i: Note(said) for g in finding.evidence for i, said in zip(g.image_ids, g.differences, strict=True)
                if said}

    def facts(self, evidence: Duplicates, now: CatalogState) -> Mapping[str, Any]:
        return {
            "duplicates": [now.paths_of(group.image_ids) for group in evidence.groups],
            "duplicate_groups": [_group_facts(group, now) for group in evidence.groups],
            "near_twins": [_group_facts(group, now) for group in evidence.near_groups],
        }


def two_labels_finding(groups: tuple[DuplicateGroup, ...]) -> Finding:
    """The finding for duplicates under different labels."""
    n = len(groups)
    return Finding(
        "two labels", DuplicatesCheck.name, "two labels", 0.82, Message("checks.title.two_labels"),
        Message("checks.duplicates_under_two_labels", n=n), count_figure(n),
        (groups[0].sentence,) if groups[0].labels else (), _members(groups), groups,
    )


def _members(groups: Sequence[DuplicateGroup]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(i for group in groups for i in group.image_ids))


def _group_facts(group: DuplicateGroup, now: CatalogState) -> dict[str, Any]:
    return {
        "paths": now.paths_of(group.image_ids), "kind": str(group.match), "has_two_labels": group.has_two_labels,
        "is_on_both_sides": group.is_on_both_sides,
        "differences": [Message("checks.differences", said=said) if said else "" for said in group.differences],
        "sentence": group.sentence,
    }
