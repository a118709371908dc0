"""An environment that does not work is replaced only when the new one is complete."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from core.text import text
from tests.bootstrap.checkouts import all_of, leftovers, needs_scripts, stand_in, start, variables_of


@needs_scripts
@pytest.mark.parametrize("code", ["exit 1", 'echo \'{"version": [3, 14, 0], "prefix": "/", "has_pip": true, '
                                  '"lacking": [], "other": []}\''])
def test_one_that_does_not_work_is_replaced(program: Path, code: str) -> None:
    stand_in(program / ".venv", code)
    (program / ".venv" / "catalejo-run.stamp").unlink()
    done = start(program)
    assert (done.returncode, done.stdout) == (0, f"{program / '.venv'} 1.0\n"), done.stderr
    assert not leftovers(program)
    script = (program / ".venv" / "bin" / "tiny-said").read_text()
    assert str(program / ".venv" / "bin" / "python") in script and ".venv.new" not in script
    assert start(program).stderr == ""


@needs_scripts
def test_without_a_network_the_one_that_does_not_work_stays(program: Path) -> None:
    stand_in(program / ".venv", "exit 1")
    (program / ".venv" / "catalejo-run.stamp").unlink()
    shutil.rmtree(program / "wheels")
    before = all_of(program / ".venv")
    done = start(program)
    assert done.returncode == 2 and "could not be installed" in done.stderr
    assert all_of(program / ".venv") == before and not leftovers(program)


@needs_scripts
@pytest.mark.parametrize(("code", "word"), [("kill -9 $$", "signal 9")])
def test_one_that_cannot_be_started_at_the_moment_is_not_replaced(program: Path, code: str, word: str) -> None:
    stand_in(program / ".venv", code)
    (program / ".venv" / "catalejo-run.stamp").unlink()
    before = all_of(program / ".venv")
    done = start(program)
    assert done.returncode == 2 and word in done.stderr
    assert all_of(program / ".venv") == before and not leftovers(program)


@needs_scripts
def test_one_of_another_kind_of_computer_is_not_replaced(program: Path) -> None:
    python = program / ".venv" / "bin" / "python"
    python.unlink()
    python.write_bytes(b"\x7fELF of another processor")
    python.chmod(0o755)
    (program / ".venv" / "catalejo-run.stamp").unlink()
    before = all_of(program / ".venv")
    done = start(program)
    assert done.returncode == 2 and os.strerror(errno.ENOEXEC) in done.stderr
    assert all_of(program / ".venv") == before


def test_what_an_interrupted_set_up_put_aside_comes_back(program: Path) -> None:
    (program / ".venv").rename(program / ".venv.old-1234")
    (program / ".venv.new-5678").mkdir()
    done = start(program)
    assert (done.returncode, done.stdout) == (0, f"{program / '.venv'} 1.0\n"), done.stderr
    assert not leftovers(program)


def test_two_starts_at_once_make_one_environment(program: Path) -> None:
    shutil.rmtree(program / ".venv")
    both = [
        subprocess.Popen([sys.executable, "main.py"], cwd=program, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, env=variables_of(program, {}))
        for _ in range(2)
    ]
    said = [process.communicate() for process in both]
    assert [out for out, _ in said] == [f"{program / '.venv'} 1.0\n"] * 2, said
    assert sum(text("setup.making") in error for _, error in said) == 1
    assert not leftovers(program)


@needs_scripts
def test_ctrl_c_leaves_what_was_there(program: Path) -> None:
    stand_in(program / ".venv", "exit 1")
    (program / ".venv" / "catalejo-run.stamp").unlink()
    before = all_of(program / ".venv")
    process = subprocess.Popen(
        [sys.executable, "main.py"], cwd=program, stderr=subprocess.PIPE, text=True, env=variables_of(program, {}),
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL))  # what runs in the background ignores it
    assert process.stderr is not None
    while text("setup.making") not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    assert process.wait() == 130 and "interrupted" in rest
    assert all_of(program / ".venv") == before and not leftovers(program)
