"""A checkout with a tiny environment, started as a program without a network, and what is looked at in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

import bootstrap

HOME = Path(bootstrap.__file__).resolve().parent
MAIN = """
import os, sys
import bootstrap
bootstrap.ensure(*sys.argv[1:])
if "idle" in os.environ:
    sys.exit()
try:
    import tiny
except ModuleNotFoundError as error:
    sys.exit(bootstrap.explain_lost_package(error))
print(sys.prefix, tiny.VERSION)
"""

needs_scripts = pytest.mark.skipif(os.name == "nt", reason="stand-ins for a Python are scripts of a shell")


def write_wheel(folder: Path, version: str) -> None:
    """A package `tiny` that only says its version."""
    folder.mkdir(exist_ok=True)
    info = f"tiny-{version}.dist-info"
    with zipfile.ZipFile(folder / f"tiny-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", f"VERSION = {version!r}\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\ntiny-said = tiny:VERSION.title\n")
        wheel.writestr(f"{info}/RECORD", "")


def require(checkout: Path, line: str, pin: str = "") -> None:
    (checkout / "setup.cfg").write_text(
        f"[options]\ninstall_requires =\n    {line}\n[options.extras_require]\ntest =\n    tiny>=1\n")
    (checkout / "constraints.txt").write_text(pin + "\n")


def start(
    folder: Path, *arguments: str, python: str = sys.executable, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Start the program without a network: what can be installed lies in `wheels`."""
    command, environment = [python, "main.py", *arguments], variables_of(folder, variables)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)


def variables_of(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CATALEJO", "PIP_", "PYTHON"))}
    return {**kept, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder / "wheels"), **more}


def all_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but for what Python compiles."""
    return {
        str(path.relative_to(folder)): os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if (path.is_symlink() or path.is_file()) and path.suffix != ".pyc"
    }


def stand_in(folder: Path, code: str) -> None:
    """A Python that does as a script of the shell says."""
    python = folder / "bin" / "python"
    python.unlink(missing_ok=True)
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(f"#!/bin/sh\n{code}\n")
    python.chmod(0o755)


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.glob(".venv.*") if path.name not in (".venv.lock", ".venv.setup.log")]


def stamp(checkout: Path, *extras: str) -> None:
    """Say that all that is asked for was installed."""
    python = bootstrap._python()
    python.parent.mkdir(parents=True, exist_ok=True)
    python.touch()
    (checkout / ".venv" / "pyvenv.cfg").write_text("version = 3.11.7\n")
    bootstrap._write_stamps(extras, bootstrap._fingerprint())
