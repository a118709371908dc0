"""What a training would learn from right now, what speaks against it, and the findings beside every accuracy.

The findings are the gravest ones, and those that were accepted. The kept result of a whole check is used where
images and labels are still the same. Otherwise what the catalog alone can tell is looked at, which takes well under
a second: exact duplicates on both sides or under two labels, and whether width, height, bytes and format tell the
class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from core.checks.balance import BalanceCheck, ClassSize
from core.checks.check import Finding, Level, sort_findings
from core.checks.cues import NUMBERS, WORDS, CueTable
from core.checks.duplicate_pairs import Match
from core.checks.duplicates import DuplicateGroup, two_labels_finding
from core.checks.earlier_versions import EarlierVersions, EarlierVersionsCheck
from core.checks.leakage import Leak, leak_finding
from core.checks.shortcut_scores import ALL_METADATA, find_shortcuts
from core.checks.shortcuts import shortcut_finding
from core.errors import TrainingDataError
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.project import Project
from core.project.queries import highest_id
from core.runs.record import recorded_findings
from core.text import Message
from core.text.names import short_name
from core.workflow.health import catalog_state, findings_of, is_current, read_health

LEAST_OF_CLASS = 5
"""With fewer images a class can hardly be judged: each one moves its figure by a fifth or more."""

STRONG_IMBALANCE = 10
"""From this many times more images in the largest class than in the smallest, the smallest is often overlooked."""

MAX_NAMED = 12
"""So many classes are named in a sentence; the others are counted."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What lies ready to learn from; readable images only.

    Attributes:
        classes: All classes of the project in their order, those without an image too.
        n_unlabelled: Images for training that have no label yet.
        n_test: Images kept apart as a test.
        n_earlier: Images for training whose label was given to an earlier version of the file; not learnt from.
        n_excluded: Images that are excluded, of either part; they are among none of the others.
    """

    classes: tuple[ClassSize, ...]
    n_unlabelled: int
    n_test: int
    n_earlier: int = 0
    n_excluded: int = 0

    @property
    def n_labels(self) -> int:
        return sum(c.n_labels for c in self.classes)

    @property
    def n_images(self) -> int:
        """All images but excluded ones, labelled or not."""
        return self.n_labels + self.n_unlabelled + self.n_test + self.n_earlier


class Remedy(StrEnum):
    """Where a concern can be mended."""

    IMPORT = "import"
    LABEL = "label"
    LIBRARY = "library"


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that speaks against training now.

    Attributes:
        message: What it is and what it means, for the user.
        remedy: Where it can be mended.
        is_blocking: Whether a training that needs labels cannot start at all.
        class_id: The class that it is about, or None.
    """

    message: Message
    remedy: Remedy
    is_blocking: bool = False
    class_id: int | None = None


