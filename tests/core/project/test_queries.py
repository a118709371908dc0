"""Filters and orders against a plain computation in Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import RunError
from core.project.labels import set_labels
from core.project.predictions import count_confusion, list_predictions, record_predictions
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.project.project import Project
from core.project.queries import ORDERS, ImageFilter, count_all, count_images, image_ids
from core.project.rows import ImageRow, image_refs, image_row, image_rows, list_sources
from core.project.runs import RunRow, record_run
from tests.conftest import draw_picture
from tests.project_acts import import_folder

RUN = "2026-11-22-001-transfer"


@pytest.fixture
def judged(project: Project, tmp_path: Path) -> Project:
    """The drawn project with three test images and a run that predicts everything, some of it wrongly."""
    folder = tmp_path / "test"
    folder.mkdir()
    for i in (1, 2, 10):
        draw_picture(500 + i, "red").save(folder / f"t{i}_100%.png")
    import_folder(project, folder, split="test", with_labels=False)
    set_labels(project, [3, 4], None)
    record_run(project, RunRow(RUN, "transfer", "tiny", 0, 18))
    ids = image_ids(project)
    probabilities = np.random.default_rng(1).dirichlet((1, 1), len(ids)).astype(np.float32)
    kinds = np.array([OUT_OF_FOLD if r.class_id else NEW for r in image_rows(project, ids)], np.uint8)
    record_predictions(project, RUN, RunPredictions(ids, kinds, probabilities), (1, 2))
    return project


def all_rows(project: Project) -> dict[int, ImageRow]:
    ids = [row[0] for row in project.catalog.rows("SELECT id FROM image")]
    return {row.id: row for row in image_rows(project, ids)}


@pytest.mark.parametrize(("which", "holds"), [
    (ImageFilter(), lambda r: r.status == "ok"),
    (ImageFilter(status=None), lambda r: True),
    (ImageFilter(status="unreadable"), lambda r: r.status == "unreadable"),
    (ImageFilter(class_ids=(1,)), lambda r: r.status == "ok" and r.class_id == 1),
    (ImageFilter(class_ids=(1, 2), status=None), lambda r: r.class_id is not None),
    (ImageFilter(split="test"), lambda r: r.split == "test"),
    (ImageFilter(is_labelled=False), lambda r: r.class_id is None and r.status == "ok"),
    (ImageFilter(is_labelled=True, split="train", status=None), lambda r: r.class_id is not None),
    (ImageFilter(source_id=2), lambda r: r.source_id == 2),
    (ImageFilter(text="NIÑO".replace("Ñ", "ñ")), lambda r: "niño" in r.name),
    (ImageFilter(text="nin\u0303o"), lambda r: "niño" in r.name),
    (ImageFilter(text="100%"), lambda r: "100%" in r.name),
    (ImageFilter(text="d_0"), lambda r: "d_0" in r.name),
    (ImageFilter(text="re_"), lambda r: False),
    (ImageFilter(text="\\"), lambda r: False),
])
def test_filters_let_through_what_they_say(
    judged: Project, which: ImageFilter, holds: Callable[[ImageRow], bool]
) -> None:
    ids = image_ids(judged, which)
    assert ids.dtype == np.int64
    assert set(ids.tolist()) == {r.id for r in all_rows(judged).values() if holds(r)}
    assert count_images(judged, which) == len(ids)


def test_mistakes_and_cells_follow_labels_as_they_are_now(judged: Project) -> None:
    rows, said = all_rows(judged), {p.image_id: p for p in list_predictions(judged, RUN)}
    wrong = {i for i, p in said.items() if rows[i].class_id not in (None, p.class_id)}
    assert wrong and set(image_ids(judged, ImageFilter(run_id=RUN, is_mistake=True)).tolist()) == wrong
    confusion = count_confusion(judged, RUN)
    for label in (1, 2):
        for predicted in (1, 2):
            cell = ImageFilter(run_id=RUN, class_ids=(label,), predicted_class_ids=(predicted,))
            expected = {i for i, p in said.items() if rows[i].class_id == label and p.class_id == predicted}
            assert set(image_ids(judged, cell).tolist()) == expected
            assert confusion.get((label, predicted), 0) == len(expected)
    one = min(wrong)
    set_labels(judged, [one], said[one].class_id)
    assert set(image_ids(judged, ImageFilter(run_id=RUN, is_mistake=True)).tolist()) == wrong - {one}
    new = {i for i, p in said.items() if p.kind == NEW}
    assert set(image_ids(judged, ImageFilter(run_id=RUN, kind=NEW)).tolist()) == new and len(new) == 5


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_runs_both_ways(judged: Project, order: str) -> None:
    which = ImageFilter(run_id=RUN)
    up, down = (image_ids(judged, which, order=order, is_descending=d) for d in (False, True))
    assert len(up) == 23 and set(up.tolist()) == set(down.tolist())
    if order in ("confidence", "margin", "uncertainty", "loss"):
        said = {p.image_id: getattr(p, order) for p in list_predictions(judged, RUN)}
        values = [said[i] for i in down.tolist() if said[i] is not None]
        assert values == sorted(values, reverse=True)
        if order == "loss":
            assert said[int(down[-1])] is None and said[int(up[-1])] is None


def test_names_are_in_natural_order(judged: Project) -> None:
    names = [r.name for r in image_rows(judged, image_ids(judged, ImageFilter(split="test")))]
    assert names == ["t1_100%.png", "t2_100%.png", "t10_100%.png"]


def test_wrong_orders_and_runs_are_refused(judged: Project) -> None:
    with pytest.raises(ValueError, match="order"):
        image_ids(judged, order="loss")
    with pytest.raises(ValueError, match="order"):
        image_ids(judged, order="beauty")
    with pytest.raises(RunError, match="no run"):
        image_ids(judged, ImageFilter(run_id="nothing"))


def test_counts_agree_with_the_rows(judged: Project) -> None:
    rows, counts = all_rows(judged).values(), count_all(judged)
    good = [r for r in rows if r.status == "ok"]
    assert (counts.n_images, counts.n_ok, counts.n_unreadable, counts.n_missing) == (len(rows), len(good), 1, 0)
    assert counts.by_split == {"train": 20, "test": 3} and sum(counts.by_class.values()) == counts.n_labelled == 18
    assert counts.by_class == {c: sum(r.class_id == c for r in good) for c in (1, 2)}


def test_references_and_rows_keep_the_order_asked_for(judged: Project) -> None:
    ids = image_ids(judged)[::-1]
    assert [r.id for r in image_refs(judged, ids)] == ids.tolist() == [r.id for r in image_rows(judged, ids)]
    assert [r.id for r in image_refs(judged, [5, 99_999, 2])] == [5, 2]
    assert [r.id for r in image_refs(judged, ImageFilter(split="test"))] == list(image_ids(
        judged, ImageFilter(split="test")))
    row, (ref,) = image_row(judged, 5), image_refs(judged, [5])
    assert ref.path == row.path and row.path.is_file() and ref.content_hash == row.content_hash


def test_sources_are_listed(judged: Project, tmp_path: Path) -> None:
    assert [(s.name, s.split, s.n_images, s.path) for s in list_sources(judged)] == [
        ("pictures", "train", 21, tmp_path / "pictures"), ("test", "test", 3, tmp_path / "test")]


@pytest.mark.parametrize("which", [
    ImageFilter(), ImageFilter(class_ids=(1,)), ImageFilter(split="test"), ImageFilter(class_ids=(1,), split="train"),
])
def test_common_filters_use_an_index(judged: Project, which: ImageFilter) -> None:
    from core.project.queries import _clauses
    tables, conditions, values = _clauses(judged, which)
    sql = f"EXPLAIN QUERY PLAN SELECT i.id FROM {tables} WHERE {conditions} ORDER BY i.sort_key, i.id"
    assert "USING" in " ".join(row[3] for row in judged.catalog.rows(sql, values))
