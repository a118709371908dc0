"""Results are kept with what they belong to, decisions are laid over them, and every run carries the gravest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.checks.check import Finding, Level
from core.checks.duplicates import Duplicates
from core.checks.job import check_health
from core.checks.label_issues import LabelIssues
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.decisions import acknowledge, keep_labels, label_subject
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_refs
from core.runs.repository import read_run
from core.runs.record import recorded_findings
from core.tasks import run_here
from core.workflow.readiness import findings_as_known, findings_for_run, known_findings
from core.workflow.health import (
    describe_health, findings_of, health_digest, is_current, keep_health, prepare_health, read_health,
)
from core.workflow.known_duplicates import duplicate_groups
from core.training.registry import make_settings
from core.workflow.training import prepare_training, record_training
from tests.conftest import draw_picture
from tests.project_acts import import_folder


@pytest.fixture
def project(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Small reds and large blues, twelve each; two wrong labels; one picture twice."""
    for name, size, seed in (("red", (96, 72), 0), ("blue", (160, 120), 100)):
        (tmp_path / "train" / name).mkdir(parents=True)
        for i in range(12):
            draw_picture(seed + i, name, size).save(tmp_path / "train" / name / f"{name}_{i}.png")
    draw_picture(3, "red", (96, 72)).save(tmp_path / "train" / "blue" / "stray.png")
    with Project.create(tmp_path / "p") as project:
        import_folder(project, tmp_path / "train")
        yield project


def gravest(project: Project) -> tuple[Finding, ...]:
    """Findings that nobody has accepted and that are more than notes."""
    return tuple(f for f in known_findings(project) if f.level > Level.NOTE and not f.is_accepted)


def checked(project: Project) -> None:
    keep_health(project, check_health(prepare_health(project), JobContext()))


def test_a_result_is_kept_until_labels_change(project: Project) -> None:
    assert read_health(project) is None
    check = check_health(prepare_health(project), JobContext())
    keep_health(project, check)
    assert read_health(project) == check.result and is_current(project, read_health(project))
    before = health_digest(project)
    first = image_ids(project, ImageFilter())[:1]
    set_labels(project, first, None)
    assert not is_current(project, read_health(project)) and health_digest(project) != before


@pytest.mark.parametrize("content", ["", "{}", '{"format": 2}', '{"format": 99}', "[]", '{"format": 2, "digest": 3}'])
def test_a_damaged_result_counts_as_none(project: Project, content: str) -> None:
    checked(project)
    (project.health_path / "result.json").write_text(content)
    (project.health_path / "twins.npz").write_bytes(b"PK no archive")
    assert read_health(project) is None
    assert duplicate_groups(project, image_refs(project, ImageFilter()), "same picture") == ()


def test_a_result_of_another_format_counts_as_none(project: Project) -> None:
    checked(project)
    path = project.health_path / "result.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(content | {"format": content["format"] + 1}), encoding="utf-8")
    assert read_health(project) is None


def test_what_is_kept_holds_codes_and_no_words(project: Project) -> None:
    checked(project)
    kept = (project.health_path / "result.json").read_text(encoding="utf-8")
    result = read_health(project)
    assert result is not None and result.find(Duplicates) is not None
    words = {str(said) for f in findings_of(project, result) for said in (f.title, f.sentence, *f.details)}
    assert words and not [said for said in words if said in kept]
    assert not [said for f in findings_for_run(project) for said in words if said in json.dumps(f)]


def test_the_answer_has_all_keys_of_the_contract(project: Project, tmp_path: Path) -> None:
    keys = {
        "alike_classes", "backbone", "balance", "border_looks", "checked_at", "counter_test", "duplicate_groups",
        "duplicates",
        "findings", "is_quick", "label_errors", "label_source", "leaks", "more_labels", "n_images", "near_twins",
        "outliers", "seconds", "shift", "shortcuts", "skipped", "twins_in_folds", "unchecked", "uncovered",
        "unreadable", "wrong_labels",
    }
    checked(project)
    result = read_health(project)
    assert result is not None and set(describe_health(project, result)) == keys
    with Project.create(tmp_path / "empty") as empty:
        nothing = check_health(prepare_health(empty), JobContext()).result
        assert set(describe_health(empty, nothing)) == keys


def test_a_quick_result_does_not_replace_a_whole_one(project: Project) -> None:
    checked(project)
    keep_health(project, check_health(prepare_health(project, is_quick=True), JobContext()))
    found = read_health(project)
    assert found is not None and not found.is_quick


