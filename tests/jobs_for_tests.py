"""Small jobs that do what a job may do wrong, for the tests of the engine process and the window."""

from __future__ import annotations

import logging
import os
import signal
import threading
from dataclasses import dataclass

from core.errors import TrainingDataError
from core.jobs import JobContext
from core.text import Message, text

TASKS = {
    name: f"tests.jobs_for_tests:{name}"
    for name in (
        "ask_too_much", "count", "crash", "echo", "fail_foreseen", "fail_unforeseen", "give_unpicklable",
        "hang", "hang_until_cancelled", "kill_itself", "leave", "print_much", "publish_three", "speak",
        "tell_process", "warn",
    )
}


@dataclass(frozen=True, slots=True)
class Counted:
    n_counted: int


def count(total: int, context: JobContext) -> Counted:
    for done in range(total + 1):
        context.progress(done, total, stage=Message("Counting"))
    return Counted(total)


def echo(inputs: object, context: JobContext) -> object:
    return inputs


def speak(code: str, context: JobContext) -> str:
    return text(code)


def fail_foreseen(inputs: object, context: JobContext) -> None:
    raise TrainingDataError("Only one class has labels.", "Label a second one.")


def fail_unforeseen(inputs: object, context: JobContext) -> None:
    raise ZeroDivisionError("nobody thought of this")


def give_unpicklable(inputs: object, context: JobContext) -> object:
    return lambda: None


def hang(inputs: object, context: JobContext) -> None:
    """Never looks whether it was cancelled."""
    context.progress(0, 1, stage=Message("Hanging"))
    threading.Event().wait()


def hang_until_cancelled(inputs: object, context: JobContext) -> None:
    context.progress(0, 1, stage=Message("Hanging"))
    while True:
        context.check()
        threading.Event().wait(0.01)


def kill_itself(inputs: object, context: JobContext) -> None:
    context.progress(0, 1, stage=Message("About to end"))
    os.kill(os.getpid(), signal.SIGKILL)


def crash(inputs: object, context: JobContext) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(code: int, context: JobContext) -> None:
    os.write(2, b"last words\n")
    os._exit(code)


def print_much(inputs: object, context: JobContext) -> str:
    print("this must not reach the pipe" * 100, flush=True)
    os.write(1, b"nor this")
    return "fine"


def publish_three(inputs: object, context: JobContext) -> None:
    for event in "abc":
        context.publish(event)


def tell_process(inputs: object, context: JobContext) -> tuple[int, int]:
    """Process id and niceness."""
    return os.getpid(), os.nice(0)


def warn(inputs: object, context: JobContext) -> None:
    logging.getLogger("core.engine").warning("this was odd")


def ask_too_much(inputs: object, context: JobContext) -> None:
    raise MemoryError
