"""`run.json`, the record of a run: strategy, settings, classes, figures, notes and findings, checksums."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.files.foreign import is_run_id, read_json
from core.files.plain import from_plain
from core.files.writing import write_json
from core.text import Message
from core.types import ClassFigures, Skipped

FORMAT = 2
"""Number of the layout of `run.json`; readers refuse larger ones. Notes were English texts in 1."""

MOST_IMAGES = 10**12
"""More than a project can hold; a larger count is damage."""

CROSS_VALIDATION, HELD_OUT, UNTRAINED = "cross-validation", "held back", "untrained"
"""How an accuracy was measured: out of fold, on images that were held back, or without any training."""

TEMPERATURE = "temperature"
"""Key of `fit` for the temperature of predictions that are still to come; see `core.review.calibrate`."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What `run.json` says.

    Attributes:
        run: Id of the run, also the name of its folder.
        created_at: When it was finished, ISO 8601 in UTC.
        strategy, backbone, seed: How it was trained.
        settings: Every setting by name, JSON values.
        classes: Class names in the order of the head's outputs.
        n_train: Images that the final head learnt from.
        n_validation: Images that the figures come from, none seen by the model that judged it.
        accuracy: Share that is right, 0 … 1; None where no labelled image could judge.
        accuracy_kind: How it was measured, such as `CROSS_VALIDATION`.
        interval: 95 % interval of the accuracy, 0 … 1, or None.
        log_loss: Mean log loss on the same images, or None.
        per_class: Figures of each class, in the order of `classes`.
        confusion: Counts of images; rows are labels, columns predictions.
        weights: Fingerprint of the backbone's weights, or "".
        machine: What it ran on, for people.
        environment: What it ran with, see `core.runs.environment`; empty in runs of earlier versions.
        fit: What the strategy chose by itself, JSON values.
        notes: What the user should read.
        findings: The gravest findings of the data check when it was trained, then all that a person had
            accepted: `key, kind, level, sentence, figure, details, acknowledged` (the reason, or None); sentence and
            details are messages as JSON values, or English texts of earlier versions.
        files: Checksum of each file of the run by name; see `core.runs.sums`.
        n_excluded: Images of the project that a person had excluded from training and judging.
    """

    run: str
    created_at: str
    program_version: str
    strategy: str
    backbone: str
    seed: int
    settings: Mapping[str, Any]
    classes: tuple[str, ...]
    n_train: int
    n_validation: int
    accuracy: float | None
    accuracy_kind: str
    interval: tuple[float, float] | None
    log_loss: float | None
    per_class: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    seconds: float
    weights: str = ""
    machine: str = ""
    environment: Mapping[str, Any] = field(default_factory=dict)
    fit: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Message | str, ...] = ()
    findings: tuple[Mapping[str, Any], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict, compare=False)
    n_excluded: int = 0

    @property
    def temperature(self) -> float:
        """By which the logits of what the weights say are still to be divided, so that they are calibrated; 1 for
        none."""
        return float(self.fit.get(TEMPERATURE, 1.0))


@dataclass(frozen=True, slots=True)
class TrainResult:
    """What every training returns.

    Attributes:
        record: Figures and settings, as in `run.json`.
        folder: The run's folder, whole.
        skipped: Labelled images that could not be used.
        notes: What else the user should read; it goes into the record when the run is recorded.
    """

    record: RunRecord
    folder: Path
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[Message | str, ...] = ()


def write_record(path: Path, record: RunRecord) -> None:
    """Write `run.json`.

    Raises:
        StorageError: The disk is full or fails.
    """
    write_json(path, {"format": FORMAT, **asdict(record)})


def read_record(path: Path) -> RunRecord:
    """Read `run.json`.

    Raises:
        RunError: It is missing, damaged, or written by a newer version.
    """
    try:
        content = read_json(path)
        if content.pop("format") > FORMAT:
            raise RunError("runs.record_too_new", path=path)
        return _from_json(content)
    except FileNotFoundError as error:
        raise RunError("runs.no_run_in_folder", folder=path.parent) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError("runs.record_unreadable", path=path) from error


def _from_json(content: dict[str, Any]) -> RunRecord:
    """The record, every value of its declared kind and all fitting each other, or an error of Python's own."""
    record = from_plain(RunRecord, content)
    if not is_run_id(record.run):
        raise ValueError(f"expected the name of a run, received {record.run!r}")
    if not all(isinstance(value, dict) for value in (record.settings, record.fit, record.files, record.environment)):
        raise TypeError("expected settings, fit, files and environment by name")
    _require_confusion(record.classes, record.confusion)
    _require_accuracy(record.accuracy, record.interval)
    _require_findings(record.findings)
    if not 0.01 <= record.temperature <= 100:
        raise ValueError("expected a temperature above 0")
    if min(record.n_validation, record.n_train, record.n_excluded) < 0 or not 0 <= record.seconds < math.inf:
        raise ValueError("expected counts and seconds from 0")
    return record


def _require_confusion(classes: Sequence[str], confusion: Sequence[Sequence[int]]) -> None:
    """Class names that differ, and a count of images for each pair of them."""
    n_classes = len(classes)
    if not all(classes) or len(set(classes)) != n_classes:
        raise ValueError(f"expected names that differ, received {classes}")
    if len(confusion) != n_classes or any(len(row) != n_classes for row in confusion):
        raise ValueError(f"expected a confusion of {n_classes} classes, received {confusion}")
    if any(not 0 <= n <= MOST_IMAGES for row in confusion for n in row):
        raise ValueError("expected counts of images")


def _require_accuracy(accuracy: float | None, interval: tuple[float, float] | None) -> None:
    """A share with its interval, or neither."""
    if (accuracy is None) != (interval is None):
        raise ValueError("expected an accuracy with its interval")
    if not all(0 <= share <= 1 for share in (accuracy or 0.0, *(interval or ()))):
        raise ValueError(f"expected shares from 0 to 1, received {accuracy} and {interval}")


def recorded_findings(recorded: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Findings that a run keeps (codes, or words of an earlier version), with messages in place of codes.

    Raises:
        ValueError: They are damaged.
    """
    return tuple(
        {**finding, **{name: Message.from_json(finding[name]) for name in ("sentence", "figure") if name in finding},
         "details": [Message.from_json(detail) for detail in finding.get("details", ())]}
        for finding in recorded
    )


def _require_findings(findings: Sequence[Any]) -> None:
    """Findings as a run keeps them: by name, with a sentence and the reason why it was accepted, or None."""
    if not all(isinstance(finding, dict) for finding in findings):
        raise ValueError("expected findings")
    for finding in recorded_findings(findings):
        if not isinstance(finding.get("acknowledged") or "", str):
            raise ValueError("expected the reason why a finding was accepted")
