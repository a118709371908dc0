"""Check `label_issues`: labels that out-of-fold predictions contradict, and how many labels are probably wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.checks.check import CatalogState, Check, CheckData, Finding, Floats, Ints, Note, count_figure
from core.checks.label_issue_ranking import RankedLabel, colour_shares, rank_label_issues
from core.checks.leave_one_out import leave_one_out_scores, prepare_leave_one_out, to_probabilities
from core.embeddings.similar_pairs import unit_rows
from core.errors import TrainingDataError
from core.jobs import JobContext
from core.project.decisions import label_subject
from core.runs.predictions import OUT_OF_FOLD, read_predictions
from core.text import Message

LEAVE_ONE_OUT = "leave-one-out"
FEWEST_TO_JUDGE = 30
"""Labels below which nothing is said of how many are wrong."""

N_NEIGHBOURS = 5
MOST_WITH_NEIGHBOURS = 2_000
"""For so many issues the most similar images are looked up; nobody goes through more."""

BLOCK = 512


@dataclass(frozen=True, slots=True)
class NeighbourLabels:
    """How the most similar images with other bytes are labelled: `count` of `total` as `label`."""

    count: int
    total: int
    label: str


@dataclass(frozen=True, slots=True)
class LabelIssue:
    """A label that is probably wrong.

    Attributes:
        image_id: The image.
        content_hash: Of the image, hexadecimal; a decision about the label refers to it.
        label_id, suggested_id: Classes in the catalog: given, and likeliest other one.
        label, suggested: Their names.
        probability: Of the suggested class by all models together, 0 … 1.
        trust: Probability that is left to the given label, 0 … 1.
        is_confident: Whether the suggested class reaches that class's usual confidence.
        neighbours: Labels of the most similar images; None where that is not known.
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
    neighbours: NeighbourLabels | None = None

    @property
    def subject(self) -> str:
        """Names the label in decisions."""
        return label_subject(self.content_hash, self.label_id)

    @property
    def sentence(self) -> Message:
        # no probability in words: it is that of all models together, and the inspector shows that of the run
        return Message("checks.label_issue", label=self.label, suggested=self.suggested)

    @property
    def reason(self) -> Message | None:
        """What speaks for or against the label."""
        found = self.neighbours
        if found is None:
            return None
        code = "checks.neighbours_agree" if found.label == self.label else "checks.neighbours_differ"
        return Message(code, count=found.count, total=found.total, label=found.label)


@dataclass(frozen=True, slots=True)
class LabelIssues:
    """The labels in doubt, and how many are wrong.

    Attributes:
        issues: Most suspicious first.
        expected, low, high: How many labels are probably wrong, with a 95 % interval.
        n_labels, n_classes: Labels that were judged, and their classes.
        source: Where the out-of-fold predictions came from: a run's id, or `LEAVE_ONE_OUT`.
        is_by_joint: The figure is that of the confident joint, which counts similar classes as well.
    """

    issues: tuple[LabelIssue, ...]
    expected: float
    low: float
    high: float
    n_labels: int
    n_classes: int
    source: str
    is_by_joint: bool = False

    @property
    def sentence(self) -> Message:
        low, high, total = round(self.low), round(self.high), self.n_labels
        if total < FEWEST_TO_JUDGE:
            return Message("checks.too_few_labels_to_judge", total=total)
        if self.expected < 0.5:
            code = "checks.perhaps_no_label_wrong" if self.issues else "checks.no_wrong_label"
            return Message(code, total=total, n=high)
        if low < 1:
            return Message("checks.up_to_wrong_labels", total=total, high=high)
        is_of_classes = self.n_classes > 2 and self.is_by_joint and self.expected > 0.1 * total
        code = "checks.wrong_labels_or_similar_classes" if is_of_classes else "checks.wrong_labels"
        return Message(code, count=round(self.expected), total=total, low=low, high=high)

    @property
    def origin(self) -> Message:
        """What the figures are of."""
        code = "by_leave_one_out" if self.source == LEAVE_ONE_OUT else "by_run"
        return Message(f"checks.label_issues_{code}", run=self.source)

    def open_issues(self, settled: Collection[str]) -> tuple[LabelIssue, ...]:
        """Those that nobody has settled."""
        return tuple(issue for issue in self.issues if issue.subject not in settled)

    def gravity(self, n_open: int) -> float:
        """A note unless some label is surely wrong, which a few labels cannot tell; then by the share of wrong ones.

        Args:
            n_open: Issues that nobody has settled.

        Returns:
            0.3 … 0.85.
        """
        if round(self.low) < 1 or self.n_labels < FEWEST_TO_JUDGE:
            return 0.3
        return min(0.85, 0.36 + 6 * min(self.expected, n_open) / self.n_labels)


