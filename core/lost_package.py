"""Notes which package of a virtual environment cannot be imported, to be installed anew; standard library only.

An environment says that it is complete by stamps, which know nothing of a folder that was deleted since. The first
import that fails does, and leaves a note for `bootstrap`.
"""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path

from core.text import text
from core.venv import is_reached_by_link, python_of

_NOTE = "catalejo-damaged.txt"


def describe_lost_package(error: ModuleNotFoundError, venv: Path, home: Path) -> str:
    """What happened and what to do, on several lines; the note is written where the environment may be changed.

    Args:
        home: The checkout, whose own modules are not packages of the environment.

    Raises:
        ModuleNotFoundError: It is a module of the program itself.
    """
    module = (error.name or "").partition(".")[0]
    if not module or (home / module).exists() or (home / f"{module}.py").exists():
        raise error
    from importlib.metadata import packages_distributions  # takes long to import, and no start should

    names = packages_distributions().get(module, [module])
    if is_reached_by_link(venv):
        line = " ".join(map(shlex.quote, (str(python_of(venv)), "-m", "pip", "install", "--force-reinstall", *names)))
        return text("setup.lost_package_there", venv=venv, name=error.name, command=line)
    with suppress(OSError):
        (venv / _NOTE).write_text("\n".join(names))
    return text("setup.lost_package", venv=venv, name=error.name)


def has_lost_packages(venv: Path) -> bool:
    """Whether a note lies in an environment that may be changed."""
    return (venv / _NOTE).is_file() and not is_reached_by_link(venv)


def take_lost_packages(venv: Path) -> list[str]:
    """The packages to install anew; the note is gone afterwards, so that the rest is used if that fails."""
    if not has_lost_packages(venv):
        return []
    names = (venv / _NOTE).read_text().split()
    (venv / _NOTE).unlink()
    return names