def count_training_data(project: Project) -> TrainingData:
    """What a training would see right now.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    # in the order of an index, and so without sorting a million rows
    sql = "SELECT split, class_id, count(*) FROM image GROUP BY class_id, status, split HAVING status = 'ok'"
    rows = project.catalog.rows(sql)
    out = {(split, class_id): n for split, class_id, n in project.catalog.rows(
        "SELECT split, class_id, count(*) FROM image WHERE excluded IS NOT NULL AND status = 'ok' GROUP BY 1, 2")}
    rows = [(split, class_id, n - out.get((split, class_id), 0)) for split, class_id, n in rows]
    n_of = {class_id: n for split, class_id, n in rows if split == "train"}
    marked = "label_content IS NOT NULL AND excluded IS NULL AND status = 'ok' AND split = 'train'"
    n_marked = dict(project.catalog.rows(f"SELECT class_id, count(*) FROM image WHERE {marked} GROUP BY 1"))
    classes = tuple(
        ClassSize(c.id, c.name, n_of.get(c.id, 0) - n_marked.get(c.id, 0)) for c in list_classes(project))
    n_test = sum(n for split, _, n in rows if split == "test")
    return TrainingData(classes, n_of.get(None, 0), n_test, sum(n_marked.values()), sum(out.values()))


def find_concerns(data: TrainingData, *, needs_labels: bool = True) -> tuple[Concern, ...]:
    """What speaks against training now, the worst first; empty if nothing does.

    Args:
        data: What lies ready.
        needs_labels: Whether the strategy learns from labels; one that does not still chooses between classes.
    """
    if not data.n_images + data.n_excluded:
        return (Concern(Message("training.concern.no_images"), Remedy.IMPORT, is_blocking=True),)
    if not needs_labels:
        return () if len(data.classes) >= 2 else (_stops("two_classes"),)
    used = [c for c in data.classes if c.n_labels]
    if not used:
        return (_stops("no_labels"),)
    if len(used) == 1:
        return (_stops("one_class", class_name=short_name(used[0].name)),)
    few, empty = [c for c in used if 1 < c.n_labels < LEAST_OF_CLASS], [c for c in data.classes if not c.n_labels]
    found = (
        _single(used), _about(few, "few", has_counts=True, least=LEAST_OF_CLASS) if few else None, _unbalanced(used),
        _about(empty, "empty") if empty else None,
    )
    return tuple(concern for concern in found if concern is not None)


def _stops(what: str, **params: str) -> Concern:
    return Concern(Message(f"training.concern.{what}", **params), Remedy.LABEL, is_blocking=True)


def _single(used: Sequence[ClassSize]) -> Concern | None:
    """Classes that cannot be held back to judge them; they stop no other, but two must be left."""
    single = [c for c in used if c.n_labels == 1]
    if not single:
        return None
    is_blocking = len(used) - len(single) < 2
    return _about(single, "single_blocking" if is_blocking else "single", is_blocking=is_blocking)


def _unbalanced(used: Sequence[ClassSize]) -> Concern | None:
    smallest, largest = min(used, key=lambda c: c.n_labels), max(used, key=lambda c: c.n_labels)
    if largest.n_labels < STRONG_IMBALANCE * smallest.n_labels:
        return None
    return Concern(
        Message("training.concern.unbalanced", largest=short_name(largest.name), smallest=short_name(smallest.name),
                ratio=largest.n_labels // smallest.n_labels), Remedy.LABEL, class_id=smallest.class_id,
    )


def _about(
    classes: Sequence[ClassSize], what: str, *, is_blocking: bool = False, has_counts: bool = False, **params: int,
) -> Concern:
    """A concern about some classes, at least one; so many are named and the others counted."""
    names = tuple(
        Message("training.counted_class", class_name=short_name(c.name), n=c.n_labels) if has_counts
        else Message("text.quoted", word=short_name(c.name)) for c in classes[:MAX_NAMED]
    )
    if len(classes) > MAX_NAMED:
        names += (Message("training.more_classes", n=len(classes) - MAX_NAMED),)
    message = Message(f"training.concern.{what}", names=names, n=len(classes), **params)
    return Concern(message, Remedy.LABEL, is_blocking, classes[0].class_id)


N_GRAVEST = 2
MOST_COMPARED = 50_000
"""With more images it would take too long to find out whether the kept check is current while somebody waits."""

MOST_LOOKED_AT = 5_000
"""Of more labelled images a sample tells the shortcut as well."""


def findings_for_run(project: Project) -> tuple[dict[str, Any], ...]:
    """What a run carries beside its accuracy, as JSON values: the gravest findings, then all accepted ones.

    Too few or unequal labels are not among them: `core.workflow.readiness` says so of every training. Nor are labels
    of earlier versions: a note of the run says that they are left out.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    said_elsewhere = (BalanceCheck.name, EarlierVersionsCheck.name)
    known = [f for f in known_findings(project) if f.check not in said_elsewhere or f.is_accepted]
    open_ones = [f for f in known if f.level > Level.NOTE and not f.is_accepted][:N_GRAVEST]
    return tuple(f.to_json() for f in (*open_ones, *(f for f in known if f.is_accepted)))


def known_findings(project: Project) -> tuple[Finding, ...]:
    """All findings that can be told without computing for long, gravest first, accepted ones last."""
    result = read_health(project)
    if result is not None and is_current(project, result):
        return findings_of(project, result)
    now = catalog_state(project, None)
    earlier = EarlierVersionsCheck().findings(EarlierVersions(), now)
    return sort_findings([*_quick_shortcut(project), *_quick_duplicates(project), *earlier], now.reasons)


