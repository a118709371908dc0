"""What every job of the table promises: counts to the end, ends when cancelled, keeps inputs, lists bad images.

Each job is done once to its end, which tells how often it looks whether it was cancelled; it is then cancelled at
its first, its second and a middle look.
"""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.backbones.registry import find_backbone
from core.checks.inputs import CounterTestInput, DescribeInput, HealthCheck
from core.checks.job import CHANGED_FILES, CUES_NAME
from core.checks.unreadable import Unreadable
from core.embeddings.embed import EmbedInput
from core.embeddings.map import MapInput
from core.embeddings.store import EmbeddingStore
from core.files.stored_arrays import open_arrays
from core.review.inspection import InspectInput
from core.heat_maps.inputs import ExplainInput
from core.review.similar_images import SimilarInput
from core.images.recipe import Recipe
from core.jobs import JobContext
from core.project.backup_files import find_backups
from core.project.backup_jobs import RestoreInput
from core.project.backups import keep_backup
from core.project.catalog import CATALOG_NAME
from core.project.copying import CopyInput
from core.project.lock import ProjectLock
from core.project.project import Project
from core.project.queries import ImageFilter
from core.project.rows import image_refs
from core.project.scan import ScanInput
from core.images.files import hash_file
from core.imagenet.class_map import SuggestMapInput
from core.imagenet.readings import ReadingInput
from core.tasks import TASKS, Cancelled, Failed, Outcome, Succeeded, run_job
from core.training.job import PredictRunInput
from core.training.preview import AugmentVariantsInput, PreviewRecipeInput
from core.training.registry import find_strategy
from core.training.settings import AugmentSettings
from core.training.strategies.scratch import ScratchSettings
from core.training.trials import FindRateInput, TimeTrainingInput
from core.training.contribution_answer import ContributionInput
from core.types import ImageRef
from core.workflow.answers import RunAnswers, prepare_answers
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
DAMAGES = ("corrupt", "missing", "changed")
"""What happens to `blue_0.png`, `blue_1.png` and `blue_2.png` after the import, by their places."""


