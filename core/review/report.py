"""Writes the review page of a run: one HTML file that needs nothing else, to read, keep, print or send.

No script, no address outside the file; a content security policy in the page holds this
even if a class or file name tried otherwise. Every text is escaped by the template.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from core.errors import ImageUnreadable
from core.files.user_files import open_to_replace
from core.images.thumbnails import make_thumbnail
from core.jobs import JobContext
from core.project.classes import OKABE_ITO
from core.review.metrics import class_figures, most_confused
from core.review.reliability import describe_calibration, read_calibration
from core.review.verdict import describe_end, shown_share
from core.runs.record import TEMPERATURE, RunRecord, recorded_findings
from core.settings import choice_title, setting_title, todays_settings
from core.text import Message, text
from core.text.language import language
from core.text.numbers import format_moment, format_whole
from core.text.render import say_value

IMAGE_SIDE_PX = 200
MAX_MISTAKES = 200
"""Mistakes shown with their image (about 6 kB each)."""

MAX_MATRIX_CLASSES = 12
"""With more classes the most confused pairs are listed instead of a matrix."""

MAX_PAIRS = 30
MAX_CLASS_ROWS = 40
"""With more classes those with the lowest recall come first and the others are folded away."""

SIGNS = "■◆●▲▼★◀▶"
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One image whose prediction is not its label.

    Attributes:
        path: Where the file was last seen.
        name: Its file name, readable.
        label: What a person said.
        prediction: The predicted class.
        p_label: Predicted probability of the label, 0 … 1; None where the model does not know the class, or its
            probabilities are not at hand.
        confidence: Probability of the predicted class, 0 … 1.
        reading: What the ImageNet classifier makes of it (“window screen 0.41”), or "".
        content_hash: What the model saw; None where nobody asks.
    """

    path: Path
    name: str
    label: str
    prediction: str
    p_label: float | None
    confidence: float
    reading: str = ""
    content_hash: bytes | None = None


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
    """

    warning: str
    verdict: str
    baseline: str
    notes: tuple[str, ...]
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    mistakes: tuple[Mistake, ...]

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


def write_report(inputs: ReportInput, out: Path, *, context: JobContext | None = None) -> None:
    """Write the page in the language in force; an older one is replaced once the new one is whole.

    Args:
        inputs: See `ReportInput`.
        out: HTML file; its folder must exist.
        context: Progress counts images.

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
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda share: text("report.percent", share=shown_share(share))
    environment.filters["whole"] = format_whole
    classes = (*inputs.judged.classes, *(inputs.test.classes if inputs.test else ()))
    return environment.get_template("report.html").render(
        text=text, language=language(), inputs=inputs, record=inputs.record, judged=_figures(inputs.judged, context),
        findings=_findings(inputs.record),
        notes=[str(Message.from_json(note) if isinstance(note, str) else note) for note in inputs.record.notes],
        test=None if inputs.test is None else _figures(inputs.test, context),
        interval=inputs.interval and tuple(map(shown_share, inputs.interval)),
        look=_looks(classes, inputs.colors), settings=_settings(inputs.record),
        calibration=_calibration(inputs.record),
    )


def _findings(record: RunRecord) -> list[tuple[str, str | None]]:
    """What the data check found when the run was trained, and why that was accepted, or None."""
    return [(" ".join(map(str, (finding.get("sentence", ""), *finding["details"]))), finding.get("acknowledged"))
            for finding in recorded_findings(record.findings)]


def _calibration(record: RunRecord) -> dict[str, Any] | None:
    """Sentences, and the points of a reliability diagram of 100 × 100: across the confidence, up the accuracy."""
    found = read_calibration(record.fit)
    if found is None:
        return None
    points = {name: [(100 * one.confidence, 100 - 100 * one.accuracy) for one in part.bins]
              for name, part in (("before", found.before), ("after", found.after))}
    return {"sentences": describe_calibration(found), **points}


