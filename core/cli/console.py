"""How a command speaks: progress on the terminal, one JSON object or a few sentences, errors, Ctrl+C.

stdout carries the result and nothing else; progress and errors go to stderr.
"""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from core.errors import AppError, InputError, StorageError
from core.jobs import JobCancelled, JobContext, Progress
from core.files.user_files import is_standard_output
from core.cli.stage_lines import stage_lines
from core.text import Message, render, text

_NO_TEXT = re.compile("[\ud800-\udfff\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Bytes of file names that are not UTF-8 reach Python as the first; the others could command a terminal, or turn the
direction of writing, so that a name shows another ending than it has."""

_NEW_LINE = re.compile("[\n\r\x85\u2028\u2029]")
_LONG_WORD = re.compile(r"\S{400,}")

EXIT_OK, EXIT_FORESEEN, EXIT_CANCELLED = 0, 2, 130


@contextmanager
def command_context(*, is_quiet: bool) -> Iterator[JobContext]:
    """A context for one command: bars on a terminal, lines elsewhere (see `stage_lines`), nothing where quiet.

    Args:
        is_quiet: True under `--json`.

    Yields:
        The context; it is cancelled by Ctrl+C, and by a second Ctrl+C at once.
    """
    with _cancelled_by_ctrl_c() as is_cancelled:
        if is_quiet:
            yield JobContext(is_cancelled=is_cancelled)
        elif sys.stderr.isatty():
            with _bars() as show:
                yield JobContext(on_progress=show, is_cancelled=is_cancelled)
        else:
            with stage_lines(lambda line: print(line, file=sys.stderr, flush=True)) as show:
                yield JobContext(on_progress=show, is_cancelled=is_cancelled)


@contextmanager
def _cancelled_by_ctrl_c() -> Iterator[Callable[[], bool]]:
    """The first Ctrl+C sets a flag that jobs look at; the second interrupts at once."""
    asked = threading.Event()

    def on_signal(number: int, frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        print(text("cli.ending"), file=sys.stderr)

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _bars() -> Iterator[Callable[[Progress], None]]:
    from rich import progress as bars
    from rich.console import Console

    columns = (bars.SpinnerColumn(), bars.TextColumn("{task.description}", markup=False), bars.BarColumn(),
               bars.TextColumn("{task.fields[count]}"), bars.TextColumn("{task.fields[left]}"),
               bars.TimeElapsedColumn())
    with bars.Progress(*columns, console=Console(stderr=True)) as display:
        tasks: dict[Message, bars.TaskID] = {}

        def show(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = display.add_task(render(progress.stage), total=0, count="", left="")
            display.update(
                tasks[progress.stage], completed=progress.done, total=max(progress.total, progress.done),
                count=_say(progress.count), left=_say(progress.time_left),
            )

        yield show


def _say(message: Message | None) -> str:
    return render(message) if message is not None else ""


def answer(facts: Mapping[str, Any], sentences: str, *, as_json: bool, beside: Path | None = None) -> None:
    """Print the result of a command: one JSON object, or sentences for a person.

    Args:
        facts: The result as JSON values.
        sentences: The same in words.
        as_json: Which of them.
        beside: The file that the command wrote; where that is the standard output, the words go to stderr.

    Raises:
        StorageError: stdout leads to a disk that is full or fails.
    """
    is_utf = (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    stream = sys.stderr if beside is not None and is_standard_output(beside) else sys.stdout
    try:
        said = json.dumps(facts, ensure_ascii=not is_utf, default=_plain) if as_json else sentences
        print(_printable(said, stream), file=stream, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        _drop_stdout()
        raise StorageError("cli.output_failed", reason=error.strerror or error) from error


def _plain(value: object) -> str:
    """A message among the facts, in the language of the command."""
    if isinstance(value, Message):
        return render(value)
    raise TypeError(f"not a JSON value: {value!r}")


def _printable(said: str, stream: TextIO) -> str:
    """Text that a stream can take: “�” for bytes of file names that are no text, “?” for what it does not know."""
    encoding = stream.encoding or "utf-8"
    return _NO_TEXT.sub("\ufffd", said).encode(encoding, "replace").decode(encoding)


def _drop_stdout() -> None:
    """What is still waiting to be printed would fail once more when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _print_error(error: AppError) -> None:
    """Sentence and hint, each on one line, whatever stands in the names of files."""
    for line in filter(None, (error.sentence, error.hint)):
        short = _LONG_WORD.sub(lambda word: f"{word[0][:120]}…{word[0][-60:]}", line)
        print(_printable(_NEW_LINE.sub("\ufffd", short), sys.stderr), file=sys.stderr)


def exit_code_of(command: Callable[[], object]) -> int:
    """Run a command and turn how it ended into the exit code of the contract."""
    try:
        command()
    except AppError as error:
        _print_error(error)
        return EXIT_FORESEEN
    except (JobCancelled, KeyboardInterrupt) as cancelled:
        kept = next((one for one in cancelled.args if isinstance(one, Message)), None)
        print(text("cli.cancelled") if kept is None else render(kept), file=sys.stderr)
        return EXIT_CANCELLED
    except BrokenPipeError:  # `… | head`: the reader has seen enough
        sys.stderr.close()
        return EXIT_OK
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        # whatever looks at a path first meets it: a name that a person gave, for no other gets so long
        name = {"name": error.filename} if error.filename else {}
        _print_error(InputError("cli.name_too_long" if name else "cli.some_name_too_long", **name))
        return EXIT_FORESEEN
    return EXIT_OK
