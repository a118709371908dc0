"""What a report is made from: figures of a run on the images that it was judged by and on test images; mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.runs.record import RunRecord


@dataclass(frozen=True, slots=True)
class Mistake:
    """One image beside its prediction; a mistake, or right and uncertain.

    Attributes:
        path: Where the file was last seen.
        name: Its file name, readable.
        label: What a person said; "" where nobody did.
        prediction: The predicted class.
        p_label: Predicted probability of the label, 0 … 1; None where the model does not know the class, or its
            probabilities are not at hand.
        confidence: Probability of the predicted class, 0 … 1.
        reading: What the ImageNet classifier makes of it (“window screen 0.41”), or "".
        content_hash: What the model saw; None where nobody asks.
        heat: Its heat map for the predicted class as JPEG; empty where there is none.
    """

    path: Path
    name: str
    label: str
    prediction: str
    p_label: float | None
    confidence: float
    reading: str = ""
    content_hash: bytes | None = None
    heat: bytes = b""


@dataclass(frozen=True, slots=True)
class ReportPart:
    """Figures on one set of images, by the labels as they are now.

    Attributes:
        warning: What must be read before the figure, or "".
        verdict: The accuracy in a sentence, or "" where nothing is predicted yet.
        baseline: What it is to be compared with, or "".
        notes: Sentences.
        classes: Names, also of classes that the run does not know.
        confusion: Counts; rows are labels, columns predictions.
        mistakes: In the order in which they are shown.
        uncertain: Where nothing is wrong: the images that the run was least sure of, least sure first.
        design_effect: By how much groups of images that are alike widen intervals; see `wilson_interval`.
        heat_note: How heat maps of the mistakes are to be read, or why there are none; "" where nobody asked.
    """

    warning: str
    verdict: str
    baseline: str
    notes: tuple[str, ...]
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    mistakes: tuple[Mistake, ...]
    uncertain: tuple[Mistake, ...] = ()
    design_effect: float = 1.0
    heat_note: str = ""

    @property
    def n_images(self) -> int:
        return sum(map(sum, self.confusion))

    @property
    def n_wrong(self) -> int:
        return self.n_images - sum(row[i] for i, row in enumerate(self.confusion))


@dataclass(frozen=True, slots=True)
class ReportInput:
    """What the page shows.

    Attributes:
        project: Name of the project.
        record: The run.
        judged: The images that the run was judged by.
        doubt: A sentence where the accuracy cannot be relied on, or "".
        measure: How it was measured, or "".
        interval: 95 % confidence interval of the accuracy, or None.
        colors: Colour of each class as "#RRGGBB"; classes without one get one.
        test: The labelled test set, or None without one.
        expected: The expected accuracy on images without labels in a sentence, or "".
        is_expected_lower: Whether that leads, because what was measured is clearly higher.
        sheet: Predictions of test images, the least sure ones first.
        n_sheet: How many there are, of which `sheet` has the first.
        n_not_predicted: Test images that the run has not predicted.
    """

    project: str
    record: RunRecord
    judged: ReportPart
    doubt: str = ""
    measure: str = ""
    interval: tuple[float, float] | None = None
    colors: Mapping[str, str] = field(default_factory=dict)
    test: ReportPart | None = None
    expected: str = ""
    is_expected_lower: bool = False
    sheet: tuple[Mistake, ...] = ()
    n_sheet: int = 0
    n_not_predicted: int = 0