@dataclass(frozen=True)
class OutOfFold:
    """Predictions of models that did not see the label.

    Attributes:
        rows: Labelled images, (n,) int64.
        used: Classes that have labels, indices into the job's classes.
        labels: Index into `used`, (n,) int64.
        probabilities: (n, len(used)) float32.
        source: A run's id, or `LEAVE_ONE_OUT`.
    """

    rows: Ints
    used: Ints
    labels: Ints
    probabilities: Floats
    source: str

    @property
    def accuracy(self) -> float:
        return float((self.probabilities.argmax(axis=1) == self.labels).mean())


def out_of_fold(data: CheckData) -> OutOfFold:
    """The out-of-fold predictions of the run, or of a model in closed form where no run fits; made once.

    Raises:
        TrainingDataError: Fewer than two classes have labels, or there are no embeddings.
        RunError: The run's predictions cannot be read.
    """
    return data.once("out of fold", lambda: _out_of_fold(data))


def _out_of_fold(data: CheckData) -> OutOfFold:
    labelled = np.flatnonzero(data.train_labels >= 0)
    used = np.unique(data.train_labels[labelled])
    if len(used) < 2:
        raise TrainingDataError("checks.label_issues_need_two_classes")
    found = _ask_run(data, labelled, used)
    if found is not None:
        return found
    if data.vectors is None:
        raise TrainingDataError("checks.label_issues_need_a_model")
    rows = labelled[data.has_vector[labelled]]
    labels = np.searchsorted(used, data.train_labels[rows])
    if len(np.unique(labels)) < len(used):
        raise TrainingDataError("checks.label_issues_need_labels")
    scores = leave_one_out_scores(prepare_leave_one_out(data.vectors[rows]), labels, len(used))
    return OutOfFold(rows, used, labels, to_probabilities(scores, labels), LEAVE_ONE_OUT)


def _ask_run(data: CheckData, labelled: Ints, used: Ints) -> OutOfFold | None:
    run = data.job.run
    if run is None or not run.is_current or set(run.class_ids) != {data.job.class_ids[i] for i in used}:
        return None
    stored = read_predictions(run.folder)
    place = {int(i): at for at, i in enumerate(stored.image_ids) if stored.kinds[at] == OUT_OF_FOLD}
    rows = np.array([row for row in labelled if int(data.ids[row]) in place], np.int64)
    if len(rows) < len(labelled) - int((~data.cues.is_read).sum()) or not len(rows):
        return None
    columns = [run.class_ids.index(data.job.class_ids[i]) for i in used]
    chosen = [place[int(data.ids[row])] for row in rows]
    probabilities = stored.probabilities[chosen][:, columns]
    return OutOfFold(rows, used, np.searchsorted(used, data.train_labels[rows]), probabilities, run.id)


def nearest_labels(
    rows: Sequence[int] | Ints, embeddings: Floats, *, labels: Ints, classes: Sequence[str], hashes: Sequence[bytes]
) -> list[NeighbourLabels | None]:
    """For each row how the most similar images with other bytes are labelled; None where there is no other.

    Args:
        rows: Which images.
        embeddings: Of all labelled images, (n_images, n_features).
        labels: (n_images,) int64.
        classes: Names.
        hashes: Content hash of each image; copies of the image itself tell nothing.
    """
    units, asked = unit_rows(embeddings), np.asarray(rows, np.int64)
    found: list[NeighbourLabels | None] = []
    for start in range(0, len(asked), BLOCK):
        part = asked[start:start + BLOCK]
        likeness = units[part] @ units.T
        for i, row in enumerate(part.tolist()):
            best = np.argsort(-likeness[i], kind="stable")[: 4 * N_NEIGHBOURS]
            others = [int(other) for other in best if hashes[other] != hashes[row]][:N_NEIGHBOURS]
            counts = np.bincount(labels[others], minlength=len(classes))
            most = int(counts.argmax())
            found.append(NeighbourLabels(int(counts[most]), len(others), classes[most]) if others else None)
    return found


