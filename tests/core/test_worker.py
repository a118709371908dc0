"""The engine process: exactly one outcome whatever a job does, and the next job always works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import psutil
import pytest

from core.errors import EngineError, TrainingDataError
from core.jobs import Progress
from core.tasks import Cancelled, Failed, ProgramFault, Succeeded
from core.text.language import set_language
from core.worker import EngineProcess, explain_exit
from tests.jobs_for_tests import TASKS, Counted


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    process = EngineProcess(tasks=TASKS, cancel_grace_s=0.3)
    yield process
    process.close()


def is_still_sound(engine: EngineProcess) -> bool:
    return engine.run("echo", "still here") == Succeeded("still here")


def test_a_job_succeeds_and_its_progress_arrives_in_order(engine: EngineProcess) -> None:
    heard: list[Progress] = []
    assert engine.run("count", 3, on_progress=heard.append) == Succeeded(Counted(3))
    assert heard[0].done == 0
    assert (heard[-1].done, heard[-1].total, str(heard[-1].stage)) == (3, 3, "Counting")


def test_a_job_speaks_the_language_in_force_when_it_is_started(engine: EngineProcess) -> None:
    try:
        for language, word in (("es", "sí"), ("en", "yes"), ("es", "sí")):
            set_language(language)
            assert engine.run("speak", "text.yes") == Succeeded(word)
    finally:
        set_language("en")


def test_published_events_arrive_in_order(engine: EngineProcess) -> None:
    heard: list[object] = []
    assert engine.run("publish_three", None, on_publish=heard.append) == Succeeded(None)
    assert heard == ["a", "b", "c"]


def test_jobs_share_one_process_that_is_not_ours_and_steps_back(engine: EngineProcess) -> None:
    first, second = engine.run("tell_process", None), engine.run("tell_process", None)
    assert isinstance(first, Succeeded) and isinstance(first.result, tuple)
    assert first == second
    assert first.result[0] not in (os.getpid(), None)
    assert first.result[1] >= 10


def test_a_foreseen_error_keeps_its_class_sentence_and_hint(engine: EngineProcess) -> None:
    outcome = engine.run("fail_foreseen", None)
    assert isinstance(outcome, Failed) and type(outcome.error) is TrainingDataError
    assert (outcome.error.sentence, outcome.error.hint) == ("Only one class has labels.", "Label a second one.")
    assert is_still_sound(engine)


@pytest.mark.parametrize(
    ("task", "words"),
    [("fail_unforeseen", "nobody thought"), ("give_unpicklable", "pickle"), ("no such task", "no such task")],
)
def test_an_unforeseen_error_is_a_fault_with_details(engine: EngineProcess, task: str, words: str) -> None:
    outcome = engine.run(task, None)
    assert isinstance(outcome, Failed) and isinstance(outcome.error, ProgramFault)
    assert words in outcome.error.details
    assert is_still_sound(engine)


def test_inputs_that_cannot_travel_fail_the_job_alone(engine: EngineProcess) -> None:
    outcome = engine.run("echo", lambda: None)
    assert isinstance(outcome, Failed) and isinstance(outcome.error, ProgramFault)
    assert is_still_sound(engine)


def test_too_little_memory_inside_a_job_is_foreseen(engine: EngineProcess) -> None:
    outcome = engine.run("ask_too_much", None)
    assert isinstance(outcome, Failed) and type(outcome.error) is EngineError
    assert outcome.error.message.code == "jobs.no_memory"


def test_what_a_library_prints_does_not_disturb_the_messages(engine: EngineProcess) -> None:
    assert engine.run("print_much", None) == Succeeded("fine")


def test_warnings_of_the_engine_reach_our_log(
    engine: EngineProcess, expected_warnings: pytest.LogCaptureFixture
) -> None:
    engine.run("warn", None)
    assert [r.getMessage() for r in expected_warnings.records if r.name == "core.engine"] == ["this was odd"]


def test_a_cancelled_job_ends_by_itself_and_keeps_the_process(engine: EngineProcess) -> None:
    started = threading.Event()
    engine.start()
    pid = engine.pid
    outcome = engine.run(
        "hang_until_cancelled", None, on_progress=lambda _: started.set(), is_cancelled=started.is_set
    )
    assert outcome == Cancelled()
    assert engine.pid == pid
    assert is_still_sound(engine)


def test_a_job_that_does_not_listen_is_killed(engine: EngineProcess) -> None:
    started = threading.Event()
    engine.start()
    pid = engine.pid
    outcome = engine.run("hang", None, on_progress=lambda _: started.set(), is_cancelled=started.is_set)
    assert outcome == Cancelled()
    assert pid is not None and not psutil.pid_exists(pid)
    assert is_still_sound(engine)


def test_cancelling_one_job_does_not_touch_the_next(engine: EngineProcess) -> None:
    assert engine.run("hang_until_cancelled", None, is_cancelled=lambda: True) == Cancelled()
    assert is_still_sound(engine)


def test_a_killed_process_is_reported_and_replaced(engine: EngineProcess) -> None:
    outcome = engine.run("kill_itself", None)
    assert isinstance(outcome, Failed) and outcome.error.message.code == "jobs.process_killed"
    assert outcome.error.hint
    assert is_still_sound(engine)


@pytest.mark.parametrize(("task", "inputs", "words"), [("crash", None, "SIGSEGV"), ("leave", 7, "7")])
def test_a_process_that_ends_by_itself_is_a_fault(
    engine: EngineProcess, task: str, inputs: object, words: str
) -> None:
    outcome = engine.run(task, inputs)
    assert isinstance(outcome, Failed) and isinstance(outcome.error, ProgramFault)
    assert words in outcome.error.sentence
    assert is_still_sound(engine)


def test_last_words_are_kept() -> None:
    engine = EngineProcess(tasks=TASKS)
    outcome = engine.run("leave", 3)
    assert isinstance(outcome, Failed) and isinstance(outcome.error, ProgramFault)
    assert "last words" in outcome.error.details
    engine.close()


def test_an_idle_process_that_dies_is_replaced_without_a_word(engine: EngineProcess) -> None:
    engine.start()
    assert engine.pid is not None
    process = psutil.Process(engine.pid)
    process.kill()
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        threading.Event().wait(0.005)
    assert is_still_sound(engine)


def test_a_process_that_has_grown_is_replaced_between_jobs() -> None:
    engine = EngineProcess(tasks=TASKS, memory_limit_bytes=1)
    first, second = engine.run("tell_process", None), engine.run("tell_process", None)
    engine.close()
    assert isinstance(first, Succeeded) and isinstance(second, Succeeded)
    assert first.result != second.result


def test_closing_ends_the_process_and_may_be_done_twice(engine: EngineProcess) -> None:
    engine.start()
    pid = engine.pid
    engine.close()
    engine.close()
    assert pid is not None and not psutil.pid_exists(pid)
    assert engine.pid is None


def test_the_process_ends_when_its_owner_is_killed() -> None:
    code = (
        "from core.worker import EngineProcess; from tests.jobs_for_tests import TASKS\n"
        "engine = EngineProcess(tasks=TASKS); engine.start()\n"
        "engine.run('hang', None, on_progress=lambda _: print(engine.pid, flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        child = psutil.Process(int(owner.stdout.readline()))
        owner.kill()
    child.wait(timeout=10)


def test_warming_imports_and_forgives_what_is_missing() -> None:
    engine = EngineProcess(tasks=TASKS, warm_modules=("no_such_module_here", "colorsys"))
    assert engine.run("echo", 1) == Succeeded(1)
    engine.close()


def test_a_watcher_that_raises_ends_the_job(engine: EngineProcess) -> None:
    def refuse(_: Progress) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        engine.run("hang", None, on_progress=refuse)
    assert engine.pid is None
    assert is_still_sound(engine)


def test_exit_codes_are_explained() -> None:
    assert explain_exit(-signal.SIGKILL, "").message.code == "jobs.process_killed"
    assert explain_exit(-signal.SIGTERM, "").message.code == "jobs.process_asked_to_end"
    assert "SIGABRT" in explain_exit(-signal.SIGABRT, "").sentence
    assert "99" in explain_exit(-99, "").sentence
