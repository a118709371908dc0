"""Check `shortcuts`: cues that should not matter and tell the labels, and whether the model uses the gravest one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.checks.check import CatalogState, Check, CheckData, Finding, Level, attempt, share_figure
from core.checks.counter_test import CounterTest, run_counter_test
from core.checks.label_issues import out_of_fold
from core.checks.shortcut_scores import Shortcut, find_shortcuts
from core.errors import AppError
from core.jobs import JobContext
from core.text import Message

MOST_NAMED = 5
"""So many other cues are named beside the worst."""


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """The shortcuts, worst first, and the counter-test to the gravest whose cue is in the pixels."""

    found: tuple[Shortcut, ...]
    counter_test: CounterTest | None = None


class ShortcutsCheck(Check[Shortcuts]):
    """Tries every cue on the labels."""

    name = "shortcuts"
    evidence = Shortcuts
    no_facts = {"shortcuts": (), "counter_test": None}

    def run(self, data: CheckData, context: JobContext) -> Shortcuts:
        names = [name.rpartition("/")[2] for name in data.job.names]
        found = tuple(replace(s, image_ids=data.ids_of(s.image_ids)) for s in find_shortcuts(
            data.cues, names, data.train_labels, data.job.classes, context, model_accuracy=_model_accuracy(data)))
        return Shortcuts(found, attempt(
            data.unchecked, "counter_test", lambda: run_counter_test(data, [s.cue for s in found], context)))

    def findings(self, evidence: Shortcuts, now: CatalogState) -> Iterator[Finding]:
        found, test = evidence.found, evidence.counter_test
        for kind in dict.fromkeys(s.kind for s in found):
            same = tuple(s for s in found if s.kind is kind)
            tested = test is not None and test.cue in {s.cue for s in same}
            yield shortcut_finding(same, test if tested else None)

    def facts(self, evidence: Shortcuts, now: CatalogState) -> Mapping[str, Any]:
        test = evidence.counter_test
        return {
            "shortcuts": [
                {"cue": s.cue, "accuracy": s.accuracy, "majority": s.majority, "rule": s.rule.sentence,
                 "interval": list(s.interval), "kind": str(s.kind), "severity": int(s.severity),
                 "sentences": list(s.sentences), "n_images": len(s.image_ids)}
                for s in evidence.found
            ],
            "counter_test": test and {
                "cue": test.cue, "transform": test.transform, "images": test.n_images, "changed": test.n_changed,
                "interval": list(test.interval), "model": test.model, "sentence": test.sentence},
        }


def shortcut_finding(found: Sequence[Shortcut], test: CounterTest | None = None) -> Finding:
    """One finding for all shortcuts of one kind, the gravest first."""
    worst, others = found[0], found[1:1 + MOST_NAMED]
    gravity = {Level.SERIOUS: 0.9, Level.WARNING: 0.55, Level.NOTE: 0.2}[worst.severity]
    more = Message("checks.also_telling", cues=tuple(
        Message("checks.cue_share", cue=Message(f"checks.cue_name.{s.cue}"), share=share_figure(s.accuracy))
        for s in others))
    how_well, rule, meaning = worst.sentences
    details = (rule, meaning, *((test.detail,) if test is not None else ()), *((more,) if others else ()))
    return Finding(
        f"shortcut:{worst.kind}:{worst.cue}", ShortcutsCheck.name, "shortcut", gravity + 0.09 * worst.accuracy,
        Message(f"checks.title.shortcut_{worst.kind}"), how_well, share_figure(worst.accuracy), details,
        worst.image_ids, tuple(found),
    )


def _model_accuracy(data: CheckData) -> float | None:
    """Out of fold; None where there are no such predictions."""
    try:
        return out_of_fold(data).accuracy
    except AppError:
        return None
