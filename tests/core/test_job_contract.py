"""What every job of the table promises: counts to the end, ends when cancelled, keeps inputs, lists bad images."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.checks.inputs import CounterTestInput, DescribeInput
from core.embeddings.embed import EmbedInput
from core.review.inspection import InspectInput
from core.images.recipe import Recipe
from core.jobs import JobContext
from core.project.project import Project
from core.project.queries import ImageFilter
from core.project.rows import image_refs
from core.project.scan import ScanInput
from core.imagenet.own_map import SuggestMapInput
from core.imagenet.readings import ReadingInput
from core.tasks import TASKS, Cancelled, Succeeded, run_job
from core.training.job import PredictRunInput
from core.training.preview import AugmentVariantsInput, PreviewRecipeInput
from core.training.registry import find_strategy
from core.training.settings import AugmentSettings
from core.training.strategies.scratch import ScratchSettings
from core.training.trials import FindRateInput, TimeTrainingInput
from core.types import ImageRef
from core.workflow.answers import prepare_answers
from core.workflow.health import prepare_health
from core.workflow.importing import new_project
from core.workflow.planning import ListInput
from core.workflow.predicting import TableJob
from core.workflow.review_page import prepare_review
from core.workflow.training import prepare_training, train_project
from tests.conftest import RecordingContext, write_class_folder

BACKBONE = "efficientnet-lite0"
SMALL = ScratchSettings(network="lenet", width_px=16, height_px=16, batch_size=8)
LABELS = (0,) * 8 + (1,) * 8


@dataclass(frozen=True)
class Desk:
    """A small project with a run, and a folder for what a job writes; embeddings are computed anew there."""

    folder: Path
    project: Project
    out: Path

    @property
    def embeddings(self) -> Path:
        return self.out / "embeddings"

    @property
    def images(self) -> tuple[ImageRef, ...]:
        """The images to train on, eight of each class."""
        return image_refs(self.project, ImageFilter(split="train"))

    @property
    def run_folder(self) -> Path:
        [folder] = (path for path in (self.project.folder / "runs").iterdir() if path.is_dir())
        return folder


def make_desk(folder: Path) -> None:
    write_class_folder(folder / "train" / "red", "red", 8)
    write_class_folder(folder / "train" / "blue", "blue", 8, first_seed=100)
    write_class_folder(folder / "test", "red", 2, first_seed=200)
    new_project(folder / "p", folder / "train", folder / "test", JobContext())
    train_project(folder / "p", "transfer", {}, JobContext())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contract")
    make_desk(folder)
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Iterator[Desk]:
    """For jobs that may look at the images and must leave them alone."""
    with Project.open(made / "p") as project:
        yield Desk(made, project, tmp_path)


@pytest.fixture
def damaged(tmp_path: Path) -> Iterator[Desk]:
    """One whose first image was cut off after the import."""
    make_desk(tmp_path)
    broken = tmp_path / "train" / "blue" / BROKEN
    with Project.open(tmp_path / "p") as project:
        desk = Desk(tmp_path, project, tmp_path / "out")
        desk.out.mkdir()
        broken.write_bytes(broken.read_bytes()[:150])
        yield desk


BROKEN = "blue_0.png"


def _answers(desk: Desk) -> Any:
    asked = prepare_answers(desk.project, None, None, embeddings=desk.embeddings)
    return replace(asked, missing=PredictRunInput(desk.run_folder, asked.images, desk.embeddings))


def _counter_test(desk: Desk) -> CounterTestInput:
    vectors = np.random.default_rng(0).random((len(LABELS), 1280), np.float32)
    return CounterTestInput(desk.images, vectors, "greyscale", BACKBONE, None, vectors, np.array(LABELS), 2)


MAKERS: dict[str, Callable[[Desk], Any]] = {
    "list-folders": lambda desk: ListInput(desk.folder / "train", desk.folder / "test"),
    "scan": lambda desk: ScanInput(desk.folder / "train", known={}),
    "embed": lambda desk: EmbedInput(desk.images, BACKBONE, desk.embeddings),
    "train": lambda desk: replace(
        prepare_training(desk.project, "transfer", find_strategy("transfer").settings()),
        folder=desk.out / "run", embeddings=desk.embeddings),
    "predict": lambda desk: PredictRunInput(desk.run_folder, desk.images, desk.embeddings),
    "list-backbones": lambda desk: None,
    "inspect": lambda desk: InspectInput(desk.images[0], desk.project.folder, BACKBONE),
    "answer": _answers,
    "write-predictions": lambda desk: TableJob(_answers(desk), desk.out / "table.csv"),
    "write-review": lambda desk: replace(prepare_review(desk.project, None, desk.out / "page.html"),
                                         embeddings=desk.embeddings),
    "read-imagenet": lambda desk: ReadingInput(desk.images, desk.embeddings, BACKBONE),
    "check-health": lambda desk: replace(prepare_health(desk.project), embeddings=desk.embeddings, folder=None),
    "describe": lambda desk: DescribeInput(desk.images, BACKBONE, desk.embeddings),
    "counter-test": _counter_test,
    "suggest-class-map": lambda desk: SuggestMapInput(("cat", "dog"), 0.6),
    "preview-recipe": lambda desk: PreviewRecipeInput(desk.images[0], Recipe(width_px=24, height_px=16)),
    "augment-variants": lambda desk: AugmentVariantsInput(
        desk.images[0], Recipe(width_px=24, height_px=16), AugmentSettings(), 0, 3),
    "find-learning-rate": lambda desk: FindRateInput(desk.images, LABELS, 2, SMALL),
    "time-training": lambda desk: TimeTrainingInput((SMALL,), 20, 2),
    "copy-sample": lambda desk: desk.out / "sample",
}
"""Small real inputs for each job."""

LIST_WHAT_THEY_SKIP = ("answer", "counter-test", "describe", "embed", "predict", "train")
"""Jobs whose results name the images that could not be used."""


def test_every_job_has_inputs_here() -> None:
    assert set(MAKERS) == set(TASKS)


def files_of(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for part in ("train", "test") for path in (folder / part).rglob("*.png")}


@pytest.mark.parametrize("task", TASKS)
def test_a_job_counts_to_the_end_and_changes_nothing_that_it_was_given(task: str, desk: Desk) -> None:
    inputs, files, context = MAKERS[task](desk), files_of(desk.folder), RecordingContext()
    before = pickle.dumps(inputs)
    outcome = run_job(task, inputs, context)
    assert isinstance(outcome, Succeeded), getattr(outcome, "error", None)
    assert pickle.dumps(inputs) == before and files_of(desk.folder) == files
    pickle.dumps(outcome.result)  # it crosses from the engine process
    last = {progress.stage: progress for progress in context.progresses}
    assert [str(stage) for stage, progress in last.items() if progress.total and not progress.is_done] == []
    for progress in context.progresses:
        assert 0 <= progress.done <= (progress.total or progress.done)


@pytest.mark.parametrize("task", TASKS)
def test_a_job_ends_at_its_next_look_once_it_is_cancelled(task: str, desk: Desk) -> None:
    context = RecordingContext(cancel_after=1)
    outcome = run_job(task, MAKERS[task](desk), context)
    if isinstance(outcome, Succeeded):
        assert context.n_checks == 1, "it went on although it had heard"
    else:
        assert (outcome, context.n_checks) == (Cancelled(), 2)


@pytest.mark.parametrize("task", LIST_WHAT_THEY_SKIP)
def test_an_image_that_is_cut_off_is_listed_and_not_fatal(task: str, damaged: Desk) -> None:
    outcome = run_job(task, MAKERS[task](damaged), JobContext())
    assert isinstance(outcome, Succeeded), getattr(outcome, "error", None)
    assert BROKEN in repr(outcome.result)
