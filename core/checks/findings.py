"""The findings of a check of the data, gravest first: one sentence each, a figure, the images behind it.

How much a finding matters is one number, so that a shortcut, a leak and a wrong label can stand in one
list: first what makes the accuracy a lie, then what spoils the labels, then what is merely odd. Nothing
here computes anything anew; a training must not wait for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from core.review.baseline import MAX_NAMED
from core.checks.health_result import (
    FEWEST_TO_JUDGE, ClassSize, FoundShortcut, HealthResult, LeakedImage, OddPicture, SuspectLabel, TwinSet,
    WrongLabels,
)
from core.review.verdict import percent

GRAVE, NOTABLE = 0.7, 0.35
"""From so much gravity on a finding is serious, or a warning."""

NEAR_TWIN = "near twin"


class FindingKind(StrEnum):
    """What a finding is about."""

    SHORTCUT = "shortcut"
    LEAK = "leak"
    TWO_LABELS = "two labels"
    LABEL_ERROR = "label error"
    DUPLICATE = "duplicate"
    NEAR_TWIN = "near twin"
    FOLDS = "twins in folds"
    UNREADABLE = "unreadable"
    BALANCE = "balance"
    ALIKE_CLASSES = "alike classes"
    COVERAGE = "coverage"
    OUTLIER = "outlier"
    EARLIER_VERSION = "earlier version"


class Level(IntEnum):
    """How serious a finding is, for people."""

    NOTE = 1
    WARNING = 2
    SERIOUS = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        key: Names it; the same finding of a later check has the same key.
        kind: What it is about.
        gravity: How much it matters, 0 … 1.
        title: Two or three words for a list.
        sentence: What is the matter.
        figure: The number that stands for it ("97.5 %", "32"), for people.
        details: What else there is to say, one sentence each.
        image_ids: The images behind it, worst first.
        reason: Why a person has accepted it; None if nobody has.
    """

    key: str
    kind: FindingKind
    gravity: float
    title: str
    sentence: str
    figure: str
    details: tuple[str, ...] = ()
    image_ids: tuple[int, ...] = ()
    reason: str | None = None

    @property
    def level(self) -> Level:
        return Level.SERIOUS if self.gravity >= GRAVE else Level.WARNING if self.gravity >= NOTABLE else Level.NOTE

    @property
    def is_acknowledged(self) -> bool:
        return self.reason is not None


