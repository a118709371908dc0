"""What a job says and records belongs to the project that it was started in, whatever is open when it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.project.project import Project
from core.project.queries import count_all
from core.project.runs import list_runs
from core.text import text
from core.training.registry import find_strategy
from gui.pages import PageContext
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow

Two = tuple[Path, Path]


def shown(context: PageContext) -> list[str]:
    return [message.sentence for message in context.window.message_bar.messages]


def test_a_job_that_fails_after_its_project_was_left_says_so_there(
    context: PageContext, runner_now: RunnerNow, two_projects: Two
) -> None:
    window = context.window
    window.open_asked.emit(two_projects[0])
    runner_now.start("Counting", "fail_foreseen", None)
    window.open_asked.emit(two_projects[1])
    assert window.job_bar.said.text.startswith("a · Counting")
    runner_now.run_all()
    assert shown(context) == [] and window.job_bar.said.text == "a · Counting · stopped by an error"
    [heard] = window.message_log.heard
    assert heard.project == "a", "the list of messages has it with its name"
    runner_now.start("Counting", "fail_foreseen", None)
    assert len(window.message_log.heard) == 1, "one of this project that begins ends nothing there"
    runner_now.run_all()
    assert len(shown(context)) == 1
    window.open_asked.emit(two_projects[0])
    assert shown(context) == [heard.message.sentence] and len(window.message_log.heard) == 2
    window.open_asked.emit(two_projects[1])
    window.open_asked.emit(two_projects[0])
    assert shown(context) == [], "it was seen"


@pytest.mark.parametrize("is_opened_again", [False, True])
def test_an_import_goes_to_the_project_that_asked_for_it(
    context: PageContext, runner_now: RunnerNow, two_projects: Two, tmp_path: Path, is_opened_again: bool
) -> None:
    window = context.window
    write_class_folder(tmp_path / "more" / "red", "red", 2, first_seed=700)
    window.open_asked.emit(two_projects[0])
    context.jobs.import_images(tmp_path / "more")
    runner_now._run_next()  # the folder is looked through, and the import is waiting
    window.open_asked.emit(two_projects[1])
    if is_opened_again:
        window.open_asked.emit(two_projects[0])
    runner_now.run_all()
    with Project.open(two_projects[0], read_only=True) as project:
        assert count_all(project).n_images == 13
    if not is_opened_again:
        assert context.session.counts.n_images == 11 and shown(context) == []
        window.open_asked.emit(two_projects[0])
    assert "2 images" in shown(context)[-1] and context.session.counts.n_images == 13


def test_a_folder_that_was_looked_through_for_another_project_is_not_imported_into_this_one(
    context: PageContext, runner_now: RunnerNow, two_projects: Two, tmp_path: Path
) -> None:
    write_class_folder(tmp_path / "more" / "red", "red", 2, first_seed=700)
    context.window.open_asked.emit(two_projects[0])
    context.jobs.import_images(tmp_path / "more")
    context.window.open_asked.emit(two_projects[1])
    runner_now.run_all()
    assert context.session.counts.n_images == 11 and shown(context) == []
    context.window.open_asked.emit(two_projects[0])
    assert shown(context) == [text("window.left_before_import", folder=tmp_path / "more")]


def test_a_training_is_recorded_where_it_was_started(
    context: PageContext, runner_now: RunnerNow, two_projects: Two
) -> None:
    context.window.open_asked.emit(two_projects[0])
    context.jobs.train("transfer", find_strategy("transfer").settings())
    context.window.open_asked.emit(two_projects[1])
    runner_now.run_all()
    assert not context.session.runs
    with Project.open(two_projects[0], read_only=True) as project:
        assert len(list_runs(project)) == 1


def test_what_is_kept_of_a_cancelled_training_is_said_in_its_project(
    context: PageContext, runner_now: RunnerNow, two_projects: Two
) -> None:
    context.window.open_asked.emit(two_projects[0])
    job = context.jobs.train("transfer", find_strategy("transfer").settings())
    context.window.open_asked.emit(two_projects[1])
    job.cancel()
    runner_now.run_all()
    assert shown(context) == []
    context.window.open_asked.emit(two_projects[0])
    assert shown(context) == [text("jobs.cancelled.embeddings")]