@dataclass(frozen=True)
class Desk:
    """A small project with a run, and a folder for what a job writes; embeddings are computed anew there.

    `at` is the place of the image of jobs that look at one.
    """

    folder: Path
    project: Project
    out: Path
    at: int = 0

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
    """Trained on sixteen images; two test images are predicted, four labelled ones that came later are not."""
    write_class_folder(folder / "train" / "red", "red", 8)
    write_class_folder(folder / "train" / "blue", "blue", 8, first_seed=100)
    write_class_folder(folder / "test" / "red", "red", 2, first_seed=200)
    new_project(folder / "p", folder / "train", folder / "test", JobContext())
    train_project(folder / "p", "transfer", {}, JobContext())
    write_class_folder(folder / "test" / "blue", "blue", 4, first_seed=300)
    new_project(folder / "p", folder / "train", folder / "test", JobContext())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contract")
    make_desk(folder)
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Iterator[Desk]:
    """For jobs that may look at the images and must leave them alone."""
    with Project.open(made / "p") as project:
        (tmp_path / "out").mkdir()
        yield Desk(made, project, tmp_path / "out")


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One whose images suffered after the import, those to train on and those to predict; no embedding is known."""
    folder = tmp_path_factory.mktemp("damaged")
    make_desk(folder)
    for part in ("train", "test"):
        corrupt, missing, changed = (folder / part / "blue" / f"blue_{at}.png" for at in range(3))
        corrupt.write_bytes(corrupt.read_bytes()[:150 + len(part)])
        missing.unlink()
        shutil.copy(folder / part / "red" / "red_0.png", changed)
    shutil.rmtree(folder / "p" / "embeddings")
    with Project.open(folder / "p") as project:
        for image in image_refs(project, ImageFilter()):
            if image.path.name == "blue_0.png":  # as of a catalog whose program could read it
                with project.catalog.transaction() as db:
                    db.execute("UPDATE image SET content_hash = ? WHERE id = ?", (hash_file(image.path), image.id))
        yield Desk(folder, project, folder / "out")


def _answers(desk: Desk) -> Any:
    return prepare_answers(desk.project, None, None, embeddings=desk.embeddings)


def _copied_project(desk: Desk) -> Path:
    """One that a job may change, with a backup."""
    folder = desk.out / "p"
    folder.mkdir()
    shutil.copy(find_backups(desk.project.folder)[0].path, folder / CATALOG_NAME)
    keep_backup(folder)
    ProjectLock(folder, program="test").release()
    return folder


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
    "list-devices": lambda desk: None,
    "inspect": lambda desk: InspectInput(desk.images[desk.at], desk.project.folder, BACKBONE),
    "explain": lambda desk: ExplainInput(desk.images, ((0, 1),) * len(desk.images), desk.run_folder),
    "find-similar": lambda desk: SimilarInput(desk.project.folder, (desk.images[desk.at],)),
    "rank-contributions": lambda desk: ContributionInput(
        desk.project.folder, desk.run_folder, desk.images[-1], desk.embeddings),
    "answer": _answers,
    "write-predictions": lambda desk: TableJob(_answers(desk), desk.out / "table.csv"),
    "write-review": lambda desk: prepare_review(
        desk.project, None, desk.out / "page.html", embeddings=desk.embeddings),
    "map-images": lambda desk: MapInput(desk.images, BACKBONE, desk.embeddings, desk.out / "maps"),
    "read-imagenet": lambda desk: ReadingInput(desk.images, desk.embeddings, BACKBONE),
    "check-health": lambda desk: replace(prepare_health(desk.project), embeddings=desk.embeddings,
                                         folder=desk.out / "health"),
    "describe": lambda desk: DescribeInput(desk.images, BACKBONE, desk.embeddings),
    "counter-test": _counter_test,
    "suggest-class-map": lambda desk: SuggestMapInput(("cat", "dog"), 0.6),
    "preview-recipe": lambda desk: PreviewRecipeInput(desk.images[desk.at], Recipe(width_px=24, height_px=16)),
    "augment-variants": lambda desk: AugmentVariantsInput(
        desk.images[desk.at], Recipe(width_px=24, height_px=16), AugmentSettings(), 0, 3),
    "find-learning-rate": lambda desk: FindRateInput(desk.images, LABELS, 2, SMALL),
    "learning-curve": lambda desk: replace(
        prepare_training(desk.project, "transfer", find_strategy("transfer").settings()),
        folder=desk.out / "run", embeddings=desk.embeddings),
    "time-training": lambda desk: TimeTrainingInput((SMALL,), 20, 2),
    "copy-project": lambda desk: CopyInput(desk.project.folder, desk.out / "copy"),
    "copy-sample": lambda desk: desk.out / "sample",
    "back-up": _copied_project,
    "list-copies": _copied_project,
    "restore": lambda desk: RestoreInput((folder := _copied_project(desk)), find_backups(folder)[0].path),
}
"""Small real inputs for each job."""

READ_NO_IMAGE = {
    "list-folders": "lists names; files are opened by `scan`",
    "list-backbones": "asks about networks",
    "list-devices": "asks about devices",
    "suggest-class-map": "compares names of classes",
    "time-training": "takes steps on made-up images",
    "copy-project": "copies what the project knows of images, not them",
    "copy-sample": "copies files of the program, not of the user",
    "back-up": "copies the catalog", "list-copies": "reads copies of the catalog", "restore": "copies a catalog back",
}
"""Jobs for which no image can be bad, and why."""

LOOK_AT_ONE = ("inspect", "find-similar", "preview-recipe", "augment-variants")
"""Jobs whose one image is all that they are asked about: they end by saying why it cannot be used."""


@dataclass(frozen=True)
class Finished:
    """What a job gave when nobody cancelled it, what it said, and the names of the files that it wrote."""

    outcome: Outcome
    context: RecordingContext
    written: frozenset[Path]


def do(task: str, desk: Desk, context: RecordingContext) -> Finished:
    """Run a job into an empty folder; what it was given stays as it was."""
    shutil.rmtree(desk.out, ignore_errors=True)
    desk.out.mkdir()
    inputs, files, there = MAKERS[task](desk), files_of(desk.folder), files_of(desk.out)
    before = pickle.dumps(inputs)
    outcome = run_job(task, inputs, context)
    assert pickle.dumps(inputs) == before
    assert _outside(files_of(desk.folder)) == _outside(files)
    return Finished(outcome, context, frozenset(files_of(desk.out)) - frozenset(there))


def files_of(folder: Path) -> dict[Path, bytes]:
    """Contents by relative path; the catalog's log is written to by whoever opens a project."""
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith("catalog.sqlite-")}


def _outside(files: dict[Path, bytes]) -> dict[Path, bytes]:
    """Files that are not the job's to change."""
    return {path: content for path, content in files.items() if path.parts[0] != "out"}


@pytest.fixture(scope="module")
def done() -> dict[str, Finished]:
    """The jobs that came to their ends so far, by name."""
    return {}