def list_findings(
    result: HealthResult, *, sure_labels: Collection[str] = (), reasons: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """Everything that a check found, gravest first, accepted findings last.

    Args:
        result: What was found.
        sure_labels: Labels that a person is sure of; see `core.project.decisions.label_subject`.
        reasons: Why findings were accepted, by key.
    """
    return with_reasons([*_grave(result), *_of_labels(result, sure_labels), *_of_pictures(result)], reasons or {})


def with_reasons(findings: Sequence[Finding], reasons: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings with why they were accepted, gravest first, accepted ones last."""
    known = [replace(f, reason=reasons.get(f.key)) for f in findings]
    return tuple(sorted(known, key=lambda f: (f.is_acknowledged, -f.gravity)))


def doubtful_labels(result: HealthResult, sure_labels: Collection[str]) -> tuple[SuspectLabel, ...]:
    """The suspects without those that a person is sure of."""
    return tuple(s for s in result.label_errors if f"{s.content_hash}:{s.label_id}" not in sure_labels)


def shortcut_finding(found: Sequence[FoundShortcut], *, details: Sequence[str] = ()) -> Finding:
    """One finding for all shortcuts of one kind, the gravest first."""
    worst = found[0]
    gravity = {3: 0.9, 2: 0.55, 1: 0.2}[worst.severity] + 0.09 * worst.accuracy
    others = [f"{_cue_words(s.cue)} {percent(s.accuracy)} %" for s in found[1:6]]
    more = [f"Also telling: {', '.join(others)}."] if others else []
    sentence = worst.sentences[0]
    return Finding(
        f"shortcut:{worst.kind}:{worst.cue}", FindingKind.SHORTCUT, gravity, _SHORTCUT_TITLES[worst.kind], sentence,
        f"{percent(worst.accuracy)} %", (worst.rule, *worst.sentences[2:], *details, *more), worst.image_ids,
    )


_SHORTCUT_TITLES = {
    "file": "Files tell the class", "camera": "Camera tells the class", "name": "Names tell the class",
    "pixels": "Light tells the class",
}


def _cue_words(cue: str) -> str:
    return "all that the files say" if cue == "all_metadata" else cue.replace("_", " ")


def _grave(result: HealthResult) -> Iterator[Finding]:
    """Shortcuts and leaks: what makes a figure look better than it is."""
    for kind in dict.fromkeys(s.kind for s in result.shortcuts):
        same = [s for s in result.shortcuts if s.kind == kind]
        test = result.counter_test
        tested = test is not None and test.cue in {s.cue for s in same}
        yield shortcut_finding(same, details=[_say_counter(result)] if tested else [])
    close = [leak for leak in result.leaks if leak.kind != NEAR_TWIN]
    near = [leak for leak in result.leaks if leak.kind == NEAR_TWIN]
    n_test = max(result.sizes.n_test, 1)
    if close:
        yield _leak("leak:same", close, min(0.88, 0.7 + 2 * len(close) / n_test),
                    "also among the training pictures; the model has seen the answer")
    if near:
        yield _leak("leak:near", near, min(0.8, 0.45 + 2 * len(near) / n_test),
                    "nearly the same as a training picture")
    folds = result.twins_in_folds
    if folds is not None and folds.n_twins:
        loss = folds.accuracy - folds.accuracy_without if folds.accuracy_without is not None else 1.0
        yield Finding(
            "folds", FindingKind.FOLDS, min(0.75, 0.3 + max(0.0, 10 * loss)), "Twins among judged pictures",
            folds.sentence, f"{folds.n_twins:,}", (), folds.image_ids,
        )


def _say_counter(result: HealthResult) -> str:
    test = result.counter_test
    return "" if test is None else f"Counter-test ({_TRANSFORM_WORDS[test.transform]}, {test.model}): {test.sentence}"


_TRANSFORM_WORDS = {
    "same_size": "every picture at the same small size", "same_quality": "every picture saved in the same way",
    "border_cropped": "borders cut off", "background_filled": "backgrounds filled with grey",
    "background_blurred": "backgrounds blurred", "greyscale": "without colour", "same_light": "all in the same light",
}
"""How each cue was taken away, by the keys of `core.checks.counter.COUNTER_TRANSFORMS`."""


_LEAK_TITLES = {"leak:same": "Test pictures seen before", "leak:near": "Near twins in the test"}


def _leak(key: str, leaks: Sequence[LeakedImage], gravity: float, what: str) -> Finding:
    n = len(leaks)
    subject = "1 test picture is" if n == 1 else f"{n:,} test pictures are"
    ids = [i for leak in leaks for i in (leak.test_id, leak.train_id)]
    return Finding(
        key, FindingKind.LEAK, gravity, _LEAK_TITLES[key], f"{subject} {what}.", f"{n:,}", (),
        tuple(dict.fromkeys(ids)),
    )


def _of_labels(result: HealthResult, sure_labels: Collection[str]) -> Iterator[Finding]:
    """Contradicting and doubtful labels."""
    conflicts = [g for g in result.duplicates if g.has_two_labels]
    if conflicts:
        n = len(conflicts)
        what = "1 picture is there several times" if n == 1 else f"{n:,} pictures are there several times"
        yield Finding(
            "two labels", FindingKind.TWO_LABELS, 0.82, "Same picture, two labels", f"{what} under different labels.",
            f"{n:,}", (conflicts[0].sentence,), _members(conflicts),
        )
    doubtful, wrong = doubtful_labels(result, sure_labels), result.wrong_labels
    if doubtful and wrong is not None:
        n = len(doubtful)
        yield Finding(
            "label errors", FindingKind.LABEL_ERROR, label_gravity(wrong, n), "Doubtful labels", wrong.sentence,
            f"{n:,}", (f"{n:,} labels are worth a look." if n > 1 else "1 label is worth a look.",),
            tuple(s.image_id for s in doubtful),
        )


def label_gravity(wrong: WrongLabels, n_doubtful: int) -> float:
    """A note unless some label is surely wrong, which a few labels cannot tell; then by the share of wrong ones.

    Args:
        wrong: How many labels are probably wrong.
        n_doubtful: Suspects that nobody is sure of.

    Returns:
        0.3 … 0.85.
    """
    if round(wrong.low) < 1 or wrong.n_labels < FEWEST_TO_JUDGE:
        return 0.3
    return min(0.85, 0.36 + 6 * min(wrong.expected, n_doubtful) / wrong.n_labels)


def _of_pictures(result: HealthResult) -> Iterator[Finding]:
    """Duplicates, broken and odd files, balance."""
    copies = [g for g in result.duplicates if not g.has_two_labels]
    if copies:
        n = sum(len(g.image_ids) - 1 for g in copies)
        what = "1 picture is a copy of another" if n == 1 else f"{n:,} pictures are copies of others"
        yield Finding("duplicates", FindingKind.DUPLICATE, 0.36, "Copies", f"{what}.", f"{n:,}", (), _members(copies))
    if result.near_twins:
        n = sum(len(g.image_ids) for g in result.near_twins)
        yield Finding(
            "near twins", FindingKind.NEAR_TWIN, 0.25, "Nearly alike", f"{n:,} pictures look nearly like another.",
            f"{n:,}", (), _members(result.near_twins),
        )
    if result.unreadable:
        n = len(result.unreadable)
        reason = f"The first: {result.unreadable[0].reason}" if result.unreadable[0].reason else ""
        yield Finding(
            "unreadable", FindingKind.UNREADABLE, 0.37, "Broken files",
            "1 file cannot be read." if n == 1 else f"{n:,} files cannot be read.", f"{n:,}",
            (reason,) if reason else (), tuple(b.image_id for b in result.unreadable),
        )
    yield from _of_balance(result)
    if result.outliers:
        yield _odd(result.outliers)


def _of_balance(result: HealthResult) -> Iterator[Finding]:
    sizes, uncovered = result.sizes, result.uncovered
    few = [c for c in sizes.classes if c.sentence]
    if few or sizes.ratio > _UNEQUAL:
        smallest = min(sizes.classes, key=lambda c: c.n_labels)
        yield Finding(
            "balance", FindingKind.BALANCE, 0.45 if few else 0.4, "Too few labels" if few else "Unequal classes",
            sizes.sentence, f"{smallest.n_labels:,}", _all_few(few),
        )
    for pair in result.alike_classes[:3]:
        yield Finding(
            f"alike:{pair.first}:{pair.second}", FindingKind.ALIKE_CLASSES, 0.38, "Classes hard to tell apart",
            pair.sentence, f"{pair.n_confused:,}", (), pair.image_ids,
        )
    if uncovered is not None and uncovered.image_ids:
        share = len(uncovered.image_ids) / max(sizes.n_test, 1)
        yield Finding(
            "coverage", FindingKind.COVERAGE, min(0.6, 0.2 + 2 * share), "Unlike all training pictures",
            uncovered.sentence, f"{len(uncovered.image_ids):,}", (), uncovered.image_ids,
        )


def _all_few(few: Sequence[ClassSize]) -> tuple[str, ...]:
    """All classes with too few labels by name, where the sentence counts some of them."""
    if len(few) <= MAX_NAMED:
        return ()
    return (", ".join(f"{c.name} {c.n_labels:,}" for c in sorted(few, key=lambda c: c.n_labels)) + ".",)


_UNEQUAL = 5.0


def _odd(odd: Sequence[OddPicture]) -> Finding:
    counts: dict[str, int] = {}
    for picture in odd:
        counts[picture.oddity] = counts.get(picture.oddity, 0) + 1
    said = ", ".join(f"{n:,} {oddity}" for oddity, n in counts.items())
    ids = tuple(dict.fromkeys(p.image_id for p in odd))
    n = len(ids)
    sentence = "1 picture is odd" if n == 1 else f"{n:,} pictures are odd"
    return Finding("odd", FindingKind.OUTLIER, 0.15, "Odd pictures", f"{sentence}: {said}.", f"{n:,}", (), ids)


def _members(sets: Sequence[TwinSet]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(i for group in sets for i in group.image_ids))
