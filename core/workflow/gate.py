"""What speaks against believing an accuracy, beside every accuracy: the gravest findings, and what was accepted.

The kept result of a whole check is used where images and labels are still the same. Otherwise what the
catalog alone can tell is looked at, which takes well under a second: copies on both sides or under two
labels, and whether width, height, bytes and format tell the class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from core.errors import TrainingDataError
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.project import Project
from core.project.queries import highest_id
from core.checks.cues import NUMBERS, WORDS, CueTable
from core.checks.findings import Finding, FindingKind, Level, shortcut_finding, with_reasons
from core.checks.health_result import FoundShortcut
from core.checks.shortcuts import ALL_METADATA, ShortcutInput, find_shortcuts
from core.workflow.health import accepted_reasons, findings_of, is_current, read_health
from core.workflow.marked_labels import marked_finding

N_GRAVEST = 2
MOST_COMPARED = 50_000
"""With more images it would take too long to find out whether the kept check is current while somebody waits."""

MOST_LOOKED_AT = 5_000
"""Of more labelled pictures a sample tells the shortcut as well."""


def gravest_findings(project: Project, *, limit: int = N_GRAVEST) -> tuple[Finding, ...]:
    """The findings that matter most and that nobody has accepted, gravest first; notes speak against no accuracy.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    return tuple(f for f in known_findings(project) if _is_open(f))[:limit]


def findings_for_run(project: Project) -> tuple[dict[str, Any], ...]:
    """What a run carries beside its accuracy, as JSON values: the gravest findings, then all accepted ones.

    Too few or unequal labels are not among them: `core.workflow.readiness` says so of every training.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    known = [f for f in known_findings(project) if f.kind is not FindingKind.BALANCE or f.is_acknowledged]
    open_ones = [f for f in known if _is_open(f)][:N_GRAVEST]
    return tuple(_as_json(f) for f in (*open_ones, *(f for f in known if f.is_acknowledged)))


def _is_open(finding: Finding) -> bool:
    return finding.level > Level.NOTE and not finding.is_acknowledged


def known_findings(project: Project) -> tuple[Finding, ...]:
    """All findings that can be told without computing for long, gravest first, accepted ones last."""
    result = read_health(project)
    if result is not None and is_current(project, result):
        return findings_of(project, result)
    found = [*_quick_shortcut(project), *_quick_copies(project), *marked_finding(project)]
    return with_reasons(found, accepted_reasons(project))


def findings_as_known(project: Project, recorded: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """What a run carries, in the figures of the kept check where that is current: one cue has one figure.

    Args:
        project: An open project.
        recorded: As `findings_for_run` gave them when the run was trained.
    """
    if not recorded or highest_id(project) > MOST_COMPARED:
        return tuple(recorded)
    result = read_health(project)
    if result is None or not is_current(project, result):
        return tuple(recorded)
    known = {_family(f.key): _as_json(f) for f in reversed(findings_of(project, result))}
    return tuple(known.get(_family(f["key"]), f) for f in recorded)


def _family(key: str) -> str:
    """What a finding is about, without the very cue: “shortcut:file” of “shortcut:file:width”."""
    return ":".join(key.split(":")[:2])


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "key": finding.key, "kind": str(finding.kind), "level": finding.level.name.lower(),
        "sentence": finding.sentence, "figure": finding.figure, "details": list(finding.details[:2]),
        "acknowledged": finding.reason,
    }


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
        found = [s for s in find_shortcuts(inputs, JobContext()).found if s.score.cue == ALL_METADATA]
        if found:
            rule, score = found[0].rule, found[0].score
            return [shortcut_finding([FoundShortcut(
                score.cue, str(score.kind), score.accuracy, score.interval, score.majority, int(found[0].severity),
                rule.sentence(inputs.classes), _say_quick(found[0].sentences), tuple(rows[r][0] for r in rule.rows),
            )])]
    return []


def _say_quick(sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Named as what it is, for a whole check looks at more of a file and comes to another figure."""
    return (sentences[0].replace("From the file alone", "From size and format of the files alone"), *sentences[1:])


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
    return CueTable(numbers, words, grey, chroma, np.ones(n, bool), (), 0)


def _quick_copies(project: Project) -> list[Finding]:
    """Copies of one file under two labels, and on both sides of train and test."""
    same = (
        "SELECT a.id, b.id FROM image a JOIN image b ON a.content_hash = b.content_hash "
        "WHERE a.status = 'ok' AND b.status = 'ok' AND "
    )
    findings = []
    leaks = project.catalog.rows(same + "a.split = 'test' AND b.split = 'train' GROUP BY a.id ORDER BY a.id")
    if leaks:
        n, n_test = len(leaks), project.catalog.rows("SELECT count(*) FROM image WHERE split = 'test'")[0][0]
        subject = "1 test picture is" if n == 1 else f"{n:,} test pictures are"
        findings.append(Finding(
            "leak:same", FindingKind.LEAK, min(0.88, 0.7 + 2 * n / max(n_test, 1)), "Test pictures seen before",
            f"{subject} also among the training pictures; the model has seen the answer.", f"{n:,}", (),
            tuple(i for pair in leaks for i in pair),
        ))
    doubles = project.catalog.rows(
        same + "a.id < b.id AND a.class_id <> b.class_id GROUP BY a.content_hash ORDER BY a.id")
    if doubles:
        n = len(doubles)
        what = "1 picture is there several times" if n == 1 else f"{n:,} pictures are there several times"
        findings.append(Finding(
            "two labels", FindingKind.TWO_LABELS, 0.82, "Same picture, two labels",
            f"{what} under different labels.", f"{n:,}", (), tuple(i for pair in doubles for i in pair),
        ))
    return findings
