"""Expected accuracy of a run on the images without labels: read from its predictions and the labels as they are now.

Test images come first; where none is without a label, those of the training images that are. The figure is kept in
`health/expected-<run>.json` with a digest of all that it depends on, and computed anew when that is another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.checks.cues import measure_cues
from core.checks.visible_shift import LOOKS, name_differences
from core.embeddings.store import EmbeddingStore
from core.errors import AppError, RunError
from core.files.foreign import is_run_id, read_json
from core.files.plain import from_plain
from core.files.writing import write_json
from core.jobs import JobContext
from core.project.project import Project
from core.project.rows import image_refs
from core.project.runs import RunRow
from core.review.expected import ExpectedAccuracy, expect_accuracy
from core.review.simple_models import MOST_ASKED, MOST_KNOWN, SecondOpinion, ask_simple_models, draw_rows
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions, as_rows, read_predictions
from core.workflow.confusion import run_class_ids
from core.workflow.later_answers import LaterAnswers, read_later

FORMAT = 3
"""Number of the way in which the figure is computed; a kept figure of another one counts as none."""

N_TO_LABEL = 30
"""So many images, drawn at random, are proposed for a measurement."""

MOSTLY_LABELLED = 0.9
"""Drawn images count once so many of them have a label."""

MOST_KNOWN_HERE = 64
_KNOWN: dict[str, tuple[ExpectedAccuracy | None, tuple[str, ...]]] = {}
"""Estimates and looks that this process made, by their digest: a project that is only looked at keeps none."""

N_LOOKED_AT = 100
"""So many images of either side are measured to say how they look."""

MOSTLY = 0.9
"""An embedding store is asked if it has this share of the images."""

_IMAGES = (
    "SELECT id, content_hash, split, CASE WHEN label_content IS NULL THEN class_id END FROM image "
    "WHERE status = 'ok' AND content_hash IS NOT NULL AND excluded IS NULL"
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run is expected to get right of the images without labels.

    Attributes:
        estimate: The figures.
        split: "test", or "train" where no test image is without a label.
        n_unpredicted: Images of the split without label or prediction in the run; they are left out.
        to_label: Ids of `N_TO_LABEL` of them at most, drawn at random; the same as long as they have no label, and
            none once so many were drawn and labelled.
        kind: How the run was judged, such as `CROSS_VALIDATION`.
        looks: How the images look beside the labelled ones, as `core.checks.visible_shift.LOOKS`, where the figure
            leads and that can be seen.
    """

    estimate: ExpectedAccuracy
    split: str
    n_unpredicted: int
    to_label: tuple[int, ...]
    kind: str
    looks: tuple[str, ...] = ()

    @property
    def is_lower(self) -> bool:
        """Whether this figure leads, because the measured one lies above its interval."""
        return self.estimate.is_lower


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """What an estimate is made from; rows of judged and other images of the run's predictions."""

    said: RunPredictions
    labels: NDArray[np.int64]
    judged: NDArray[np.int64]
    others: NDArray[np.int64]
    split: str
    n_unpredicted: int
    n_drawn: int
    n_drawn_right: int

    def digest(self, embeddings: Path) -> str:
        """64 hex digits of all that the figure depends on; of the embeddings, which stores there are."""
        assert self.said.hashes is not None
        stores = sorted(path.name for path in embeddings.iterdir()) if embeddings.is_dir() else []
        parts = (str(FORMAT), self.split, f"{self.n_drawn_right}/{self.n_drawn}", *stores)
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape"))
        for rows in (self.judged, self.others):
            digest.update(self.said.image_ids[rows].tobytes() + self.said.hashes[rows].tobytes())
            digest.update(np.ascontiguousarray(self.said.probabilities[rows]).tobytes())
        digest.update(self.labels.tobytes())
        return digest.hexdigest()


