"""Where there is no terminal, every command gives a sign of life, whatever its job says or does not say."""

from __future__ import annotations

import queue

from core.jobs import Progress
from core.cli.stage_lines import stage_lines
from core.text import Message

READING, LOOKING = Message("Reading images"), Message("Looking for images")


def test_a_stage_is_said_when_it_begins_and_when_it_ends() -> None:
    lines: list[str] = []
    with stage_lines(lines.append) as show:
        for done in range(4):
            show(Progress(READING, done, 3))
    assert lines == ["Reading images …", "Reading images: 3 images"]


def test_a_silent_job_is_spoken_for_again_and_again() -> None:
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    with stage_lines(lines.put, silence_s=0.01) as show:
        for _ in range(3):
            assert lines.get(timeout=20).startswith("Still working … (")
        show(Progress(READING, 1200, 10_000))
        while not (line := lines.get(timeout=20)).startswith("Reading images: 1,200 of 10,000 images ("):
            assert line.startswith(("Still working", "Reading images …"))
        show(Progress(LOOKING, 7, 0, "files"))
        while not (line := lines.get(timeout=20)).startswith("Looking for images: 7 files ("):
            assert line.startswith(("Reading images", "Looking for images …"))
        show(Progress(LOOKING, 0, 0, "files"))
        while not (line := lines.get(timeout=20)).startswith("Looking for images … ("):
            assert line.startswith("Looking for images")
        show(Progress(LOOKING, 7, 7, "files"))
        while not (line := lines.get(timeout=20)).startswith("Still working"):
            assert line.startswith("Looking for images")


def test_the_thread_ends_with_the_job_even_where_it_fails() -> None:
    lines: list[str] = []
    try:
        with stage_lines(lines.append, silence_s=0.01):
            raise KeyError
    except KeyError:
        n_lines = len(lines)
    assert len(lines) == n_lines  # and the fixture `no_thread_left` looks for the thread
