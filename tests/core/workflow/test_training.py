"""What a training is given and what is recorded of it: with labels, without, and by epochs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.imagenet.tree import imagenet_names
from core.errors import TrainingDataError
from core.jobs import JobContext
from core.project.project import Project, project_for_thread
from core.project.classes import add_class, rename_class
from core.project.labels import set_labels
from core.project.queries import ImageFilter, count_images, image_ids
from core.project.rows import image_refs
from core.cli.run_commands import say_trained
from core.training.strategies.transfer import TransferSettings
from core.review.metrics import wilson_interval
from core.tasks import run_here
from core.text import text
from core.training.settings import StopReason, advise
from core.training.strategies.scratch import ScratchSettings
from core.training.strategies.zero_shot import ZeroShotSettings
from core.types import ImageRef
from core.workflow import training
from core.workflow.confusion import read_confusion
from core.workflow.read_as import tabulate_readings
from core.workflow.review_page import prepare_review, write_review_page
from core.workflow.runs import describe_recorded
from core.workflow.training import describe_run, prepare_training, record_training
from tests.conftest import draw_picture
from tests.project_acts import import_folder

BLUE, RED = 1, 2


@pytest.fixture
def project(tmp_path: Path, image_folder: Path) -> Iterator[Project]:
    """Ten pictures a class, called cat and lamp."""
    with Project.create(tmp_path / "drawn.catalejo") as made:
        import_folder(made, image_folder)
        rename_class(made, BLUE, name="cat")
        rename_class(made, RED, name="lamp")
        yield made


def unlabel(project: Project, *class_ids: int) -> None:
    for class_id in class_ids:
        set_labels(project, image_ids(project, ImageFilter(class_ids=(class_id,))), None)


def test_reading_needs_no_labels_but_two_classes(project: Project) -> None:
    unlabel(project, BLUE, RED)
    with pytest.raises(TrainingDataError, match="no labels"):
        prepare_training(project, "transfer", TransferSettings())
    job = prepare_training(project, "zero-shot", ZeroShotSettings())
    assert job.classes == ("cat", "lamp") and len(job.images) == 20 and set(job.labels) == {-1}
    unlabel(project, BLUE)
    add_class(project, "knife")
    assert prepare_training(project, "zero-shot", ZeroShotSettings()).classes == ("cat", "lamp", "knife")
    with pytest.raises(TrainingDataError, match="no labels"):
        prepare_training(project, "scratch", ScratchSettings())


def test_reading_one_class_or_nothing_is_refused(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p") as empty:
        with pytest.raises(TrainingDataError, match="no images"):
            prepare_training(empty, "zero-shot", ZeroShotSettings())
        (tmp_path / "one").mkdir()
        draw_picture(0, "red").save(tmp_path / "one" / "a.png")
        import_folder(empty, tmp_path / "one")
        with pytest.raises(TrainingDataError, match="at least two classes"):
            prepare_training(empty, "zero-shot", ZeroShotSettings())


def test_a_reading_without_labels_is_recorded_without_a_figure(project: Project, tmp_path: Path) -> None:
    unlabel(project, BLUE, RED)
    job = prepare_training(project, "zero-shot", ZeroShotSettings())
    row = record_training(project, job, run_here("train", job))
    facts = describe_run(project, row)
    assert facts["accuracy"] is None and facts["interval"] is None and facts["n_validation"] == 0
    assert say_trained(facts | {"skipped": []}).startswith(text("review.no_accuracy"))
    words = describe_recorded(row)
    assert words.verdict == text("review.no_accuracy") and words.doubt == words.measure == ""
    assert count_images(project, ImageFilter(run_id=row.id)) == 20
    page = tmp_path / "page.html"
    write_review_page(prepare_review(project, row.id, page), JobContext())
    assert text("report.not_measured") in page.read_text() and text("report.no_labels") in page.read_text()


def test_what_each_class_is_read_as_follows_the_labels(project: Project) -> None:
    job = prepare_training(project, "zero-shot", ZeroShotSettings())
    row = record_training(project, job, run_here("train", job))
    table = tabulate_readings(project, row.id)
    assert table.is_by_label and [(c.name, c.n_images) for c in table.classes] == [("cat", 10), ("lamp", 10)]
    for one in table.classes:
        counts = [len(line.image_ids) for line in one.lines]
        assert counts == sorted(counts, reverse=True) and sum(counts) == 10
        assert sum(line.share for line in one.lines) == pytest.approx(1)
        assert all(imagenet_names()[line.index] == line.name for line in one.lines)
    moved = image_ids(project, ImageFilter(class_ids=(BLUE,)))[:4]
    set_labels(project, moved, RED)
    now = tabulate_readings(project, row.id)
    assert [c.n_images for c in now.classes] == [6, 14]
    assert set(moved.tolist()) <= {i for line in now.classes[1].lines for i in line.image_ids}
    unlabel(project, BLUE, RED)
    said = tabulate_readings(project, row.id)
    assert not said.is_by_label and sum(c.n_images for c in said.classes) == 20


def test_a_training_by_epochs_keeps_its_history_and_says_what_next(project: Project) -> None:
    settings = ScratchSettings(network="lenet", width_px=16, height_px=16, n_epochs=3)
    job = prepare_training(project, "scratch", settings)
    facts = describe_run(project, record_training(project, job, run_here("train", job)))
    wanted = advise(StopReason.COMPLETED.what_next, is_perfect=facts["accuracy"] == 1)
    assert facts["stop_reason"] == "completed" and facts["what_next"] == wanted
    assert [epoch["epoch"] for epoch in facts["history"]] == [1, 2, 3]
    assert all(np.isfinite(epoch["val_loss"]) for epoch in facts["history"])
    assert facts["accuracy_kind"] == "held back"
    said = say_trained(facts | {"skipped": []})
    assert "All 3 epochs were completed" in said and "held-out images" in said


def test_the_snapshot_is_of_one_moment(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another thread changes between two reads is not in it."""
    chosen = image_ids(project, ImageFilter())[:1]
    set_labels(project, chosen, None)

    def remove_meanwhile(given: Project, which: ImageFilter) -> tuple[ImageRef, ...]:
        with project_for_thread(given) as other, other.catalog.transaction() as db:
            db.execute("UPDATE image SET status = 'missing' WHERE id = ?", (int(chosen[0]),))
        return image_refs(given, which)

    monkeypatch.setattr(training, "image_refs", remove_meanwhile)
    job = prepare_training(project, "transfer", TransferSettings())
    assert [image.id for image, label in zip(job.images, job.labels, strict=True) if label < 0] == chosen.tolist()


def test_series_widen_the_interval_also_by_the_labels_of_now(tmp_path: Path) -> None:
    """Frames of films, both classes in the same light: what is recorded is what is said later."""
    folder = tmp_path / "frames"
    for film in range(12):
        (folder / "ab"[film % 2]).mkdir(parents=True, exist_ok=True)
        for frame in range(4):
            draw_picture(film, "red").rotate(frame).save(folder / "ab"[film % 2] / f"film{film}_frame{frame}.png")
    with Project.create(tmp_path / "p") as project:
        import_folder(project, folder)
        job = prepare_training(project, "transfer", TransferSettings(groups="series"))
        row = record_training(project, job, run_here("train", job))
        facts = describe_run(project, row)
        assert facts["groups"]["n_groups"] == 12 and facts["groups"]["n_images"] == 48
        assert facts["groups"]["design_effect"] > 1.5
        assert facts["interval"] == facts["as_trained"]["interval"]
        n_right = round(facts["accuracy"] * 48)
        low, high = wilson_interval(n_right, 48)
        assert facts["interval"][0] < low - 0.02 and facts["interval"][1] >= high
        assert describe_recorded(row, read_confusion(project, row.id)).as_trained == ""
