"""Contributions of training images: they sum to the logit, are of the model that erred, and name planted labels."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest

from core.jobs import JobContext
from core.project.project import Project
from core.project.queries import ImageFilter
from core.project.rows import image_refs, image_rows
from core.project.runs import list_runs
from core.tasks import run_here
from core.training.contributions import represent
from core.training.logistic import fit_transfer
from core.training.contribution_answer import ContributionInput, ContributionResult
from core.workflow.importing import new_project
from core.workflow.training import train_project
from tests.conftest import write_class_folder


def clouds(seed: int, n: int = 240, n_features: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Three classes that overlap, (n, n_features) float32, and their labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    centres = np.random.default_rng(1).normal(size=(3, n_features))
    return (centres[labels] * 0.4 + rng.normal(size=(n, n_features)) + 3).astype(np.float32), labels


@pytest.mark.parametrize("is_weighted", [False, True])
def test_contributions_and_bias_sum_to_the_logits(is_weighted: bool) -> None:
    features, labels = clouds(0)
    new, _ = clouds(5, n=50)
    counts = np.where(labels == 0, 1.5, 0.75).astype(np.float32) if is_weighted else np.ones(len(labels), np.float32)
    counts[::5] = 0
    found = represent(features, labels, counts, strength=0.01, n_classes=3, check=lambda: None)
    logits = found.logits(new)
    summed = np.array([found.contributions(one).sum(axis=0) for one in new]) + found.heads.biases[0]
    assert np.abs(summed - logits).max() < 0.01 * logits.std()
    assert (found.values[::5] == 0).all()


def test_it_is_the_head_that_a_training_fits() -> None:
    features, labels = clouds(0)
    fit = fit_transfer(features, labels, folds=np.arange(len(labels)) % 4, n_classes=3, context=JobContext())
    found = represent(features, labels, np.ones(len(labels), np.float32), strength=fit.strength, n_classes=3,
                      check=lambda: None)
    by_fit = np.log(fit.head.probabilities(features)) * fit.temperatures.final
    difference = (by_fit - by_fit.mean(axis=1, keepdims=True)) - (
        found.logits(features) - found.logits(features).mean(axis=1, keepdims=True))
    assert np.abs(difference).max() < 0.15 * found.logits(features).std()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs on red and blue images, with four blue ones among the red that pull blue ones to red."""
    folder = tmp_path_factory.mktemp("contributions")
    write_class_folder(folder / "train" / "red", "red", 12)
    write_class_folder(folder / "train" / "blue", "blue", 12, first_seed=100)
    write_class_folder(folder / "planted", "blue", 4, first_seed=200)
    for path in (folder / "planted").iterdir():
        copyfile(path, folder / "train" / "red" / f"planted_{path.name}")
    write_class_folder(folder / "other", "blue", 1, first_seed=300)
    (folder / "test").mkdir()
    (folder / "other" / "blue_0.png").rename(folder / "test" / "new.png")
    new_project(folder / "p", folder / "train", folder / "test", JobContext())
    train_project(folder / "p", "transfer", {}, JobContext())
    train_project(folder / "p", "auto", {"seconds": 1}, JobContext())
    return folder


def ask(folder: Path, strategy: str, name: str, toward: str) -> tuple[ContributionResult, list[str]]:
    with Project.open(folder / "p", read_only=True) as project:
        [image] = (one for one in image_refs(project, ImageFilter()) if one.path.name == name)
        run = next(run for run in list_runs(project) if run.strategy == strategy)
        asked = ContributionInput(project.folder, project.run_path(run.id), image,
                                  project.embeddings_path, toward)
        found: ContributionResult = run_here("rank-contributions", asked)
        return found, [row.path.name for row in image_rows(project, [one.image_id for one in found.found])]


@pytest.mark.parametrize("strategy", ["transfer", "auto"])
def test_the_wrongly_labelled_images_pull_most_to_the_wrong_class(trained: Path, strategy: str) -> None:
    found, names = ask(trained, strategy, "blue_3.png", "red")
    assert found.is_same_model and found.is_out_of_fold and found.toward == "red"
    assert all(name.startswith("planted_") for name in names[:2])
    values = [one.value for one in found.found]
    assert values == sorted(values, reverse=True) and values[-1] > 0
    assert sum(one.share for one in found.found) <= 1 + 1e-6
    assert "blue_3.png" not in names, "an image that the model had not seen contributes nothing"


@pytest.mark.parametrize("strategy", ["transfer", "auto"])
def test_an_image_without_label_is_asked_about_with_the_final_model(trained: Path, strategy: str) -> None:
    found, names = ask(trained, strategy, "new.png", "red")
    assert found.is_same_model and not found.is_out_of_fold and found.n_train == 28
    assert names[0].startswith("planted_")
