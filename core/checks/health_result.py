"""What a check of the data found, as it is kept beside the project: plain values, images by their id.

Only values that JSON knows, so that the same classes are the file and the result. Imports nothing
that takes time: a training reads the kept result and must not wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass

Interval = tuple[float, float]

FEWEST_TO_JUDGE = 30
"""Labels below which nothing is said of how many are wrong."""


@dataclass(frozen=True, slots=True)
class SuspectLabel:
    """A label that is probably wrong.

    Attributes:
        image_id: The image.
        content_hash: Of the image, hexadecimal; a decision about the label refers to it.
        label_id, suggested_id: Classes in the catalog: given, and likeliest other one.
        label, suggested: Their names.
        probability: Of the suggested class, 0 … 1.
        trust: Probability that is left to the given label, 0 … 1.
        is_confident: Whether the suggested class reaches that class's usual confidence.
        sentence: What is wrong.
        reason: Labels of the pictures that look most like it; empty where that is not known.
        neighbour_ids: Those pictures, the most similar first.
    """

    image_id: int
    content_hash: str
    label_id: int
    suggested_id: int
    label: str
    suggested: str
    probability: float
    trust: float
    is_confident: bool
    sentence: str
    reason: str = ""
    neighbour_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class WrongLabels:
    """How many labels are probably wrong, with a 95 % interval, of `n_labels`."""

    expected: float
    low: float
    high: float
    n_labels: int
    sentence: str


@dataclass(frozen=True, slots=True)
class TwinSet:
    """Pictures that belong together.

    Attributes:
        image_ids: The one to keep first.
        kind: "same file", "same picture" or "near twin"; the loosest link.
        has_two_labels: Whether they carry different labels.
        is_on_both_sides: Whether some are for training and some for testing.
        differences: How each differs from the first.
        sentence: For the user.
    """

    image_ids: tuple[int, ...]
    kind: str
    has_two_labels: bool
    is_on_both_sides: bool
    differences: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class LeakedImage:
    """A test picture and its closest twin among the training pictures; similarity 0 … 1."""

    test_id: int
    train_id: int
    kind: str
    similarity: float
    sentence: str


@dataclass(frozen=True, slots=True)
class FoundShortcut:
    """Something that should not matter and tells the labels.

    Attributes:
        cue: Its name.
        kind: "file", "camera", "name" or "pixels".
        accuracy, interval, majority: Cross-validated, its 95 % interval, and what guessing gives; 0 … 1.
        severity: 1 note, 2 warning, 3 serious.
        rule: The simplest thing to say about it.
        sentences: How well, the rule, what it means.
        image_ids: Pictures that the rule holds for.
    """

    cue: str
    kind: str
    accuracy: float
    interval: Interval
    majority: float
    severity: int
    rule: str
    sentences: tuple[str, ...]
    image_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CounterTest:
    """What the model says once the cue is taken away.

    Attributes:
        cue, transform: Which cue, and how it was taken away.
        n_images, n_changed: Pictures tried, and those of which the model then says something else.
        interval: Of the share that changed, 95 %.
        model: What was asked, for the user.
        sentence: For the user.
        image_ids: The pictures that changed.
    """

    cue: str
    transform: str
    n_images: int
    n_changed: int
    interval: Interval
    model: str
    sentence: str
    image_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OddPicture:
    """A picture that is odd in one way; see `core.checks.outliers.Oddity`."""

    image_id: int
    oddity: str
    strength: float
    sentence: str


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A file that cannot be read, and why; `image_id` is its row."""

    image_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class ClassSize:
    """How many labels a class has; `sentence` is empty where they suffice."""

    class_id: int
    name: str
    n_labels: int
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Labels of each class; `ratio` is largest to smallest among those that have any."""

    classes: tuple[ClassSize, ...]
    ratio: float
    n_unlabelled: int
    n_test: int
    sentence: str


@dataclass(frozen=True, slots=True)
class AlikeClasses:
    """Two classes that the model cannot tell apart; `image_ids` were taken for the other one."""

    first: str
    second: str
    n_confused: int
    n_images: int
    sentence: str
    image_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UncoveredTest:
    """Test pictures unlike all training pictures, farthest first."""

    image_ids: tuple[int, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class MoreLabels:
    """How right a simple model is with fewer labels, and with twice as many; `expected` 0 … 1 or None."""

    n_labels: tuple[int, ...]
    accuracies: tuple[float, ...]
    expected: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class TwinsInFolds:
    """The accuracy of a run with and without the pictures that were judged by a model that saw a twin.

    Attributes:
        run: Id of the run.
        n_images, n_twins: Judged pictures, and those with a twin in another fold.
        accuracy, accuracy_without: 0 … 1; `accuracy_without` is None where nothing is left.
        sentence: For the user.
        image_ids: The pictures with a twin in another fold.
    """

    run: str
    n_images: int
    n_twins: int
    accuracy: float
    accuracy_without: float | None
    sentence: str
    image_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A part that could not be looked at, and why."""

    part: str
    sentence: str


@dataclass(frozen=True, slots=True)
class HealthResult:
    """Everything that was found; lists are ordered worst first.

    Attributes:
        digest: Of images and labels that it belongs to; see `core.workflow.health.health_digest`.
        checked_at: ISO 8601, UTC.
        program_version: Version of Catalejo.
        seconds: Duration of the check.
        n_images: Readable images.
        is_quick: Only what needs no network was looked at.
        backbone: Whose embeddings were compared; empty without any.
        label_source: Where the probabilities came from: a run's id, or "leave-one-out"; empty without any.
        duplicates: Same file or same picture.
        unchecked: Parts that could not be looked at.
    """

    digest: str
    checked_at: str
    program_version: str
    seconds: float
    n_images: int
    sizes: Sizes
    is_quick: bool = False
    backbone: str = ""
    label_source: str = ""
    label_errors: tuple[SuspectLabel, ...] = ()
    wrong_labels: WrongLabels | None = None
    duplicates: tuple[TwinSet, ...] = ()
    near_twins: tuple[TwinSet, ...] = ()
    duplicates_sentence: str = ""
    leaks: tuple[LeakedImage, ...] = ()
    twins_in_folds: TwinsInFolds | None = None
    shortcuts: tuple[FoundShortcut, ...] = ()
    shortcuts_sentence: str = ""
    counter_test: CounterTest | None = None
    unreadable: tuple[BrokenFile, ...] = ()
    outliers: tuple[OddPicture, ...] = ()
    alike_classes: tuple[AlikeClasses, ...] = ()
    uncovered: UncoveredTest | None = None
    more_labels: MoreLabels | None = None
    unchecked: tuple[Unchecked, ...] = ()
