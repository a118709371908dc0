"""Shortcuts: planted cues are found and said in words, and pure chance is not reported."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.errors import TrainingDataError
from core.jobs import JobCancelled, JobContext
from core.checks.counter import COUNTER_FOR_CUE, COUNTER_TRANSFORMS, counter_result
from core.checks.cues import NUMBERS, WORDS, CueTable
from core.checks.pixel_cues import measure_pixels
from core.checks.shortcuts import ALL_METADATA, KINDS, CueKind, Severity, ShortcutInput, Shortcuts, find_shortcuts
from tests.conftest import RecordingContext, draw_picture

CLASSES = ("pistol", "smartphone", "radio")


def random_table(n: int, seed: int, **columns: np.ndarray) -> CueTable:
    """Cues without any meaning, except for the columns given."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(100, 30, (n, len(NUMBERS))).astype(np.float32)
    for name in ("has_exif", "has_alpha"):
        numbers[:, NUMBERS.index(name)] = rng.integers(0, 2, n)
    words = np.full((n, len(WORDS)), "", "U40")
    words[:, 0] = rng.choice(["JPEG", "PNG"], n)
    for name, values in columns.items():
        if name in WORDS:
            words[:, WORDS.index(name)] = values
        else:
            numbers[:, NUMBERS.index(name)] = values
    return CueTable(
        numbers, words, np.zeros((n, 48, 48), np.uint8), np.zeros((n, 2, 8, 8), np.uint8), np.ones(n, bool), (), n
    )


def find(
    table: CueTable, labels: np.ndarray, names: tuple[str, ...] | None = None, accuracy: float | None = 0.99
) -> Shortcuts:
    given = names or tuple(f"IMG_{i * 7919 % 10007:05}.jpg" for i in range(len(labels)))
    classes = CLASSES[: max(2, int(labels.max()) + 1)]
    return find_shortcuts(ShortcutInput(table, given, labels, classes, accuracy), JobContext())


def test_size_is_found_first_and_said_in_words() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    width = np.where(labels == 0, 160, rng.integers(300, 1600, 200))
    found = find(random_table(200, 1, width=width), labels)
    assert {s.score.cue for s in found.found} == {ALL_METADATA, "width"}
    assert found.found[0].score.cue == ALL_METADATA and found.found[0].severity is Severity.SERIOUS
    assert found.found[1].rule.sentence(CLASSES) in {
        f"Pictures at most 160 pixels wide are pistol: 100% of {(labels == 0).sum()}.",
        f"Pictures at least {width[labels == 1].min()} pixels wide are smartphone: 100% of {(labels == 1).sum()}.",
    }
    assert set(labels[list(found.found[1].rule.rows)]) == {found.found[1].rule.label}
    assert found.sentence.startswith("The labels can be told without looking")


def test_files_named_after_their_class_are_no_shortcut() -> None:
    labels = np.arange(120) % 2
    names = tuple(f"{CLASSES[label]}_{i:03}.jpg" for i, label in enumerate(labels))
    assert not [s for s in find(random_table(120, 1), labels, names).found if s.score.kind is CueKind.NAME]


def test_series_of_two_cameras_are_one_also_beside_the_class() -> None:
    labels = np.arange(120) % 2
    for pattern in ("{series}_{i:03}.jpg", "{series}_{i:03}_x.jpg"):
        names = tuple(pattern.format(series=("IMG", "DSC")[label], i=i) for i, label in enumerate(labels))
        found = [s for s in find(random_table(120, 1), labels, names).found if s.score.kind is CueKind.NAME]
        assert found and "different sources" in found[0].sentences[2]


def test_chance_is_not_reported() -> None:
    """Sets of several sizes, also unequal and with three classes; at most one in twenty may raise an alarm."""
    n_alarms = 0
    for seed in range(24):
        rng = np.random.default_rng(1000 + seed)
        n = (60, 120, 240)[seed % 3]
        shares = ((0.5, 0.5), (0.75, 0.25), (0.34, 0.33, 0.33))[seed % 3]
        n_alarms += bool(find(random_table(n, seed), rng.choice(len(shares), n, p=shares)).found)
    assert n_alarms <= 1


@pytest.mark.parametrize(
    ("cue", "words"),
    [
        ("format", "stored as"), ("camera", "taken with"), ("has_exif", "notes of a camera"),
        ("jpeg_quality", "saved at a quality"),
    ],
)
def test_planted_cues_of_every_sort_are_found(cue: str, words: str) -> None:
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, 160)
    shown = np.where(rng.random(160) < 0.95, labels, 1 - labels)
    values = {
        "format": np.where(shown, "PNG", "JPEG"), "camera": np.where(shown, "Nikon D90", "Canon"), "has_exif": shown,
        "jpeg_quality": np.where(shown, 90, np.nan),
    }[cue]
    found = {s.score.cue: s for s in find(random_table(160, 3, **{cue: values}), labels).found}
    assert words in found[cue].rule.condition
    assert found[cue].severity is Severity.SERIOUS


