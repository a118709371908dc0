"""Check `shortcuts`: cues that should not matter and tell the labels, and whether the model uses the gravest one.

The counter-test takes a cue away from the pixels and predicts again. A cue whose loss changes many predictions was
being used; one that changes none was there, but was not needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.checks.border_looks import BorderLook, border_finding, look_at_borders
from core.checks.check import CatalogState, Check, CheckData, Finding, Level, attempt, share_figure
from core.checks.inputs import CounterTestInput, CounterTestResult
from core.checks.label_issues import out_of_fold
from core.checks.shortcut_scores import Shortcut, find_shortcuts
from core.errors import AppError, TrainingDataError
from core.jobs import JobContext
from core.review.metrics import wilson_interval
from core.tasks import run_here
from core.text import Message

MOST_NAMED = 5
"""So many other cues are named beside the worst."""

N_IMAGES = 200
"""Enough for an interval of a few per cent, and over in a few seconds."""

ENOUGH_TEST = 50
"""From so many test images on they alone are asked about, for the model has not seen them."""

TRANSFORM_FOR_CUE: Mapping[str, str] = {
    "width": "same_size", "height": "same_size", "aspect": "same_size", "pixels": "same_size",
    "sharpness": "same_size", "all_metadata": "same_size", "bytes": "same_quality", "bytes_per_pixel": "same_quality",
    "jpeg_quality": "same_quality", "format": "same_quality", "has_alpha": "background_filled",
    "border_red": "border_cropped", "border_green": "border_cropped", "border_blue": "border_cropped",
    "border_uniformity": "background_filled", "background": "background_filled", "saturation": "greyscale",
    "brightness": "same_light", "contrast": "same_light",
}
"""Which of `core.checks.counter_test_job.TRANSFORMS` takes a cue away; one that is not here is not in the pixels."""


@dataclass(frozen=True, slots=True)
class CounterTest:
    """What the model predicts once the cue is taken away.

    Attributes:
        cue, transform: Which cue, and how it was taken away.
        n_images, n_changed: Images tried, and those whose prediction changed.
        run: Which run was asked; empty for a model that was trained in passing.
    """

    cue: str
    transform: str
    n_images: int
    n_changed: int
    run: str = ""

    @property
    def interval(self) -> tuple[float, float]:
        """Of the share that changed, 95 %."""
        return wilson_interval(self.n_changed, self.n_images)

    @property
    def model(self) -> Message:
        return Message("checks.model_of_run", run=self.run) if self.run else Message("checks.model_in_passing")

    @property
    def sentence(self) -> Message:
        if not self.n_images:
            return Message("checks.counter_test_without_images")
        if not self.n_changed:
            return Message("checks.counter_test_none_changed", total=self.n_images)
        low, high = self.interval
        return Message("checks.counter_test_changed", count=self.n_changed, total=self.n_images,
                       share=self.n_changed / self.n_images, low=low, high=high)

    @property
    def detail(self) -> Message:
        """The sentence with how it was tested."""
        return Message("checks.counter_test", how=Message(f"checks.transform.{self.transform}"), model=self.model,
                       sentence=self.sentence)


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """The shortcuts, worst first, the counter-test to the gravest that is in the pixels, and where a run looks."""

    found: tuple[Shortcut, ...]
    counter_test: CounterTest | None = None
    border_looks: tuple[BorderLook, ...] = ()


class ShortcutsCheck(Check[Shortcuts]):
    """Tries every cue on the labels."""

    name = "shortcuts"
    evidence = Shortcuts
    no_facts = {"shortcuts": (), "counter_test": None, "border_looks": ()}

    def run(self, data: CheckData, context: JobContext) -> Shortcuts:
        names = [name.rpartition("/")[2] for name in data.job.names]
        found = tuple(replace(s, image_ids=data.ids_of(s.image_ids)) for s in find_shortcuts(
            data.cues, names, data.train_labels, data.job.classes, context, model_accuracy=_model_accuracy(data)))
        return Shortcuts(
            found,
            attempt(data.unchecked, "counter_test", lambda: run_counter_test(data, [s.cue for s in found], context)),
            attempt(data.unchecked, "border_looks", lambda: look_at_borders(data, context)) or ())

    def findings(self, evidence: Shortcuts, now: CatalogState) -> Iterator[Finding]:
        found, test = evidence.found, evidence.counter_test
        for kind in dict.fromkeys(s.kind for s in found):
            same = tuple(s for s in found if s.kind is kind)
            tested = test is not None and test.cue in {s.cue for s in same}
            yield shortcut_finding(same, test if tested else None)
        yield from (border_finding(look, self.name) for look in evidence.border_looks if look.is_finding)

    def facts(self, evidence: Shortcuts, now: CatalogState) -> Mapping[str, Any]:
        test = evidence.counter_test
        return {
            "shortcuts": [
                {"cue": s.cue, "accuracy": s.accuracy, "majority": s.majority, "rule": s.rule.sentence,
                 "interval": list(s.interval), "kind": str(s.kind), "severity": int(s.severity),
                 "sentences": list(s.sentences), "n_images": len(s.image_ids)}
                for s in evidence.found
            ],
            "border_looks": [look.facts() for look in evidence.border_looks],
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


def run_counter_test(data: CheckData, cues: Sequence[str], context: JobContext) -> CounterTest | None:
    """Take the gravest cue away and predict again; None where none is in the pixels.

    Args:
        data: With embeddings.
        cues: The gravest first.
        context: Progress counts images.

    Raises:
        RunError, WeightsError, EngineError: The model or the network cannot be had.
        TrainingDataError: There are too few labels for a model.
        JobCancelled: The caller asked the job to end.
    """
    cue = next((cue for cue in cues if cue in TRANSFORM_FOR_CUE), None)
    if cue is None or data.vectors is None:
        return None
    known = np.flatnonzero((data.train_labels >= 0) & data.has_vector)
    used, labels = np.unique(data.train_labels[known], return_inverse=True)
    if len(used) < 2:
        raise TrainingDataError("checks.no_model_to_test")
    # test images where there are enough, else labelled ones; a sample of them
    test = np.flatnonzero(data.is_test & data.has_vector)
    among = test if len(test) >= ENOUGH_TEST else known
    rows = np.sort(np.random.default_rng(0).choice(among, min(N_IMAGES, len(among)), replace=False))
    run = data.job.run
    fits = run is not None and run.weights == data.key and run.n_features == data.vectors.shape[1]
    run = run if fits else None
    inputs = CounterTestInput(
        tuple(data.job.images[row] for row in rows), data.vectors[rows], TRANSFORM_FOR_CUE[cue], data.job.backbone,
        run.folder if run is not None else None, data.vectors[known], labels, len(used),
    )
    asked: CounterTestResult = run_here("counter-test", inputs, context)
    data.skipped.extend(asked.skipped)
    n_changed = int((asked.before.argmax(axis=1) != asked.after.argmax(axis=1)).sum())
    return CounterTest(cue, inputs.transform, len(asked.rows), n_changed, run.id if run is not None else "")
