"""The runner: each job ends in exactly one way, in the window's thread, whatever happens to the engine."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.errors import StorageError, TrainingDataError
from core.jobs import JobCancelled
from core.tasks import ProgramFault
from core.worker import EngineProcess
from gui.job_bar import JobBar
from gui.message_bar import MessageBar
from gui.message_log import MessageLog
from gui.messages import MessageDoor
from gui.jobs import Job, JobRunner, JobState
from tests.gui.conftest import RunnerNow
from tests.jobs_for_tests import TASKS, Counted


class Ear:
    """Writes down what a job says, in order."""

    def __init__(self, job: Job) -> None:
        self.job, self.words, self.values = job, [], []  # type: ignore[var-annotated]
        for name in ("progressed", "published", "succeeded", "failed"):
            getattr(job, name).connect(lambda value, name=name: self._hear(name, value))
        for name in ("cancelled", "finished"):
            getattr(job, name).connect(lambda name=name: self._hear(name))

    def _hear(self, name: str, value: object = None) -> None:
        application = QApplication.instance()
        assert application is not None
        assert QThread.currentThread() is application.thread()
        self.words.append(name)
        self.values.append(value)

    @property
    def end(self) -> list[str]:
        return [w for w in self.words if w not in ("progressed", "published")]


@pytest.fixture
def runner(qapp: QApplication) -> Iterator[JobRunner]:
    job_runner = JobRunner(EngineProcess(tasks=TASKS, cancel_grace_s=0.3))
    yield job_runner
    job_runner.close()


def finish(qtbot: QtBot, job: Job) -> None:
    if not job.is_over:
        with qtbot.waitSignal(job.finished, timeout=20_000):
            pass


def test_a_job_reports_in_the_windows_thread_and_ends_once(qtbot: QtBot, runner: JobRunner) -> None:
    ear = Ear(runner.start("Counting", "count", 3))
    finish(qtbot, ear.job)
    assert ear.end == ["succeeded", "finished"]
    assert ear.words[0] == "progressed"
    assert Counted(3) in ear.values
    assert ear.job.state is JobState.SUCCEEDED and not runner.is_busy


def test_events_of_a_job_arrive_in_order(qtbot: QtBot, runner: JobRunner) -> None:
    ear = Ear(runner.start("Publishing", "publish_three", None))
    finish(qtbot, ear.job)
    assert [v for w, v in zip(ear.words, ear.values, strict=True) if w == "published"] == ["a", "b", "c"]


def test_a_foreseen_error_arrives_as_it_was_raised(qtbot: QtBot, runner: JobRunner) -> None:
    ear = Ear(runner.start("Failing", "fail_foreseen", None))
    finish(qtbot, ear.job)
    assert ear.end == ["failed", "finished"]
    assert isinstance(ear.values[0], TrainingDataError)


def test_inputs_are_prepared_outside_the_windows_thread_when_the_turn_comes(
    qtbot: QtBot, runner: JobRunner, qapp: QApplication
) -> None:
    said: list[object] = []

    def prepare() -> int:
        said.append(QThread.currentThread() is qapp.thread())
        return 3

    first = runner.start("Counting", "count", 1)
    first.finished.connect(lambda: said.append("first is over"))
    ear = Ear(runner.start("Counting", "count", prepare=prepare))
    ear.job.prepared.connect(lambda: said.append(ear.job.inputs))
    assert ear.job.inputs is None
    finish(qtbot, ear.job)
    assert said == ["first is over", False, 3] and Counted(3) in ear.values


@pytest.mark.parametrize(
    ("error", "end"), [(TrainingDataError("No labels.", "Label some."), "failed"), (JobCancelled(), "cancelled")]
)
def test_a_job_whose_inputs_cannot_be_prepared_ends(
    qtbot: QtBot, runner: JobRunner, error: Exception, end: str
) -> None:
    def prepare() -> object:
        raise error

    ear = Ear(runner.start("Counting", "count", prepare=prepare))
    finish(qtbot, ear.job)
    assert ear.words == [end, "finished"]


def test_a_result_is_recorded_outside_the_windows_thread_before_the_job_succeeds(
    qtbot: QtBot, runner: JobRunner, qapp: QApplication
) -> None:
    threads: list[bool] = []

    def record(result: Counted) -> str:
        threads.append(QThread.currentThread() is qapp.thread())
        return f"recorded {result.n_counted}"

    job = runner.start("Counting", "count", 3, record=record)
    heard: list[object] = []
    job.succeeded.connect(lambda _: heard.append(job.recorded))
    finish(qtbot, job)
    assert threads == [False]
    assert heard == ["recorded 3"]


def test_a_result_that_cannot_be_recorded_fails_the_job(qtbot: QtBot, runner: JobRunner) -> None:
    def record(_: object) -> None:
        raise StorageError("The disk is full.", "Free some space.")

    ear = Ear(runner.start("Counting", "count", 1, record=record))
    finish(qtbot, ear.job)
    assert ear.end == ["failed", "finished"]
    assert isinstance(ear.values[-2], StorageError)
    assert ear.job.recorded is None


def test_nothing_is_recorded_of_a_job_that_failed(qtbot: QtBot, runner: JobRunner) -> None:
    recorded: list[object] = []
    finish(qtbot, runner.start("Failing", "fail_foreseen", None, record=recorded.append))
    assert recorded == []


def test_the_next_job_works_after_the_engine_was_killed(qtbot: QtBot, runner: JobRunner) -> None:
    first, second = Ear(runner.start("Dying", "kill_itself", None)), Ear(runner.start("Counting", "count", 1))
    finish(qtbot, second.job)
    assert first.end == ["failed", "finished"]
    assert first.values[first.words.index("failed")].message.code == "jobs.process_killed"
    assert second.end == ["succeeded", "finished"]


def test_jobs_run_one_at_a_time_in_their_order(qtbot: QtBot, runner: JobRunner) -> None:
    order: list[str] = []
    runner.job_started.connect(lambda job: order.append(f"{job.title} starts"))
    runner.job_finished.connect(lambda job: order.append(f"{job.title} ends"))
    jobs = [runner.start(title, "count", 1) for title in "ab"]
    assert runner.current is jobs[0] and runner.waiting == (jobs[1],)
    finish(qtbot, jobs[1])
    assert order == ["a starts", "a ends", "b starts", "b ends"]


@pytest.mark.parametrize("task", ["hang_until_cancelled", "hang"])
def test_a_running_job_is_cancelled_softly_or_by_force(qtbot: QtBot, runner: JobRunner, task: str) -> None:
    ear = Ear(runner.start("Hanging", task, None))
    qtbot.waitUntil(lambda: "progressed" in ear.words, timeout=20_000)
    ear.job.cancel()
    assert ear.job.state is JobState.CANCELLING
    finish(qtbot, ear.job)
    assert ear.end == ["cancelled", "finished"]
    after = Ear(runner.start("Counting", "count", 1))
    finish(qtbot, after.job)
    assert after.end == ["succeeded", "finished"]


def test_a_waiting_job_is_cancelled_at_once(qtbot: QtBot, runner: JobRunner) -> None:
    first, second = runner.start("a", "count", 1), Ear(runner.start("b", "count", 1))
    second.job.cancel()
    assert second.end == ["cancelled", "finished"] and runner.waiting == ()
    finish(qtbot, first)
    second.job.cancel()
    assert second.end == ["cancelled", "finished"]


def test_nothing_is_heard_of_a_forgotten_job(qtbot: QtBot, runner: JobRunner) -> None:
    ear = Ear(runner.start("Hanging", "hang_until_cancelled", None))
    ear.job.forget()
    finish(qtbot, runner.start("Counting", "count", 1))
    assert ear.words == [] and ear.job.state is JobState.CANCELLED


def test_no_signal_comes_after_closing_and_closing_is_quick(qtbot: QtBot, runner: JobRunner) -> None:
    ear, waiting = Ear(runner.start("Hanging", "hang", None)), Ear(runner.start("Counting", "count", 1))
    qtbot.waitUntil(lambda: "progressed" in ear.words, timeout=20_000)
    n_words, began = len(ear.words), time.monotonic()
    runner.close()
    assert time.monotonic() - began < 10
    QApplication.processEvents()
    assert len(ear.words) == n_words and waiting.words == [] and not runner.is_busy
    with pytest.raises(RuntimeError):
        runner.start("Late", "count", 1)


def test_warming_does_not_disturb_the_first_job(qtbot: QtBot, runner: JobRunner) -> None:
    runner.warm()
    ear = Ear(runner.start("Counting", "count", 1))
    finish(qtbot, ear.job)
    assert ear.end == ["succeeded", "finished"]


def test_an_engine_that_cannot_start_is_a_fault(
    qtbot: QtBot, runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    runner.warm()
    ear = Ear(runner.start("Counting", "count", 1))
    finish(qtbot, ear.job)
    assert ear.end == ["failed", "finished"]
    assert isinstance(ear.values[0], ProgramFault) and "/nowhere/python" in ear.values[0].details


def test_a_slot_may_start_the_next_job(qtbot: QtBot, runner_now: RunnerNow) -> None:
    started: list[Job] = []
    first = runner_now.start("a", "count", 1)
    first.succeeded.connect(lambda _: started.append(runner_now.start("b", "count", 2)))
    runner_now.run_all()
    assert started[0].state is JobState.SUCCEEDED


def test_nothing_is_heard_of_the_double_after_closing(runner_now: RunnerNow) -> None:
    ear = Ear(runner_now.start("Counting", "count", 1))
    runner_now.close()
    runner_now.run_all()
    QApplication.processEvents()
    assert ear.words == []


def test_the_double_behaves_as_the_runner_does(qtbot: QtBot, runner_now: RunnerNow) -> None:
    for task, inputs, end in (("count", 2, "succeeded"), ("fail_foreseen", None, "failed"),
                              ("fail_unforeseen", None, "failed")):
        ear = Ear(runner_now.start("Job", task, inputs))
        assert ear.words == []
        finish(qtbot, ear.job)
        assert ear.end == [end, "finished"]


def test_a_quiet_job_is_neither_shown_nor_told_of(runner_now: RunnerNow, qtbot: QtBot) -> None:
    failed: list[object] = []
    runner_now.job_failed.connect(lambda job, error: failed.append(error))
    bar = JobBar(runner_now, MessageBar(MessageLog(MessageDoor())))
    qtbot.addWidget(bar)
    job = runner_now.start("Looking", "fail_foreseen", None, is_quiet=True)
    assert not runner_now.is_busy
    assert bar.said.text == ""
    runner_now.run_all()
    assert job.state is JobState.FAILED
    assert (failed, bar.said.text) == ([], "")