class LabelIssuesCheck(Check[LabelIssues]):
    """Ranks labels by out-of-fold predictions, embeddings and colours."""

    name = "label_issues"
    evidence = LabelIssues
    no_facts = {"label_errors": (), "wrong_labels": None, "label_source": ""}

    def run(self, data: CheckData, context: JobContext) -> LabelIssues:
        asked = out_of_fold(data)
        classes = [data.job.classes[i] for i in asked.used]
        vectors = data.vectors[asked.rows] if data.vectors is not None and data.has_vector[asked.rows].all() else None
        colours = colour_shares(data.cues.grey[asked.rows], data.cues.chroma[asked.rows])
        found = rank_label_issues(asked.probabilities, asked.labels, embeddings=vectors, colours=colours)
        neighbours: list[NeighbourLabels | None] = [None] * len(found.issues)
        if vectors is not None:
            hashes = [data.job.images[row].content_hash for row in asked.rows]
            chosen = [issue.row for issue in found.issues[:MOST_WITH_NEIGHBOURS]]
            neighbours[:len(chosen)] = nearest_labels(
                chosen, vectors, labels=asked.labels, classes=classes, hashes=hashes)
        issues = tuple(self._issue(data, asked, *pair) for pair in zip(found.issues, neighbours, strict=True))
        wrong = found.wrong
        return LabelIssues(issues, wrong.expected, wrong.low, wrong.high, len(asked.rows), len(classes), asked.source,
                           wrong.method == "confident joint")

    def _issue(
        self, data: CheckData, asked: OutOfFold, found: RankedLabel, neighbours: NeighbourLabels | None
    ) -> LabelIssue:
        job, row = data.job, int(asked.rows[found.row])
        label, suggested = int(asked.used[found.label]), int(asked.used[found.suggested])
        return LabelIssue(
            job.images[row].id, job.images[row].content_hash.hex(), job.class_ids[label], job.class_ids[suggested],
            job.classes[label], job.classes[suggested], found.confidence, found.trust, found.is_confident, neighbours,
        )

    def findings(self, evidence: LabelIssues, now: CatalogState) -> Iterator[Finding]:
        issues = evidence.open_issues(now.settled_labels)
        if issues:
            n, n_settled = len(issues), len(evidence.issues) - len(issues)
            settled = (Message("checks.labels_settled", n=n_settled),) if n_settled else ()
            yield Finding(
                "label errors", self.name, "label error", evidence.gravity(n), Message("checks.title.label_issues"),
                evidence.sentence, count_figure(n),
                (Message("checks.labels_worth_a_look", n=n), *settled, evidence.origin),
                tuple(issue.image_id for issue in issues), issues, ("accept", "keep", "skip", "exclude_selected"),
            )

    def notes(self, finding: Finding) -> Mapping[int, Note]:
        return {issue.image_id: Note(tuple(filter(None, (issue.sentence, issue.reason))), issue.suggested)
                for issue in finding.evidence}

    def facts(self, evidence: LabelIssues, now: CatalogState) -> Mapping[str, Any]:
        return {
            "label_errors": [
                {"path": now.path(i.image_id), "label": i.label, "suggested": i.suggested,
                 "probability": i.probability, "trust": i.trust, "is_confident": i.is_confident,
                 "sentence": i.sentence, "reason": i.reason or ""}
                for i in evidence.open_issues(now.settled_labels)
            ],
            "wrong_labels": {"expected": evidence.expected, "interval": [evidence.low, evidence.high],
                             "sentence": evidence.sentence},
            "label_source": evidence.source,
        }
