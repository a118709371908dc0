"""The whole check on drawn projects: what was planted is found, and one part that fails stops no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image

from core.checks.balance import Balance
from core.checks.duplicates import Duplicates
from core.checks.fold_leakage import FoldLeakage
from core.checks.inputs import HealthCheck, HealthResult
from core.checks.job import check_health
from core.checks.label_issues import LabelIssues
from core.checks.leakage import Leakage
from core.checks.registry import CHECKS
from core.checks.shortcuts import Shortcuts
from core.checks.unreadable import Unreadable
from core.cli.project_commands import say_health
from core.errors import TrainingDataError
from core.jobs import JobCancelled, JobContext
from core.project.project import Project
from core.project.rows import image_rows
from core.text import text
from core.workflow.health import describe_health, findings_of, keep_health, prepare_health, read_health
from core.training.registry import make_settings
from core.workflow.training import prepare_training, record_training
from tests.conftest import RecordingContext, draw_picture, write_class_folder
from tests.core.checks.test_duplicates import draw_scene
from tests.project_acts import import_folder

E = TypeVar("E")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two classes of fourteen; reds are small, blues large; one copy under two labels, one twin in the test set."""
    train, test = tmp_path / "train", tmp_path / "test"
    for name, hue, size, seed in (("red", "red", (96, 72), 0), ("blue", "blue", (160, 120), 100)):
        (train / name).mkdir(parents=True)
        for i in range(14):
            draw_picture(seed + i, hue, size).save(train / name / f"{name}_{i}.png")
    draw_scene(7).save(train / "red" / "scene.png")
    (train / "blue" / "again.png").write_bytes((train / "red" / "scene.png").read_bytes())
    test.mkdir()
    draw_scene(9).save(train / "blue" / "seen.png")
    draw_scene(9).resize((160, 120)).save(test / "twin.jpg", quality=60)
    write_class_folder(test, "red", 3, first_seed=500)
    (test / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    return tmp_path


@pytest.fixture
def project(pictures: Path):  # type: ignore[no-untyped-def]
    with Project.create(pictures / "p") as project:
        import_folder(project, pictures / "train")
        import_folder(project, pictures / "test", split="test", with_labels=False)
        yield project


def check(project: Project, *, is_quick: bool = False) -> HealthCheck:
    return check_health(prepare_health(project, is_quick=is_quick), JobContext())


def names(project: Project, ids: tuple[int, ...]) -> set[str]:
    return {row.name for row in image_rows(project, ids)}


def found_by(result: HealthResult, kind: type[E]) -> E:
    found = result.find(kind)
    assert found is not None
    return found


def test_what_was_planted_is_found(project: Project) -> None:
    result = check(project).result
    group = found_by(result, Duplicates).groups[0]
    assert names(project, group.image_ids) == {"red/scene.png", "blue/again.png"} and group.has_two_labels
    leaks = [leak for leak in found_by(result, Leakage).leaks if leak.match == "same picture"]
    assert [names(project, (leak.test_id, leak.train_id)) for leak in leaks] == [{"twin.jpg", "blue/seen.png"}]
    shortcuts = found_by(result, Shortcuts)
    assert shortcuts.found[0].cue == "all_metadata" and shortcuts.found[0].accuracy > 0.9
    assert [names(project, (f.image_id,)) for f in found_by(result, Unreadable).files] == [{"broken.jpg"}]
    balance = found_by(result, Balance)
    assert balance.n_test == 4 and {c.name: c.n_labels for c in balance.classes} == {"blue": 16, "red": 15}
    assert found_by(result, LabelIssues).source == "leave-one-out" and shortcuts.counter_test is not None
    assert shortcuts.counter_test.transform == "same_size" and result.unchecked == ()
    keys = [f.key for f in findings_of(project, result)]
    assert keys[0] == "shortcut:file:all_metadata" and {"two labels", "leak:same", "unreadable"} <= set(keys)


def test_every_check_has_a_name_in_words_and_keeps_its_own_evidence(project: Project) -> None:
    result = check(project).result
    assert [c.name for c in CHECKS if text(f"checks.name.{c.name}") == f"checks.name.{c.name}"] == []
    assert len({c.name for c in CHECKS}) == len({c.evidence for c in CHECKS}) == len(CHECKS)
    assert all(isinstance(result.evidence[c.name], c.evidence) for c in CHECKS if c.name in result.evidence)
    assert {c.name for c in CHECKS} - set(result.evidence) == {"fold_leakage", "earlier_versions", "shift"}


def test_a_check_that_fails_is_listed_and_stops_no_other(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise TrainingDataError("checks.only_one_class")

    whole = set(check(project, is_quick=True).result.evidence)
    assert {"balance", "duplicates", "leakage", "shortcuts", "outliers", "unreadable"} <= whole
    for failing in CHECKS:
        if failing.name in whole:
            with monkeypatch.context() as patched:
                patched.setattr(type(failing), "run", fail)
                result = check(project, is_quick=True).result
            assert set(result.evidence) == whole - {failing.name}
            assert [u.reason.code for u in result.unchecked if u.check == failing.name] == ["checks.reason"]
            assert findings_of(project, result)


def test_the_run_that_fits_is_asked_and_duplicates_across_folds_are_counted(project: Project) -> None:
    job = prepare_training(project, "transfer", make_settings("transfer", {"groups": "same file"}))
    from core.tasks import run_here
    record_training(project, job, run_here("train", job))
    result = check(project).result
    assert found_by(result, LabelIssues).source == job.run
    folds = found_by(result, FoldLeakage)
    assert folds.run == job.run and len(folds.image_ids) == folds.n_duplicates
    assert not {"red/scene.png", "blue/again.png"} & names(project, folds.image_ids), "copies share a fold"
    tested = found_by(result, Shortcuts).counter_test
    assert tested is not None and tested.run == "", "the run learnt from other features: a head of its own is asked"


def test_without_a_network_everything_else_is_looked_at(project: Project) -> None:
    job = replace(prepare_health(project), backbone="resnet50")
    result = check_health(job, JobContext()).result
    reasons = {u.check: u.reason for u in result.unchecked}
    assert "resnet50" in str(reasons["embeddings"]) and "trained model" in str(reasons["label_issues"])
    assert found_by(result, Duplicates).groups and found_by(result, Shortcuts).found and result.backbone == ""
    assert found_by(result, Shortcuts).counter_test is None


def test_a_quick_check_needs_no_network(project: Project) -> None:
    result = check(project, is_quick=True).result
    assert result.is_quick and found_by(result, Shortcuts).found
    assert found_by(result, Duplicates).groups and found_by(result, Duplicates).near_groups == ()
    assert not project.embeddings_path.exists()


def test_an_empty_project_is_sound(tmp_path: Path) -> None:
    with Project.create(tmp_path / "empty") as project:
        found = check(project).result
        assert found.n_images == 0 and findings_of(project, found) == ()


def test_one_class_and_broken_pictures_say_what_is_missing(tmp_path: Path) -> None:
    write_class_folder(tmp_path / "train" / "red", "red", 4)
    with Project.create(tmp_path / "p") as project:
        import_folder(project, tmp_path / "train")
        Image.new("RGB", (9, 9)).save(tmp_path / "train" / "red" / "red_0.png")
        (tmp_path / "train" / "red" / "red_1.png").write_bytes(b"gone bad")
        found = check(project).result
        assert {u.check for u in found.unchecked} == {"label_issues", "shortcuts", "changed_files"}
        assert found_by(found, Unreadable).files == (), "whether changed files are broken is for an import to say"
        assert names(project, tuple(f.image_id for f in found.skipped)) == {"red/red_0.png", "red/red_1.png"}
        import_folder(project, tmp_path / "train")
        found = check(project).result
        assert {u.check for u in found.unchecked} == {"label_issues", "shortcuts"}
        assert [names(project, (f.image_id,)) for f in found_by(found, Unreadable).files] == [{"red/red_1.png"}]
        assert found.skipped == (), "a finding says so"


def test_images_that_the_counter_test_could_not_read_again_are_listed(project: Project, pictures: Path) -> None:
    keep_health(project, check(project))
    assert check(project).result.skipped == ()
    (pictures / "train" / "blue" / "blue_5.png").unlink()
    check_again = check(project)
    (skipped,) = check_again.result.skipped
    assert names(project, (skipped.image_id,)) == {"blue/blue_5.png"} and skipped.reason is not None
    keep_health(project, check_again)
    kept = read_health(project)
    assert kept is not None and kept.skipped == (skipped,)
    facts = describe_health(project, kept)
    assert [row["path"] for row in facts["skipped"]] == ["blue/blue_5.png"]
    assert text("checks.images_skipped", n=1, names=["blue/blue_5.png"]) in say_health(facts)


def test_the_job_ends_complete_or_cancelled(project: Project, cancelling_context: RecordingContext) -> None:
    job, context = prepare_health(project), RecordingContext()
    check_health(job, context)
    assert context.last.done == context.last.total
    assert job == prepare_health(project), "inputs unchanged"
    with pytest.raises(JobCancelled):
        check_health(job, cancelling_context)


def test_the_second_check_measures_nothing_anew(project: Project, pictures: Path) -> None:
    keep_health(project, check(project))
    context = RecordingContext()
    check_health(prepare_health(project), context)
    stages = {p.stage.code: p.total for p in context.progresses}
    assert stages["jobs.measuring_images"] == 0
