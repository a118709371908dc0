"""The review page: one HTML file that needs nothing else, to read, keep, print or send.

No script, no address outside the file; a content security policy in the page holds this
even if a class or file name tried otherwise. Every text is escaped by the template.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from numpy.typing import NDArray

from core.errors import ImageUnreadable
from core.images.thumbnails import make_thumbnail
from core.jobs import JobContext
from core.project.palette import OKABE_ITO
from core.review.baseline import describe_baseline, describe_warning, judge_confusion
from core.review.metrics import ClassFigures, class_figures, most_confused
from core.review.mistakes import Mistake
from core.review.verdict import describe_accuracy, describe_doubt, describe_measure, percent
from core.files.user_files import open_to_replace
from core.runs.record import OUT_OF_FOLD, RunRecord, recorded_findings
from core.text import Message

PICTURE_SIDE_PX = 200
MAX_MISTAKES = 200
"""Mistakes shown with their picture (about 6 kB each)."""

MAX_MATRIX_CLASSES = 12
"""With more classes the most confused pairs are listed instead of a matrix."""

MAX_PAIRS = 30
MAX_CLASS_ROWS = 40
"""With more classes those that are found least come first and the others are folded away."""

SIGNS = "■◆●▲▼★◀▶"
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class ReportTest:
    """The labelled test set as the page shows it, by the labels as they are now.

    Attributes:
        warning: What must be read before the figure, or "".
        verdict: The test accuracy in a sentence, or "" where nothing is predicted yet.
        baseline: What it is to be compared with, or "".
        notes: Sentences.
        classes: Names, also of classes that the run does not know.
        confusion: Counts; rows are labels, columns predictions.
        mistakes: Those that the run is surest of first.
    """

    warning: str
    verdict: str
    baseline: str
    notes: tuple[str, ...]
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class ReportInput:
    """What the page shows.

    Attributes:
        project: Name of the project.
        record: The run.
        mistakes: Worst first.
        colors: Colour of each class as "#RRGGBB"; classes without one get one.
        test: The labelled test set, or None without one.
    """

    project: str
    record: RunRecord
    mistakes: tuple[Mistake, ...]
    colors: Mapping[str, str] = field(default_factory=dict)
    test: ReportTest | None = None


@dataclass(frozen=True, slots=True)
class _Figures:
    """A confusion matrix with its tables, of the training images or of the test set.

    Attributes:
        rows, folded: Figures of each class, to show and to fold away.
        pairs: What was confused most.
        has_matrix: Whether there are few enough classes for a matrix.
    """

    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    rows: list[ClassFigures]
    folded: list[ClassFigures]
    pairs: list[dict[str, Any]]
    has_matrix: bool


@dataclass(frozen=True, slots=True)
class _Shown:
    """A mistake as the page shows it: with its picture as a data address, or why there is none."""

    mistake: Mistake
    picture: str
    reason: str


def write_report(inputs: ReportInput, out: Path, *, context: JobContext | None = None) -> None:
    """Write the page; an older one is replaced once the new one is whole.

    Args:
        inputs: See `ReportInput`.
        out: HTML file; its folder must exist.
        context: Progress counts pictures.

    Raises:
        InputError: The folder does not exist, or `out` is a folder.
        StorageError: Nothing can be written there.
        JobCancelled: The caller asked to end.
    """
    page = render_report(inputs, context or JobContext())
    with open_to_replace(out) as file:
        file.write(page)


def render_report(inputs: ReportInput, context: JobContext) -> str:
    """The page as text; see `write_report`."""
    record = inputs.record
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    standing, test = judge_confusion(record.confusion, record.classes), inputs.test
    return environment.get_template("report.html").render(
        inputs=inputs, record=record, findings=recorded_findings(record.findings),
        figures=_figures(record.classes, record.confusion),
        headline=describe_accuracy(
            record.n_validation - record.n_wrong, record.n_validation, record.interval, kind=record.accuracy_kind,
        ),
        warning=describe_warning(standing), baseline=describe_baseline(standing),
        doubt=describe_doubt(record.interval), measure=describe_measure(record.accuracy_kind, record.n_validation),
        is_out_of_fold=record.accuracy_kind == OUT_OF_FOLD, shown=_show(inputs.mistakes, context),
        test=test, test_figures=None if test is None else _figures(test.classes, test.confusion),
        test_shown=[] if test is None else _show(test.mistakes, context),
        look=_looks((*record.classes, *(test.classes if test else ())), inputs.colors), settings=_settings(record),
    )


def _figures(classes: tuple[str, ...], confusion: tuple[tuple[int, ...], ...]) -> _Figures:
    counts = np.array(confusion, np.int64).reshape(len(classes), len(classes))
    rows, folded = _class_rows(class_figures(counts, classes))
    return _Figures(
        classes, confusion, rows, folded, _pairs(classes, counts), len(classes) <= MAX_MATRIX_CLASSES)


def _show(mistakes: tuple[Mistake, ...], context: JobContext) -> list[_Shown]:
    chosen = mistakes[:MAX_MISTAKES]
    shown = []
    for i, mistake in enumerate(chosen):
        context.progress(i, len(chosen), stage=Message("jobs.reading_images"))
        try:
            jpeg = make_thumbnail(mistake.path, side_px=PICTURE_SIDE_PX, content_hash=mistake.content_hash)
            shown.append(_Shown(mistake, "data:image/jpeg;base64," + base64.b64encode(jpeg).decode(), ""))
        except ImageUnreadable as error:
            shown.append(_Shown(mistake, "", error.sentence))
    if chosen:
        context.progress(len(chosen), len(chosen), stage=Message("jobs.reading_images"))
    return shown


def _class_rows(figures: tuple[ClassFigures, ...]) -> tuple[list[ClassFigures], list[ClassFigures]]:
    """The classes to show and those to fold away."""
    if len(figures) <= MAX_CLASS_ROWS:
        return list(figures), []
    ordered = sorted(figures, key=lambda f: (2.0 if f.recall is None else f.recall, -f.n_images))
    return ordered[:MAX_CLASS_ROWS], ordered[MAX_CLASS_ROWS:]


def _pairs(classes: tuple[str, ...], counts: NDArray[np.int64]) -> list[dict[str, Any]]:
    return [
        {
            "label": classes[pair.label], "prediction": classes[pair.prediction], "n": pair.n_images,
            "share": pair.share,
        }
        for pair in most_confused(counts, MAX_PAIRS)
    ]


def _looks(classes: tuple[str, ...], colors: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Colour and sign of each class; what is not a plain colour does not reach the page."""
    return {
        name: (
            given if _COLOR.fullmatch(given := colors.get(name, "")) else OKABE_ITO[i % len(OKABE_ITO)],
            SIGNS[i % len(SIGNS)],
        )
        for i, name in enumerate(dict.fromkeys(classes))
    }


