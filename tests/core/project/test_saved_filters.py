"""Saved filters come back as they were, can be undone, and foreign nonsense in their place hinders nothing."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.project.decisions import decide
from core.project.project import Project
from core.project.queries import ImageFilter, count_images, image_ids
from core.project.rows import image_rows
from core.project.saved_filters import FILTER, MOST_IDS, SavedFilter, forget_filter, list_filters, save_filter
from core.text import Message
from core.workflow.history import redo, undo

WHICH = ImageFilter(status=None, class_ids=(1, 2), text="a%", is_mistake=True, kind=0, sides_px=(None, 100),
                    changed_ns=(5, None), split="train")


def test_a_filter_comes_back_and_is_undone(project: Project) -> None:
    save_filter(project, SavedFilter("  my\tlarge ones ", WHICH, "loss", True))
    save_filter(project, SavedFilter("All", ImageFilter(run_id="r")))
    assert list_filters(project) == (
        SavedFilter("All", ImageFilter()), SavedFilter("my large ones", WHICH, "loss", True))
    save_filter(project, SavedFilter("All", ImageFilter(split="test")))
    assert list_filters(project)[0].which.split == "test"
    undo(project)
    assert list_filters(project)[0].which.split is None
    forget_filter(project, "All")
    forget_filter(project, "unknown")
    assert [saved.name for saved in list_filters(project)] == ["my large ones"]
    undo(project)
    undo(project)
    undo(project)
    assert list_filters(project) == ()
    redo(project)
    assert [saved.name for saved in list_filters(project)] == ["my large ones"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_name_must_be_one(project: Project, name: str) -> None:
    with pytest.raises(InputError):
        save_filter(project, SavedFilter(name, ImageFilter()))


def test_not_every_image_can_be_listed(project: Project) -> None:
    with pytest.raises(InputError):
        save_filter(project, SavedFilter("all", ImageFilter(image_ids=tuple(range(MOST_IDS + 1)))))


@pytest.mark.parametrize("written", [
    "", "[]", "{}", "[" * 5000, '{"which": [], "order": "name", "is_descending": false}',
    '{"which": {"text": 5}, "order": "name", "is_descending": false}',
    '{"which": {"text": null}, "order": "name", "is_descending": false}',
    '{"which": {"unknown": 5}, "order": "name", "is_descending": false}',
    '{"which": {"run_id": "x"}, "order": "name", "is_descending": false}',
    '{"which": {"split": "other"}, "order": "name", "is_descending": false}',
    '{"which": {"class_ids": ["a"]}, "order": "name", "is_descending": false}',
    '{"which": {"class_ids": [true]}, "order": "name", "is_descending": false}',
    '{"which": {"sizes": [1, 2, 3]}, "order": "name", "is_descending": false}',
    '{"which": {"sizes": [1e300]}, "order": "name", "is_descending": false}',
    '{"which": {"source_id": 99999999999999999999}, "order": "name", "is_descending": false}',
    '{"which": {}, "order": "1; DROP TABLE image", "is_descending": false}',
    '{"which": {}, "order": "name", "is_descending": 1}',
])
def test_what_makes_no_sense_is_left_out(project: Project, written: str) -> None:
    save_filter(project, SavedFilter("good", ImageFilter()))
    decide(project, FILTER, {"odd": written}, Message("project.journal.save_filter", name="odd"))
    assert [saved.name for saved in list_filters(project)] == ["good"]


def test_images_by_date_side_and_size(project: Project) -> None:
    rows = image_rows(project, image_ids(project))
    date, size = rows[3].mtime_ns, rows[3].n_bytes
    side = max(rows[3].width or 0, rows[3].height or 0)

    def count(**parts: tuple[int | None, ...]) -> int:
        return count_images(project, ImageFilter(**parts))  # type: ignore[arg-type]

    assert count(changed_ns=(date, date + 1)) == sum(row.mtime_ns == date for row in rows)
    assert count(changed_ns=(None, date)) == sum(row.mtime_ns < date for row in rows)
    assert count(sizes=(size, None)) == sum(row.n_bytes >= size for row in rows)
    assert count(sizes=(size + 1, None), sides_px=(side,)) == sum(
        row.n_bytes > size and max(row.width or 0, row.height or 0) >= side for row in rows)
    assert count(sides_px=(side + 10_000, None)) == 0 and count() == count(sides_px=(None, None)) == 20