def read_expected(project: Project, run: RunRow) -> Expected | None:
    """The expected accuracy of a run; None where it cannot be told.

    It cannot where the run's files are damaged, no image is without a label and predicted, or fewer than 20 labelled
    images judge the run.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    try:
        question = _ask(project, run)
    except RunError:
        return None
    if question is None:
        return None
    estimate, looks = _kept_or_made(project, run, question)
    if estimate is None:
        return None
    ids, hashes = question.said.image_ids[question.others], question.said.hashes
    assert hashes is not None
    n = N_TO_LABEL if question.n_drawn < N_TO_LABEL else 0
    drawn = sorted(range(len(ids)), key=lambda at: hashes[question.others[at]].tobytes())[:n]
    return Expected(estimate, question.split, question.n_unpredicted, tuple(int(ids[at]) for at in drawn),
                    str(run.figures.get("accuracy_kind", "")), looks)


def _ask(project: Project, run: RunRow) -> _Question | None:
    """The judged images with the labels of now, and the images without a label; None without the latter."""
    said = read_predictions(project.run_path(run.id))
    place = {class_id: at for at, class_id in enumerate(run_class_ids(project, run.id))}
    if len(place) != said.probabilities.shape[1]:
        return None
    images = {i: (content, split, class_id) for i, content, split, class_id in project.catalog.rows(_IMAGES)}
    contents = {i: content for i, (content, _, _) in images.items()}
    said = _with_later(said, {i: content for i, (content, _, class_id) in images.items() if class_id is None},
                       read_later(project, run.id, said.probabilities.shape[1]))
    is_current = said.of_contents(contents)
    is_judged = is_current & (said.kinds == OUT_OF_FOLD)
    label_ids = [images[i][2] if i in images else None for i in said.image_ids.tolist()]
    judged = np.flatnonzero(is_judged & np.array([label is not None for label in label_ids], bool))
    labels = np.array([place.get(label_ids[at], -1) for at in judged.tolist()], np.int64)  # type: ignore[arg-type]
    free = is_current & ~is_judged & np.array([label is None for label in label_ids], bool)
    splits = np.array([images[i][1] if i in images else "" for i in said.image_ids.tolist()])
    free_of = {name: np.flatnonzero(free & (splits == name)) for name in ("test", "train")}
    n_free = {name: sum(s == name and c is None for _, s, c in images.values()) for name in free_of}
    split = "test" if n_free["test"] else "train"
    others = free_of[split]
    if not len(others):
        return None
    new = np.flatnonzero(is_current & ~is_judged & (splits == split))
    given = [label_ids[at] for at in new.tolist()]
    places = np.array([-2 if label is None else place.get(label, -1) for label in given], np.int64)
    drawn = _count_drawn(said, new, places)
    return _Question(said, labels, judged, others, split, n_free[split] - len(others), *drawn)


def _count_drawn(said: RunPredictions, rows: NDArray[np.int64], places: NDArray[np.int64]) -> tuple[int, int]:
    """How many images were drawn and labelled, and how many of them are right.

    Images are drawn in the order of their hashes, which knows nothing of what they show. So the first ones are a fair
    sample as far as mostly all of them have a label; labels beyond, which a person chose to give, are not.

    Args:
        rows: Images that may be drawn, among the predictions.
        places: Of their labels among the classes, −1 where the run does not know the class, −2 without a label.
    """
    hashes = said.hashes
    assert hashes is not None
    order = np.array(sorted(range(len(rows)), key=lambda at: hashes[rows[at]].tobytes()), np.int64)
    is_labelled = places[order] > -2
    shares = np.cumsum(is_labelled) / np.arange(1, len(order) + 1)
    fit = np.flatnonzero((shares >= MOSTLY_LABELLED) & is_labelled)
    if not len(fit):
        return 0, 0
    first = order[:fit[-1] + 1][is_labelled[:fit[-1] + 1]]
    right = said.probabilities[rows[first]].argmax(axis=1) == places[first]
    return len(first), int(right.sum())


def _with_later(said: RunPredictions, free: Mapping[int, bytes], later: LaterAnswers) -> RunPredictions:
    """The predictions, and after them what the run said later of images without a label, by their content."""
    is_current = said.of_contents(free)
    lacking = free.keys() - set(said.image_ids[is_current].tolist())
    if not lacking or said.hashes is None:
        return said
    wanted = {free[i] for i in lacking}
    known = {h: said.probabilities[at] for at, row in enumerate(said.hashes) if (h := row.tobytes()) in wanted}
    known |= {h: p for h, p in later.items() if h in wanted}
    new = sorted(i for i in lacking if free[i] in known)
    if not new:
        return said
    before = said.choose(is_current | ~np.isin(said.image_ids, new))
    assert before.hashes is not None
    return RunPredictions(
        np.append(before.image_ids, np.array(new, np.int64)),
        np.append(before.kinds, np.full(len(new), NEW, np.uint8)),
        np.concatenate([before.probabilities, np.stack([known[free[i]] for i in new])]),
        None if before.folds is None else np.append(before.folds, np.full(len(new), -1, np.int16)),
        np.concatenate([before.hashes, as_rows([free[i] for i in new])]))


def _kept_or_made(
    project: Project, run: RunRow, question: _Question
) -> tuple[ExpectedAccuracy | None, tuple[str, ...]]:
    """Estimate and looks, from their file where that is of the same question; else made, and kept if that can be."""
    path = project.health_path / f"expected-{run.id}.json" if is_run_id(run.id) else None
    digest = question.digest(project.embeddings_path)
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        kept = read_json(path) if path is not None else {}
        if kept["digest"] == digest:
            if kept["estimate"] is None:
                return None, ()
            return from_plain(ExpectedAccuracy, kept["estimate"]), tuple(n for n in LOOKS if n in kept["looks"])
    if digest not in _KNOWN:
        estimate = _estimate(project.embeddings_path, str(run.figures.get("weights", "")), question)
        is_lower = estimate is not None and estimate.is_lower
        _KNOWN[digest] = estimate, _look(project, question) if is_lower else ()
        if len(_KNOWN) > MOST_KNOWN_HERE:
            _KNOWN.pop(next(iter(_KNOWN)), None)  # another thread may have been first
    found = _KNOWN[digest]
    if path is not None and not project.is_read_only:
        with suppress(AppError, OSError):  # the answer does not depend on it
            path.parent.mkdir(exist_ok=True)
            write_json(path, {"digest": digest, "estimate": None if found[0] is None else asdict(found[0]),
                              "looks": list(found[1])})
    return found


def _look(project: Project, question: _Question) -> tuple[str, ...]:
    """How some of the images look beside some of the labelled ones; files that are gone are left out."""
    hashes, sides = question.said.hashes, []
    assert hashes is not None
    for rows in (question.judged, question.others):
        chosen = sorted(rows.tolist(), key=lambda row: hashes[row].tobytes())[:N_LOOKED_AT]
        sides.append(measure_cues(image_refs(project, question.said.image_ids[chosen]), JobContext()))
    return name_differences(*sides)


def _estimate(embeddings: Path, key: str, question: _Question) -> ExpectedAccuracy | None:
    said = question.said
    found = expect_accuracy(said.probabilities[question.judged], question.labels, said.probabilities[question.others],
                            _ask_beside(embeddings, key, question))
    return None if found is None else found.with_drawn(question.n_drawn, question.n_drawn_right)


def _ask_beside(embeddings: Path, key: str, question: _Question) -> SecondOpinion | None:
    """What simple models on the stored embeddings say beside the run; None where too few are stored."""
    said, rng = question.said, np.random.default_rng(0)
    assert said.hashes is not None
    known = draw_rows(np.flatnonzero(question.labels >= 0), MOST_KNOWN, rng)
    asked = draw_rows(np.arange(len(question.others)), MOST_ASKED, rng)
    rows = np.concatenate([question.judged[known], question.others[asked]])
    vectors = _stored_vectors(embeddings, key, [said.hashes[row].tobytes() for row in rows.tolist()])
    if vectors is None or not len(known):
        return None
    predicted = said.probabilities[rows].argmax(axis=1)
    folds = np.arange(len(known)) % 5
    if said.folds is not None and len(np.unique(said.folds[question.judged[known]])) > 1:
        folds = said.folds[question.judged[known]].astype(np.int64)
    found = ask_simple_models(
        vectors[:len(known)], question.labels[known], folds, vectors[len(known):], predicted=predicted[:len(known)],
        predicted_others=predicted[len(known):], n_classes=said.probabilities.shape[1],
    )
    return None if found is None else found.among(known, len(question.judged), asked, len(question.others))


def _stored_vectors(embeddings: Path, key: str, hashes: list[bytes]) -> NDArray[np.float32] | None:
    """Embeddings of contents from the first store that has most of them, the run's own before others.

    Returns:
        (n_hashes, n_features) float32 with rows of NaN, or None.
    """
    with suppress(AppError, OSError):
        folders = sorted((f for f in embeddings.iterdir() if f.is_dir()), key=lambda f: (f.name != key, f.name))
        for folder in folders:
            n_features = _stored_length(folder)
            if not n_features:
                continue
            store = EmbeddingStore(folder, n_features)
            rows = store.rows_of(hashes)
            if (rows >= 0).mean() >= MOSTLY:
                vectors = np.full((len(hashes), n_features), np.nan, np.float32)
                vectors[rows >= 0] = store.read(rows[rows >= 0])
                return vectors
    return None


def _stored_length(folder: Path) -> int:
    """How many numbers an embedding of a store has; 0 where its files do not tell."""
    try:
        n_rows = (folder / "hashes.bin").stat().st_size // 32
        n_numbers = (folder / "vectors.f16").stat().st_size // 2
    except OSError:
        return 0
    return n_numbers // n_rows if n_rows and not n_numbers % n_rows else 0