def findings_as_known(project: Project, recorded: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """What a run carries, in the figures of the kept check where that is current: one cue has one figure.

    Args:
        recorded: As `findings_for_run` gave them when the run was trained.
    """
    if not recorded or highest_id(project) > MOST_COMPARED:
        return recorded_findings(recorded)
    result = read_health(project)
    if result is None or not is_current(project, result):
        return recorded_findings(recorded)
    known = {_family(f.key): f.to_json() for f in reversed(findings_of(project, result))}
    return recorded_findings(known.get(_family(f["key"]), f) for f in recorded)


def _family(key: str) -> str:
    """What a finding is about, without the very cue: “shortcut:file” of “shortcut:file:width”."""
    return ":".join(key.split(":")[:2])


def _quick_shortcut(project: Project) -> list[Finding]:
    rows = project.catalog.rows(
        "SELECT id, name, class_id, width, height, bytes, format FROM image WHERE status = 'ok' AND split = 'train' "
        "AND excluded IS NULL AND class_id IS NOT NULL AND width > 0 AND height > 0 ORDER BY id"
    )
    if len(rows) > MOST_LOOKED_AT:
        chosen = np.random.default_rng(0).choice(len(rows), MOST_LOOKED_AT, replace=False)
        rows = [rows[i] for i in np.sort(chosen)]
    classes = list_classes(project)
    place = {row.id: at for at, row in enumerate(classes)}
    rows = [row for row in rows if row[2] in place]
    labels = np.array([place[row[2]] for row in rows], np.int64)
    names = [c.name for c in classes]
    with suppress(TrainingDataError):
        for found in find_shortcuts(_table(rows), ("",) * len(rows), labels, names, JobContext()):
            if found.cue == ALL_METADATA:
                ids = tuple(rows[row][0] for row in found.image_ids)
                finding = shortcut_finding([replace(found, image_ids=ids)])
                # named as what it is, for a whole check looks at more of a file and comes to another figure
                sentence = Message("checks.told_by.size_and_format", **finding.sentence.params)
                return [replace(finding, sentence=sentence)]
    return []


def _table(rows: Sequence[tuple[Any, ...]]) -> CueTable:
    """What the catalog knows of the files; all else is not known."""
    n = len(rows)
    width, height, n_bytes = (np.array([row[at] for row in rows], np.float32) for at in (3, 4, 5))
    numbers = np.full((n, len(NUMBERS)), np.nan, np.float32)
    known = {"width": width, "height": height, "aspect": width / height, "pixels": width * height, "bytes": n_bytes,
             "bytes_per_pixel": n_bytes / (width * height)}
    for name, values in known.items():
        numbers[:, NUMBERS.index(name)] = values
    words = np.full((n, len(WORDS)), "", "U40")
    words[:, WORDS.index("format")] = [row[6] or "" for row in rows]
    grey, chroma = np.zeros((n, 0, 0), np.uint8), np.zeros((n, 0, 0, 0), np.uint8)
    return CueTable(numbers, words, grey, chroma, np.ones(n, bool), {})


def _quick_duplicates(project: Project) -> list[Finding]:
    """Exact duplicates under two labels, and on both sides of train and test."""
    same = (
        "SELECT a.id, b.id FROM image a JOIN image b ON a.content_hash = b.content_hash "
        "WHERE a.status = 'ok' AND b.status = 'ok' AND a.excluded IS NULL AND b.excluded IS NULL AND "
    )
    findings = []
    leaks = project.catalog.rows(same + "a.split = 'test' AND b.split = 'train' GROUP BY a.id ORDER BY a.id")
    if leaks:
        n_test = project.catalog.rows("SELECT count(*) FROM image WHERE split = 'test' AND excluded IS NULL")[0][0]
        found = tuple(Leak(test_id, train_id, Match.SAME_FILE, 1.0) for test_id, train_id in leaks)
        findings.append(leak_finding(found, n_test, is_near=False))
    doubles = project.catalog.rows(
        same + "a.id < b.id AND a.class_id <> b.class_id GROUP BY a.content_hash ORDER BY a.id")
    if doubles:
        groups = tuple(DuplicateGroup(ids, Match.SAME_FILE, (), ((), ())) for ids in doubles)
        findings.append(two_labels_finding(groups))
    return findings