def test_sure_labels_are_never_shown_again(project: Project) -> None:
    checked(project)
    result = read_health(project)
    assert result is not None
    found = result.find(LabelIssues)
    assert found is not None
    stray = next(issue for issue in found.issues if issue.label == "blue" and issue.suggested == "red")
    assert stray.neighbours is not None and stray.reason is not None
    before = next(f for f in findings_of(project, result) if f.key == "label errors")
    keep_labels(project, [label_subject(stray.content_hash, stray.label_id)])
    after = [f for f in findings_of(project, result) if f.key == "label errors"]
    assert stray.image_id in before.image_ids and not any(stray.image_id in f.image_ids for f in after)


def test_duplicates_are_groups_and_the_rest_stays_apart(project: Project) -> None:
    images = image_refs(project, ImageFilter())
    assert duplicate_groups(project, images, "same picture") == (), "nothing is known yet"
    checked(project)
    groups = np.array(duplicate_groups(project, images, "same picture"))
    names = [image.path.name for image in images]
    assert groups[names.index("stray.png")] == groups[names.index("red_3.png")]
    assert len(set(groups)) == len(images) - 1
    assert duplicate_groups(project, images, "same file") == ()


def test_near_duplicates_are_groups_of_their_own(project: Project) -> None:
    images, check = image_refs(project, ImageFilter()), check_health(prepare_health(project), JobContext())
    keep_health(project, replace(check, near_duplicates=np.zeros_like(check.near_duplicates)))
    assert set(duplicate_groups(project, images, "near duplicates")) == {0}
    assert len(set(duplicate_groups(project, images, "duplicates"))) == len(images) - 1


def test_every_run_carries_the_gravest_findings_and_what_was_accepted(project: Project) -> None:
    quick = gravest(project)[:2]
    assert [f.key for f in quick] == ["shortcut:file:all_metadata", "two labels"]
    acknowledge(project, "shortcut:file:all_metadata", "The camera of the shop; the customers use it, too.")
    assert [f.key for f in gravest(project)[:2]] == ["two labels"]
    carried = findings_for_run(project)
    assert [(f["key"], f["acknowledged"]) for f in carried] == [
        ("two labels", None),
        ("shortcut:file:all_metadata", "The camera of the shop; the customers use it, too."),
    ]
    job = prepare_training(project, "transfer", make_settings("transfer", {}))
    row = record_training(project, job, run_here("train", job))
    assert row.figures["findings"] == list(carried) == [dict(f) for f in read_run(job.folder).findings]
    json.dumps(row.figures)


def test_train_page_and_health_name_one_figure_of_one_cue(project: Project) -> None:
    """Recorded by a quick look, shown in the figures of the whole check once there is one."""
    recorded = findings_for_run(project)
    assert recorded[0]["key"] == "shortcut:file:all_metadata"
    assert recorded[0]["sentence"]["code"] == "checks.told_by.size_and_format"
    assert findings_as_known(project, recorded) == recorded_findings(recorded), "there is no check yet"
    checked(project)
    result = read_health(project)
    assert result is not None
    known = {f.key: f.sentence for f in findings_of(project, result)}
    shown = findings_as_known(project, recorded)
    assert [f["kind"] for f in shown] == [f["kind"] for f in recorded]
    assert all(f["sentence"] == known[f["key"]] for f in shown)


def test_too_few_labels_are_said_by_readiness_alone(project: Project) -> None:
    checked(project)
    result = read_health(project)
    assert result is not None and "balance" in {f.key for f in findings_of(project, result)}
    assert "balance" not in {f["key"] for f in findings_for_run(project)}


def test_a_note_speaks_against_no_accuracy(project: Project) -> None:
    checked(project)
    result = read_health(project)
    assert result is not None
    assert Level.NOTE in {f.level for f in findings_of(project, result)}, "the project has something of little weight"
    assert Level.NOTE not in {f.level for f in gravest(project)}
    assert {f["level"] for f in findings_for_run(project)} <= {"warning", "serious"}


def test_the_kept_result_is_what_a_run_carries_while_it_is_current(project: Project) -> None:
    checked(project)
    result = read_health(project)
    assert result is not None
    assert gravest(project)[:2] == findings_of(project, result)[:2]
    red = next(c.id for c in list_classes(project) if c.name == "red")
    set_labels(project, image_ids(project, ImageFilter(text="stray")), red)
    assert "two labels" not in {f.key for f in gravest(project)[:2]}