def test_names_and_light_matter_less_than_files() -> None:
    labels = np.random.default_rng(4).integers(0, 2, 160)
    names = tuple(f"{'phone' if label else 'gun'}_{i}.jpg" for i, label in enumerate(labels))
    found = find(random_table(160, 5, brightness=np.where(labels, 200, 50)), labels, names)
    by_cue = {s.score.cue: s for s in found.found}
    assert by_cue["name_prefix"].severity is Severity.WARNING
    assert "does not see names" in by_cue["name_prefix"].sentences[2]
    assert by_cue["brightness"].severity is Severity.WARNING
    assert "may belong to the subject" in by_cue["brightness"].sentences[2]
    assert ALL_METADATA not in by_cue, "names and light are not metadata of the file"


def test_unequal_classes_weigh_the_same() -> None:
    labels = (np.arange(200) < 20).astype(int)
    found = find(random_table(200, 6), labels)
    assert all(s.majority == pytest.approx(0.5) for s in found.scores)
    assert found.found == ()


def test_three_classes_and_unlabelled_images() -> None:
    rng = np.random.default_rng(7)
    labels = rng.integers(-1, 3, 300)
    found = find(random_table(300, 8, height=np.where(labels == 2, 480, rng.integers(500, 900, 300))), labels)
    shortcut = next(s for s in found.found if s.score.cue == "height")
    assert shortcut.rule.label == 2 and "pixels high are radio" in shortcut.sentences[1]
    assert shortcut.severity is not Severity.SERIOUS, "one class of three is not the whole success"
    assert all(labels[r] == 2 for r in shortcut.rule.rows), "rows count in the whole input"


def test_severity_is_measured_against_the_model() -> None:
    rng = np.random.default_rng(9)
    labels = rng.integers(0, 2, 400)
    shown = np.where(rng.random(400) < 0.8, labels, 1 - labels)
    table = random_table(400, 10, has_exif=shown)
    weak = {s.score.cue: s.severity for s in find(table, labels, accuracy=0.8).found}
    strong = {s.score.cue: s.severity for s in find(table, labels, accuracy=1.0).found}
    assert weak["has_exif"] is Severity.SERIOUS and strong["has_exif"] is Severity.WARNING


def test_too_few_labels_are_refused_and_it_can_be_cancelled() -> None:
    with pytest.raises(TrainingDataError, match="too few labels"):
        find(random_table(20, 0), np.array([0] * 15 + [1] * 5))
    inputs = ShortcutInput(random_table(60, 0), ("a.jpg",) * 60, np.arange(60) % 2, CLASSES[:2])
    with pytest.raises(JobCancelled):
        find_shortcuts(inputs, RecordingContext(cancel_after=2))


def test_every_counter_transform_gives_a_picture_and_leaves_the_original() -> None:
    pixels = np.asarray(draw_picture(0, "red", (90, 60))).copy()
    before = pixels.copy()
    for name, transform in COUNTER_TRANSFORMS.items():
        after = transform(pixels)
        assert after.dtype == np.uint8 and after.ndim == 3 and after.shape[2] == 3, name
        assert np.array_equal(pixels, before), name
        assert transform(np.full((1, 1, 3), 9, np.uint8)).size, "even a single pixel"


def test_transforms_take_their_cue_away() -> None:
    pixels = np.full((120, 200, 3), 240, np.uint8)
    pixels[40:80, 60:140] = np.asarray(draw_picture(1, "blue", (80, 40)))
    small = np.asarray(Image.fromarray(pixels).resize((50, 90)))
    assert COUNTER_TRANSFORMS["same_size"](pixels).shape == COUNTER_TRANSFORMS["same_size"](small).shape
    filled = COUNTER_TRANSFORMS["background_filled"](pixels)
    assert (filled[0] == 127).all() and np.array_equal(filled[50:70, 80:120], pixels[50:70, 80:120])
    assert measure_pixels(COUNTER_TRANSFORMS["greyscale"](pixels))[0].saturation == 0
    assert measure_pixels(COUNTER_TRANSFORMS["same_light"](pixels))[0].brightness == pytest.approx(127, abs=12)
    assert COUNTER_TRANSFORMS["border_cropped"](pixels).shape == (102, 168, 3)
    blurred = COUNTER_TRANSFORMS["background_blurred"](pixels)
    assert np.array_equal(blurred[60, 100], pixels[60, 100])


def test_counter_transforms_are_named_for_cues_that_exist() -> None:
    assert set(COUNTER_FOR_CUE) <= set(KINDS) | {ALL_METADATA}
    assert set(COUNTER_FOR_CUE.values()) <= set(COUNTER_TRANSFORMS)
    pixel_cues = {cue for cue, kind in KINDS.items() if kind is CueKind.PIXELS}
    assert pixel_cues <= set(COUNTER_FOR_CUE)


def test_changed_predictions_are_counted() -> None:
    before = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]], np.float32)
    after = np.array([[0.6, 0.4], [0.2, 0.8], [0.4, 0.6], [0.6, 0.4]], np.float32)
    result = counter_result(before, after)
    assert (result.n_changed, result.n_images, result.share) == (1, 4, 0.25)
    assert result.interval[0] < 0.25 < result.interval[1] and "1 of 4" in result.sentence
    assert counter_result(before, before).sentence.endswith("it does not need it.")