def _learnt_from(record: RunRecord) -> str:
    return f"{record.n_train:,} pictures" if record.n_train else "nothing: it reads with what it knew before"


def _settings(record: RunRecord) -> list[tuple[str, str]]:
    """What the run was made with, as (name, value)."""
    known = [
        ("Run", record.run), ("Finished", record.created_at), ("Strategy", record.strategy),
        ("Backbone", record.backbone), ("Seed", str(record.seed)), ("Learnt from", _learnt_from(record)),
        ("Duration", f"{record.seconds:.1f} s"), ("Weights", record.weights), ("Machine", record.machine),
        ("Program", f"Catalejo {record.program_version}"),
    ]
    # tables and long lists are for machines
    fit = {name: value for name, value in record.fit.items() if _is_plain(value)}
    rest = [(name.replace("_", " "), value) for name, value in {**record.settings, **fit}.items()]
    covered = {"backbone", "seed"}
    texts = [(name, ", ".join(map(str, v)) if isinstance(v, list | tuple) else str(v)) for name, v in rest]
    return [(name, value) for name, value in known + texts if value and name not in covered]


def _is_plain(value: object) -> bool:
    """A text or number, or a list of such."""
    parts = value if isinstance(value, list | tuple) else (value,)
    return not any(isinstance(part, Mapping | list | tuple) for part in parts)