def test_every_job_has_inputs_here() -> None:
    assert set(MAKERS) == set(TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_a_job_counts_to_the_end_and_changes_nothing_that_it_was_given(
    task: str, desk: Desk, done: dict[str, Finished],
) -> None:
    finished = done[task] = do(task, desk, RecordingContext())
    assert isinstance(finished.outcome, Succeeded), getattr(finished.outcome, "error", None)
    pickle.dumps(finished.outcome.result)  # it crosses from the engine process
    last = {progress.stage: progress for progress in finished.context.progresses}
    assert [str(stage) for stage, progress in last.items() if progress.total and not progress.is_done] == []
    for progress in finished.context.progresses:
        assert 0 <= progress.done <= (progress.total or progress.done)


@pytest.mark.parametrize("look", ["first", "second", "middle"])
@pytest.mark.parametrize("task", TASKS)
def test_a_job_ends_at_the_look_at_which_it_is_cancelled_and_leaves_nothing_half_written(
    task: str, look: str, desk: Desk, done: dict[str, Finished],
) -> None:
    if task not in done:
        done[task] = do(task, desk, RecordingContext())
    n_looks = done[task].context.n_checks
    before = {"first": 0, "second": 1, "middle": n_looks // 2}[look]
    ended = do(task, desk, RecordingContext(cancel_after=before))
    assert (ended.outcome, ended.context.n_checks) == (Cancelled(), before + 1)
    assert ended.written <= done[task].written, "a draft was left"
    assert not [path for path in ended.written if path.parts[0] not in ("embeddings", "health")], "a file was left"
    for hashes in desk.out.glob("embeddings/*/hashes.bin"):
        store = EmbeddingStore(hashes.parent, find_backbone(BACKBONE).n_stored)
        assert store.are_sound(np.arange(store.n_rows)).all()
    if Path("health", CUES_NAME) in ended.written:
        with open_arrays(desk.out / "health" / CUES_NAME) as measured:
            assert len(measured["hashes"]) == len(measured["numbers"])


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("task", [task for task in TASKS if task not in (*READ_NO_IMAGE, *LOOK_AT_ONE, "scan")])
def test_an_image_that_cannot_be_used_is_listed_and_not_fatal(
    task: str, damage: str, damaged: Desk, suffered: dict[str, Outcome],
) -> None:
    if task not in suffered:
        suffered[task] = do(task, damaged, RecordingContext()).outcome
    outcome = suffered[task]
    assert isinstance(outcome, Succeeded), getattr(outcome, "error", None)
    assert f"blue_{DAMAGES.index(damage)}.png" in LISTED.get(task, _skipped)(outcome.result, damaged)


def test_a_scan_lists_what_is_broken_and_sees_the_others_as_they_are(damaged: Desk) -> None:
    """It asks what a folder holds now: nothing can be missing in it, or be other than it is."""
    outcome = do("scan", damaged, RecordingContext()).outcome
    assert isinstance(outcome, Succeeded)
    reasons = {Path(os.fsdecode(file.path)).name: file.reason for file in outcome.result.files}
    assert {name for name, reason in reasons.items() if reason} == {"blue_0.png"}
    assert "blue_1.png" not in reasons and "blue_2.png" in reasons


@pytest.fixture(scope="module")
def suffered() -> dict[str, Outcome]:
    """How jobs ended on the damaged images, by name."""
    return {}


def _skipped(result: Any, _: Desk) -> set[str]:
    return {skipped.path.name for skipped in result.skipped}


def _not_as_known(answers: RunAnswers, desk: Desk) -> set[str]:
    """Images that changed are predicted as they are now, and named."""
    return _skipped(answers, desk) | {Path(name).name for name in answers.changed}


def _unchecked(check: HealthCheck, desk: Desk) -> set[str]:
    """What cannot be read is a finding; what changed is counted among what could not be looked at."""
    found = check.result.find(Unreadable)
    assert found is not None
    names = {image.id: image.path.name for image in image_refs(desk.project, ImageFilter())}
    n_changed = {u.reason.params["n"] for u in check.result.unchecked if u.check == CHANGED_FILES}
    return {names[file.image_id] for file in found.files} | ({"blue_2.png"} if n_changed == {2} else set())


LISTED: dict[str, Callable[[Any, Desk], set[str]]] = {
    "answer": _not_as_known,
    "write-predictions": _not_as_known,
    "write-review": lambda result, desk: _not_as_known(result.answers, desk),
    "check-health": _unchecked,
}
"""The names of the images that a job could not use as the catalog knows them, from what it returns."""


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("task", LOOK_AT_ONE)
def test_a_job_on_one_image_says_why_that_cannot_be_used(task: str, damage: str, damaged: Desk) -> None:
    outcome = do(task, replace(damaged, at=DAMAGES.index(damage)), RecordingContext()).outcome
    assert not isinstance(outcome, Cancelled)
    said = outcome.error.message if isinstance(outcome, Failed) else outcome.result.reading_reason
    assert said.code == REASONS[damage]


REASONS = {"corrupt": "images.cut_off", "missing": "images.gone", "changed": "images.changed"}
