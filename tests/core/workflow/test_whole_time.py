"""One time left for a whole job: from how its stages went the last time, or from what it announced."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from core.files import machine_times
from core.files.machine_times import keep_time, read_time
from core.jobs import Progress
from core.text import Message, render
from core.training.known_times import keep_seconds, known_seconds
from core.training.strategies.fine_tune import FineTuneEstimate, FineTuneSettings
from core.training.strategies.scratch import ScratchSettings
from core.workflow.whole_time import WholeClock, read_stages

READ, EMBED, FIT = (Message(f"jobs.{code}") for code in ("reading", "embedding", "training"))


class Clock:
    """Shows what a test says."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def go_through(stages: Iterable[tuple[Message, float]], *, size: int = 0) -> None:
    clock = Clock()
    whole = WholeClock("train x", size, now=clock)
    for stage, seconds in stages:
        whole.tell(Progress(stage, 0, 10))
        clock.seconds += seconds
    whole.keep()


def test_the_first_time_only_this_step_is_known() -> None:
    told = WholeClock("train x").tell(Progress(READ, 3, 10, seconds_left=7.0))
    assert told.is_step and told.time_left is not None and render(told.time_left) == "7 s left in this step"
    assert WholeClock("train x").tell(Progress(READ, 3, 10)).time_left is None


def test_the_second_time_there_is_one_figure_for_all() -> None:
    go_through([(READ, 10), (EMBED, 60), (FIT, 30)])
    clock = Clock()
    whole = WholeClock("train x", now=clock)
    assert whole.tell(Progress(READ, 0, 10)).seconds_left == 100
    clock.seconds = 4
    told = whole.tell(Progress(READ, 5, 10, seconds_left=4.0))
    assert told.seconds_left == 94 and not told.is_step
    assert whole.tell(Progress(READ, 10, 10)).seconds_left == 90
    clock.seconds = 9
    assert whole.tell(Progress(EMBED, 0, 10)).seconds_left == 90
    assert whole.tell(Progress(FIT, 9, 10, seconds_left=3.0)).seconds_left == 3


def test_more_images_take_longer_and_a_stage_may_be_left_out() -> None:
    go_through([(READ, 10), (EMBED, 60), (FIT, 30)], size=100)
    whole = WholeClock("train x", 200, now=Clock())
    assert whole.tell(Progress(EMBED, 0, 10)).seconds_left == 180


def test_a_job_that_goes_another_way_speaks_of_its_step_again() -> None:
    go_through([(READ, 10), (FIT, 30)])
    whole = WholeClock("train x", now=Clock())
    whole.tell(Progress(FIT, 0, 10))
    assert whole.tell(Progress(EMBED, 1, 10, seconds_left=5.0)).is_step
    assert WholeClock("train y", now=Clock()).tell(Progress(READ, 1, 10, seconds_left=5.0)).is_step


def test_a_fine_tuning_announces_how_long_it_takes() -> None:
    clock = Clock()
    whole = WholeClock("train x", now=clock)
    whole.announce(FineTuneEstimate(80, 6, 1000, 20.0, 2.0, 120.0))
    clock.seconds = 50
    assert whole.tell(Progress(FIT, 1, 10, seconds_left=5.0)).seconds_left == 70
    clock.seconds = 300
    assert whole.tell(Progress(FIT, 1, 10, seconds_left=5.0)).seconds_left == 5
    assert whole.tell(Progress(FIT, 1, 10)).time_left is None, "it took longer than announced: nobody knows"


def test_times_of_trainings_are_kept_by_what_they_cost() -> None:
    settings = ScratchSettings(n_epochs=10)
    assert known_seconds(settings, n_labels=100, n_others=0) is None
    keep_seconds(settings, n_labels=100, n_others=0, seconds=50)
    assert known_seconds(settings, n_labels=200, n_others=0) == 100
    assert known_seconds(ScratchSettings(n_epochs=10, seed=9), n_labels=100, n_others=0) == 50, "a seed costs nothing"
    assert known_seconds(ScratchSettings(n_epochs=11), n_labels=100, n_others=0) is None
    assert known_seconds(FineTuneSettings(), n_labels=100, n_others=0) is None
    assert 50 < (known_seconds(settings, n_labels=100, n_others=100) or 0) < 60


def test_another_computer_or_device_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_time("a", 1)
    monkeypatch.setenv("CATALEJO_DEVICE", "gpu")
    assert read_time("a") is None
    keep_time("a", 2)
    monkeypatch.delenv("CATALEJO_DEVICE")
    assert read_time("a") == 1


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"format": 2, "times": {}}', '{"format": 1, "times": [3]}'])
def test_a_damaged_file_costs_the_estimate_only(damage: str) -> None:
    machine_times.times_path().parent.mkdir(parents=True, exist_ok=True)
    machine_times.times_path().write_text(damage)
    assert read_time("a") is None and read_stages("train x") is None
    keep_time("a", [["x", "y"]])
    assert read_time("a") == [["x", "y"]]
    keep_time("stages train x", {"stages": [["a", "soon"]], "size": 1})
    assert read_stages("train x") is None


def test_old_times_are_forgotten() -> None:
    for at in range(machine_times.MOST_KEPT + 5):
        keep_time(f"t{at}", at)
    assert read_time("t4") is None and read_time("t5") == 5
    assert len(json.loads(machine_times.times_path().read_text())["times"]) == machine_times.MOST_KEPT
