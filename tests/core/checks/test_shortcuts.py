"""Shortcuts: planted cues are found and said in words, and pure chance is not reported."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.errors import TrainingDataError
from core.jobs import JobCancelled, JobContext
from core.checks.check import Level
from core.checks.shortcuts import TRANSFORM_FOR_CUE, CounterTest
from core.checks.counter_test_job import TRANSFORMS
from core.checks.cue_measures import measure_pixels
from core.checks.cues import NUMBERS, WORDS, CueTable
from core.checks.shortcut_scores import (
    ALL_METADATA, KINDS, CueKind, Shortcut, find_shortcuts,
)
from core.text import text
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
        numbers, words, np.zeros((n, 48, 48), np.uint8), np.zeros((n, 2, 8, 8), np.uint8), np.ones(n, bool), {}
    )


def find(
    table: CueTable, labels: np.ndarray, names: tuple[str, ...] | None = None, accuracy: float | None = 0.99
) -> tuple[Shortcut, ...]:
    given = names or tuple(f"IMG_{i * 7919 % 10007:05}.jpg" for i in range(len(labels)))
    classes = CLASSES[: max(2, int(labels.max()) + 1)]
    return find_shortcuts(table, given, labels, classes, JobContext(), model_accuracy=accuracy)


def test_size_is_found_first_and_said_in_words() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    width = np.where(labels == 0, 160, rng.integers(300, 1600, 200))
    found = find(random_table(200, 1, width=width), labels)
    assert {s.cue for s in found} == {ALL_METADATA, "width"}
    assert found[0].cue == ALL_METADATA and found[0].severity is Level.SERIOUS
    rule = found[1].rule
    assert (rule.label, rule.n_right, str(rule.conditions[0])) in {
        ("pistol", (labels == 0).sum(), "at most 160 pixels wide"),
        ("smartphone", (labels == 1).sum(), f"at least {width[labels == 1].min()} pixels wide"),
    }
    assert rule.n_images == rule.n_right and "100" in str(rule.sentence)
    assert set(labels[list(found[1].image_ids)]) == {CLASSES.index(rule.label)}


def test_files_named_after_their_class_are_no_shortcut() -> None:
    labels = np.arange(120) % 2
    names = tuple(f"{CLASSES[label]}_{i:03}.jpg" for i, label in enumerate(labels))
    assert not [s for s in find(random_table(120, 1), labels, names) if s.kind is CueKind.NAME]


def test_series_of_two_cameras_are_one_also_beside_the_class() -> None:
    labels = np.arange(120) % 2
    for pattern in ("{series}_{i:03}.jpg", "{series}_{i:03}_x.jpg"):
        names = tuple(pattern.format(series=("IMG", "DSC")[label], i=i) for i, label in enumerate(labels))
        found = [s for s in find(random_table(120, 1), labels, names) if s.kind is CueKind.NAME]
        assert found and found[0].sentences[2].code == "checks.meaning.names"


def test_chance_is_not_reported() -> None:
    """Sets of several sizes, also unequal and with three classes; at most one in twenty may raise an alarm."""
    n_alarms = 0
    for seed in range(24):
        rng = np.random.default_rng(1000 + seed)
        n = (60, 120, 240)[seed % 3]
        shares = ((0.5, 0.5), (0.75, 0.25), (0.34, 0.33, 0.33))[seed % 3]
        n_alarms += bool(find(random_table(n, seed), rng.choice(len(shares), n, p=shares)))
    assert n_alarms <= 1


@pytest.mark.parametrize(
    ("cue", "words"),
    [
        ("format", "stored as"), ("camera", "taken with"), ("has_exif", "camera data"),
        ("jpeg_quality", "JPEG quality"),
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
    found = {s.cue: s for s in find(random_table(160, 3, **{cue: values}), labels)}
    assert words in str(found[cue].rule.conditions[0])
    assert found[cue].severity is Level.SERIOUS


def test_names_and_light_matter_less_than_files() -> None:
    labels = np.random.default_rng(4).integers(0, 2, 160)
    names = tuple(f"{'phone' if label else 'gun'}_{i}.jpg" for i, label in enumerate(labels))
    found = find(random_table(160, 5, brightness=np.where(labels, 200, 50)), labels, names)
    by_cue = {s.cue: s for s in found}
    assert by_cue["name_prefix"].severity is Level.WARNING
    assert by_cue["name_prefix"].sentences[2].code == "checks.meaning.names"
    assert by_cue["brightness"].severity is Level.WARNING
    assert by_cue["brightness"].sentences[2].code == "checks.meaning.of_subject"
    assert ALL_METADATA not in by_cue, "names and light are not metadata of the file"


def test_unequal_classes_weigh_the_same() -> None:
    labels = (np.arange(200) < 20).astype(int)
    assert find(random_table(200, 6), labels) == ()
    found = find(random_table(200, 6, has_exif=labels), labels)
    assert found and all(s.majority == pytest.approx(0.5) for s in found)


def test_three_classes_and_unlabelled_images() -> None:
    rng = np.random.default_rng(7)
    labels = rng.integers(-1, 3, 300)
    found = find(random_table(300, 8, height=np.where(labels == 2, 480, rng.integers(500, 900, 300))), labels)
    shortcut = next(s for s in found if s.cue == "height")
    assert shortcut.rule.label == "radio" and "pixels high" in str(shortcut.sentences[1])
    assert shortcut.severity is not Level.SERIOUS, "one class of three is not the whole success"
    assert all(labels[r] == 2 for r in shortcut.image_ids), "rows count in the whole input"


def test_severity_is_measured_against_the_model() -> None:
    rng = np.random.default_rng(9)
    labels = rng.integers(0, 2, 400)
    shown = np.where(rng.random(400) < 0.8, labels, 1 - labels)
    table = random_table(400, 10, has_exif=shown)
    weak = {s.cue: s.severity for s in find(table, labels, accuracy=0.8)}
    strong = {s.cue: s.severity for s in find(table, labels, accuracy=1.0)}
    assert weak["has_exif"] is Level.SERIOUS and strong["has_exif"] is Level.WARNING


def test_too_few_labels_are_refused_and_it_can_be_cancelled() -> None:
    with pytest.raises(TrainingDataError) as error:
        find(random_table(20, 0), np.array([0] * 15 + [1] * 5))
    assert error.value.message.code == "checks.too_few_labels_for_shortcuts"
    table, labels = random_table(60, 0), np.arange(60) % 2
    with pytest.raises(JobCancelled):
        find_shortcuts(table, ("a.jpg",) * 60, labels, CLASSES[:2], RecordingContext(cancel_after=2))


def test_every_counter_transform_gives_a_picture_and_leaves_the_original() -> None:
    pixels = np.asarray(draw_picture(0, "red", (90, 60))).copy()
    before = pixels.copy()
    for name, transform in TRANSFORMS.items():
        after = transform(pixels)
        assert after.dtype == np.uint8 and after.ndim == 3 and after.shape[2] == 3, name
        assert np.array_equal(pixels, before), name
        assert transform(np.full((1, 1, 3), 9, np.uint8)).size, "even a single pixel"


def test_transforms_take_their_cue_away() -> None:
    pixels = np.full((120, 200, 3), 240, np.uint8)
    pixels[40:80, 60:140] = np.asarray(draw_picture(1, "blue", (80, 40)))
    small = np.asarray(Image.fromarray(pixels).resize((50, 90)))
    assert TRANSFORMS["same_size"](pixels).shape == TRANSFORMS["same_size"](small).shape
    filled = TRANSFORMS["background_filled"](pixels)
    assert (filled[0] == 127).all() and np.array_equal(filled[50:70, 80:120], pixels[50:70, 80:120])
    assert measure_pixels(TRANSFORMS["greyscale"](pixels))[0]["saturation"] == 0
    assert measure_pixels(TRANSFORMS["same_light"](pixels))[0]["brightness"] == pytest.approx(127, abs=12)
    assert TRANSFORMS["border_cropped"](pixels).shape == (102, 168, 3)
    blurred = TRANSFORMS["background_blurred"](pixels)
    assert np.array_equal(blurred[60, 100], pixels[60, 100])


def test_counter_transforms_are_named_for_cues_that_exist() -> None:
    assert set(TRANSFORM_FOR_CUE) <= set(KINDS) | {ALL_METADATA}
    assert set(TRANSFORM_FOR_CUE.values()) <= set(TRANSFORMS)
    pixel_cues = {cue for cue, kind in KINDS.items() if kind is CueKind.PIXELS}
    assert pixel_cues <= set(TRANSFORM_FOR_CUE)


def test_every_cue_and_transform_has_its_words() -> None:
    codes = [f"checks.cue_name.{cue}" for cue in (*KINDS, ALL_METADATA)] + [f"checks.cue.{cue}" for cue in KINDS]
    codes += [f"checks.transform.{name}" for name in TRANSFORMS] + [f"checks.told_by.{kind}" for kind in CueKind]
    assert [code for code in codes if text(code) == code] == []


def test_a_counter_test_says_what_changed() -> None:
    some, none = CounterTest("width", "same_size", 40, 10), CounterTest("width", "same_size", 40, 0, "a-run")
    assert some.interval[0] < 0.25 < some.interval[1] and "10 of 40" in str(some.sentence)
    assert none.sentence.code == "checks.counter_test_none_changed" and "a-run" in str(none.detail)
