"""Looks at virtual environments and installs into them; standard library only, for nothing else is there yet.

`bootstrap` decides what becomes of which environment.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.text import Message, text

OLDEST, NEWEST = (3, 11), (3, 13)
MOST_SCRIPT_BYTES = 1_000_000

AWAY = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "__PYVENV_LAUNCHER__")
"""Variables of the starting Python that lead another one, or what it installs, elsewhere."""

PROBE = """
import importlib.metadata as metadata, json, os, sys
asked = json.loads(sys.argv[1])
try:
    import pip
except ImportError:
    pip = None
try:
    from packaging.requirements import Requirement
except ImportError:
    Requirement = pip and __import__("pip._vendor.packaging.requirements", fromlist=["Requirement"]).Requirement
as_name = lambda name: name.strip().lower().replace("_", "-").replace(".", "-")
pins = {as_name(line.partition("==")[0]): line.partition("==")[2].split(";")[0].strip() for line in asked["pins"]}
lacking, other, seen, lines = [], [], set(), list(asked["requirements"])
while lines:
    line = lines.pop()
    if line in seen:
        continue
    seen.add(line)
    try:
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        found = metadata.distribution(wanted.name)
        # pip writes these last: without them it was interrupted
        is_whole = found.read_text("RECORD") is not None or found.read_text("INSTALLER") is not None
        if not is_whole or not wanted.specifier.contains(found.version, prereleases=True):
            raise LookupError
        if pins.get(as_name(wanted.name), found.version) != found.version:
            other.append(wanted.name)
        lines += found.requires or []
    except Exception:
        lacking.append(line)
print()
print(json.dumps({"version": sys.version_info[:3], "prefix": os.path.realpath(sys.prefix), "has_pip": bool(pip),
                  "lacking": sorted(lacking), "other": sorted(set(other))}))
"""
"""Asked of an environment: which Python it is, and which requirements, those of packages included, are not met."""


class SetupError(Exception):
    """The environment could not be made.

    Args:
        code: Key of the words that say what happened and what to do, on several lines.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.message = Message(code, **params)

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True)
class Environment:
    """What an environment says of itself.

    Attributes:
        has_pip: Whether anything can be installed into it.
        lacking: Requirements that are not met.
        other: Packages that meet them in another version than the tested one.
    """

    has_pip: bool
    lacking: tuple[str, ...]
    other: tuple[str, ...]


def python_of(venv: Path) -> Path:
    """Its interpreter."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def look_at(venv: Path, requirements: Sequence[str], pins: Sequence[str]) -> Environment | None:
    """What an environment says of itself; None if there is none, it does not work or is of an unfit Python.

    Args:
        venv: Its folder, which need not exist.
        requirements: What shall be installed in it.
        pins: Lines `name==version` of the tested versions.

    Raises:
        SetupError: It may well work, but not for this user, on this computer, or at this moment.
    """
    asked = json.dumps({"requirements": list(requirements), "pins": list(pins)})
    command = [str(python_of(venv)), "-c", PROBE, asked]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=own_variables(),
                              cwd=venv, stdin=subprocess.DEVNULL)
    except OSError as error:
        if error.errno in (errno.ENOEXEC, errno.EACCES, errno.ENOMEM, errno.EAGAIN, errno.EIO):
            raise SetupError("setup.cannot_start", venv=venv, reason=error.strerror or "") from error
        return None
    if done.returncode < 0:
        reason = Message("setup.ended_by_signal", signal=-done.returncode)
        raise SetupError("setup.cannot_start", venv=venv, reason=reason)
    try:
        said = json.loads(done.stdout.splitlines()[-1])
        is_fit = OLDEST <= tuple(said["version"][:2]) <= NEWEST and said["prefix"] == os.path.realpath(venv)
        return Environment(said["has_pip"], tuple(said["lacking"]), tuple(said["other"])) if is_fit else None
    except (ValueError, IndexError):
        return None


def own_variables() -> dict[str, str]:
    """The environment variables, without those that belong to the Python that was started first."""
    return {name: value for name, value in os.environ.items() if name not in AWAY}


def is_free(venv: Path) -> bool:
    """Whether nothing lies there, or an empty folder."""
    return not os.path.lexists(venv) or venv.is_dir() and not venv.is_symlink() and not os.listdir(venv)


def is_reached_by_link(venv: Path) -> bool:
    """Whether the environment, or a part of it that is installed into, lies elsewhere."""
    home = Path(os.path.realpath(venv))
    parts = [venv / name for name in ("bin", "lib", "Scripts", "Lib") if os.path.lexists(venv / name)]
    return venv.is_symlink() or any(home not in Path(os.path.realpath(part)).parents for part in parts)


def make_venv(venv: Path) -> str:
    """Make an empty environment of the Python that runs this; what went wrong, or an empty text."""
    interrupts: list[int] = []  # one between fork and return would leave a child that nobody knows and that writes on
    before = signal.signal(signal.SIGINT, lambda number, _: interrupts.append(number))
    try:
        started = subprocess.Popen(
            [sys.executable, "-m", "venv", str(venv)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", env=own_variables(), stdin=subprocess.DEVNULL, start_new_session=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with started as making:
        try:
            if interrupts:
                raise KeyboardInterrupt
            said = making.communicate()[0]
        except BaseException:
            _end_with_children(making)
            raise
    return "" if making.returncode == 0 else (said or text("setup.no_reason")).strip()[-500:]


def _end_with_children(process: subprocess.Popen[str]) -> None:
    """End also what it started, which would go on writing; returns when none of them is left."""
    if os.name == "nt":
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()  # they hold the pipe as long as they live


def add_pip(venv: Path) -> bool:
    """Give an environment the pip that its Python brings along; whether that worked."""
    command = [str(python_of(venv)), "-m", "ensurepip"]
    return subprocess.run(command, capture_output=True, env=own_variables()).returncode == 0


def rewrite_paths(made: Path, venv: Path) -> None:
    """Before an environment gets another name: scripts name the Python that they run with by its path."""
    before, after = os.fsencode(made), os.fsencode(venv)
    for file in (*python_of(made).parent.iterdir(), made / "pyvenv.cfg"):
        if file.is_file() and not file.is_symlink() and file.stat().st_size < MOST_SCRIPT_BYTES:
            content = file.read_bytes()
            if before in content and b"\0" not in content:
                file.write_bytes(content.replace(before, after))


def install(wanted: Sequence[str], venv: Path, *, constraints: Path, log: Path) -> None:
    """Install packages, saying each step on stderr.

    Raises:
        SetupError: Some could not be; what pip said lies in `log`.
    """
    command = [str(python_of(venv)), "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
               "--progress-bar", "off", "-c", str(constraints), *wanted]
    last: list[str] = []
    with log.open("w", encoding="utf-8") as kept, subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=own_variables(),
        stdin=subprocess.DEVNULL,
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            kept.write(line)
            last = [*last[-7:], line]
            _show_step(line)
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if pip.returncode:
        raise SetupError("setup.not_installed", last_lines="".join(last), log=log)


def _show_step(line: str) -> None:
    """One line of pip's, in short: overwritten in place on a terminal."""
    words = line.split()
    if not words or words[0] not in {"Collecting", "Downloading", "Installing"}:
        return
    is_last = words[0] == "Installing"
    step = "  " + (text("setup.installing_all") if is_last else line.strip())
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r\x1b[K" + step[:width])
        sys.stderr.flush()
    elif words[0] != "Downloading":
        print(step[:120], file=sys.stderr, flush=True)
