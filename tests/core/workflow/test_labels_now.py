"""Labels that change after a training: window, review page and command line show the same figures, those of now."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from core.cli.commands import run_command
from core.jobs import JobContext
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import image_ids
from core.project.runs import list_runs
from core.review.metrics import wilson_interval
from core.workflow.confusion import mistakes_of, read_confusion, read_judged
from core.workflow.importing import new_project
from core.workflow.runs import describe_recorded
from core.workflow.training import train_project
from tests.conftest import write_class_folder


@pytest.fixture(scope="module")
def relabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen images, all judged right; then two red ones are labelled blue."""
    home = tmp_path_factory.mktemp("relabelled")
    write_class_folder(home / "train" / "red", "red", 8)
    write_class_folder(home / "train" / "blue", "blue", 8, first_seed=20)
    folder = home / "p.catalejo"
    new_project(folder, home / "train", None, JobContext())
    facts = train_project(folder, "transfer", {}, JobContext())
    assert facts["accuracy"] == 1.0 and facts["confusion"] == [[8, 0], [0, 8]]
    then = facts["as_trained"]
    now = {name: facts[name] for name in then} | {
        "per_class": [{name: row[name] for name in kept} for row, kept in zip(
            facts["per_class"], then["per_class"], strict=True)]}
    assert then == now, "nothing has changed yet; what is derived of each class stands beside"
    with Project.open(folder) as project:
        blue, red = (row[0] for row in project.catalog.rows("SELECT id FROM class ORDER BY name"))
        rows = project.catalog.rows("SELECT id FROM image WHERE class_id = ? ORDER BY id LIMIT 2", (red,))
        set_labels(project, np.array([row[0] for row in rows]), blue)
    return folder


def asked(command: list[str], capsys: pytest.CaptureFixture[str]) -> dict:
    assert run_command([*command, "--json"]) == 0
    found: dict = json.loads(capsys.readouterr().out)
    return found


def test_all_show_the_same_figures(relabelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Project.open(relabelled, read_only=True) as project:
        run = list_runs(project)[0]
        shown = read_confusion(project, run.id)  # what the window shows
        words = describe_recorded(run, shown)
        behind, listed = read_judged(project, run.id), image_ids(project, mistakes_of(run.id))
    assert shown.counts.tolist() == [[8, 2], [0, 6]] and shown.n_wrong == 2
    assert behind.confusion.classes == shown.classes and (behind.confusion.counts == shown.counts).all()
    assert sorted(behind.image_ids[behind.mistakes].tolist()) == sorted(listed.tolist())
    (row,) = asked(["runs", str(relabelled)], capsys)["runs"]
    page = tmp_path / "page.html"
    said = asked(["review", str(relabelled), "--out", str(page)], capsys)
    for facts in (row, said):
        assert facts["confusion"] == shown.counts.tolist() and facts["classes"] == [c.name for c in shown.classes]
        assert facts["accuracy"] == 14 / 16 == shown.standing.accuracy and facts["n_validation"] == 16
        assert facts["interval"] == list(wilson_interval(14, 16))
        assert facts["balanced_accuracy"] == shown.standing.balanced_accuracy == pytest.approx(0.9)
        assert facts["as_trained"]["accuracy"] == 1.0 and facts["as_trained"]["confusion"] == [[8, 0], [0, 8]]
    assert said["mistakes"] == 2
    assert [(f["name"], f["n"], f["recall"]) for f in row["per_class"]] == [("blue", 10, 0.8), ("red", 6, 1.0)]
    html = page.read_text("utf-8")
    cells = re.findall(r'<td class="[^"]*" style="--share[^>]*>([\d,]+)<small>', html)
    assert cells == ["8", "2", "0", "6"] and html.count('alt="Heat map') == html.count("<img ") // 2 == 2
    assert words.verdict in html and words.as_trained in html and "87.5 %" in words.verdict


def test_the_record_keeps_what_it_was(relabelled: Path) -> None:
    (path,) = relabelled.glob("runs/*/run.json")
    content = json.loads(path.read_text("utf-8"))
    assert content["accuracy"] == 1.0 and content["confusion"] == [[8, 0], [0, 8]]


def test_without_labels_there_is_no_accuracy(relabelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Project.open(relabelled) as project:
        everything = np.array([row[0] for row in project.catalog.rows("SELECT id FROM image")])
        set_labels(project, everything, None)
    assert run_command(["runs", str(relabelled)]) == 0
    capsys.readouterr()
    (row,) = asked(["runs", str(relabelled)], capsys)["runs"]
    assert row["accuracy"] is None and row["interval"] is None and row["as_trained"]["accuracy"] == 1.0