def _figures(part: ReportPart, context: JobContext) -> dict[str, Any]:
    """A part with what the page shows of it: figures of classes, to show and to fold away, confusions, mistakes."""
    counts = np.array(part.confusion, np.int64).reshape(len(part.classes), len(part.classes))
    rows = list(class_figures(counts, part.classes))
    if len(rows) > MAX_CLASS_ROWS:
        rows.sort(key=lambda f: (2.0 if f.recall is None else f.recall, -f.n_images))
    pairs = [{"label": part.classes[pair.label], "prediction": part.classes[pair.prediction], "n": pair.n_images,
              "share": pair.share} for pair in most_confused(counts, MAX_PAIRS)]
    return {"part": part, "rows": rows[:MAX_CLASS_ROWS], "folded": rows[MAX_CLASS_ROWS:], "pairs": pairs,
            "has_matrix": len(part.classes) <= MAX_MATRIX_CLASSES, "shown": _show(part.mistakes, context)}


def _show(mistakes: tuple[Mistake, ...], context: JobContext) -> list[dict[str, Any]]:
    """Mistakes with their image as a data address, or why there is none."""
    chosen = mistakes[:MAX_MISTAKES]
    shown = []
    for i, mistake in enumerate(chosen):
        context.progress(i, len(chosen), stage=Message("jobs.reading_images"))
        try:
            jpeg = make_thumbnail(mistake.path, side_px=IMAGE_SIDE_PX, content_hash=mistake.content_hash)
            address = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
            shown.append({"mistake": mistake, "address": address})
        except ImageUnreadable as error:
            shown.append({"mistake": mistake, "address": "", "reason": error.sentence})
    if chosen:
        context.progress(len(chosen), len(chosen), stage=Message("jobs.reading_images"))
    return shown


def _looks(classes: tuple[str, ...], colors: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Colour and sign of each class; what is not a plain colour does not reach the page."""
    return {
        name: (
            given if _COLOR.fullmatch(given := colors.get(name, "")) else OKABE_ITO[i % len(OKABE_ITO)],
            SIGNS[i % len(SIGNS)],
        )
        for i, name in enumerate(dict.fromkeys(classes))
    }


def _settings(record: RunRecord) -> list[tuple[str, str]]:
    """What the run was made with, as (name, value)."""
    trained_on = text("text.images", n=record.n_train) if record.n_train else text("report.untrained")
    known = {
        "report.run": record.run, "report.finished": _moment(record.created_at), "report.strategy": record.strategy,
        "report.backbone": record.backbone, "report.seed": str(record.seed), "report.trained_on": trained_on,
        "report.ended": describe_end(record.fit),
        "report.duration": text("report.seconds", seconds=record.seconds), "report.weights": record.weights,
        "report.machine": record.machine, "report.program": f"Catalejo {record.program_version}",
    }
    named = [(text(code), value) for code, value in known.items()]
    # tables and long lists are for machines
    fit = {name: value for name, value in record.fit.items() if _is_plain(value)}
    rest = [(str(setting_title("", name)), _say_setting(value))
            for name, value in {**todays_settings(record.settings), **fit}.items()
            if name not in ("backbone", "seed", "stop_reason", "best_epoch", TEMPERATURE)]
    return [(name, value) for name, value in named + rest if value]


def _say_setting(value: object) -> str:
    """“yes”, “0.05”, “exact duplicates” …"""
    if isinstance(value, list | tuple):
        return ", ".join(map(_say_setting, value))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return say_value(value) if is_number or value == "" else str(choice_title(value))


def _moment(created_at: str) -> str:
    try:
        return format_moment(datetime.fromisoformat(created_at))
    except ValueError:
        return created_at


def _is_plain(value: object) -> bool:
    """A text or number, or a list of such."""
    parts = value if isinstance(value, list | tuple) else (value,)
    return not any(isinstance(part, Mapping | list | tuple) for part in parts)
