"""The findings that stand beside every accuracy: the gravest ones, and those that were accepted.

The kept result of a whole check is used where images and labels are still the same. Otherwise what the
catalog alone can tell is looked at, which takes well under a second: exact duplicates on both sides or
under two labels, and whether width, height, bytes and format tell the class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from core.checks.balance import BalanceCheck
from core.checks.check import Finding, Level, sort_findings
from core.checks.cues import NUMBERS, WORDS, CueTable
from core.checks.duplicate_pairs import Match
from core.checks.duplicates import DuplicateGroup, two_labels_finding
from core.checks.earlier_versions import EarlierVersionsCheck
from core.checks.leakage import Leak, leak_finding
from core.checks.shortcut_scores import ALL_METADATA, ShortcutInput, find_shortcuts
from core.checks.shortcuts import shortcut_finding
from core.errors import TrainingDataError
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.project import Project
from core.project.queries import highest_id
from core.runs.record import recorded_findings
from core.text import Message
from core.workflow.health import catalog_state, findings_of, is_current, read_health

N_GRAVEST = 2
MOST_COMPARED = 50_000
"""With more images it would take too long to find out whether the kept check is current while somebody waits."""

MOST_LOOKED_AT = 5_000
"""Of more labelled pictures a sample tells the shortcut as well."""


def findings_for_run(project: Project) -> tuple[dict[str, Any], ...]:
    """What a run carries beside its accuracy, as JSON values: the gravest findings, then all accepted ones.

    Too few or unequal labels are not among them: `core.workflow.readiness` says so of every training.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    known = [f for f in known_findings(project) if f.check != BalanceCheck.name or f.is_accepted]
    open_ones = [f for f in known if _is_open(f)][:N_GRAVEST]
    return tuple(f.to_json() for f in (*open_ones, *(f for f in known if f.is_accepted)))


def _is_open(finding: Finding) -> bool:
    return finding.level > Level.NOTE and not finding.is_accepted


def known_findings(project: Project) -> tuple[Finding, ...]:
    """All findings that can be told without computing for long, gravest first, accepted ones last."""
    result = read_health(project)
    if result is not None and is_current(project, result):
        return findings_of(project, result)
    now = catalog_state(project, None)
    earlier = EarlierVersionsCheck().findings(None, now)
    return sort_findings([*_quick_shortcut(project), *_quick_duplicates(project), *earlier], now.reasons)


def findings_as_known(project: Project, recorded: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """What a run carries, in the figures of the kept check where that is current: one cue has one figure.

    Args:
        project: An open project.
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
        "AND class_id IS NOT NULL AND width > 0 AND height > 0 ORDER BY id"
    )
    if len(rows) > MOST_LOOKED_AT:
        chosen = np.random.default_rng(0).choice(len(rows), MOST_LOOKED_AT, replace=False)
        rows = [rows[i] for i in np.sort(chosen)]
    classes = list_classes(project)
    place = {row.id: at for at, row in enumerate(classes)}
    rows = [row for row in rows if row[2] in place]
    labels = np.array([place[row[2]] for row in rows], np.int64)
    inputs = ShortcutInput(_table(rows), ("",) * len(rows), labels, tuple(c.name for c in classes))
    with suppress(TrainingDataError):
        for found in find_shortcuts(inputs, JobContext()):
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
    return CueTable(numbers, words, grey, chroma, np.ones(n, bool), {}, 0)


def _quick_duplicates(project: Project) -> list[Finding]:
    """Exact duplicates under two labels, and on both sides of train and test."""
    same = (
        "SELECT a.id, b.id FROM image a JOIN image b ON a.content_hash = b.content_hash "
        "WHERE a.status = 'ok' AND b.status = 'ok' AND "
    )
    findings = []
    leaks = project.catalog.rows(same + "a.split = 'test' AND b.split = 'train' GROUP BY a.id ORDER BY a.id")
    if leaks:
        n_test = project.catalog.rows("SELECT count(*) FROM image WHERE split = 'test'")[0][0]
        found = tuple(Leak(test_id, train_id, Match.SAME_FILE, 1.0) for test_id, train_id in leaks)
        findings.append(leak_finding(found, n_test, is_near=False))
    doubles = project.catalog.rows(
        same + "a.id < b.id AND a.class_id <> b.class_id GROUP BY a.content_hash ORDER BY a.id")
    if doubles:
        groups = tuple(DuplicateGroup(ids, Match.SAME_FILE, (), ((), ())) for ids in doubles)
        findings.append(two_labels_finding(groups))
    return findings
