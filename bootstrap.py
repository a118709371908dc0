"""Make the environment that Catalejo runs in, the first time it is started; standard library only.

`ensure()` is called by `main.py` and by `python3 -m tests` before anything else is
imported. It makes `.venv` beside this file, installs what `setup.cfg` asks for under the
versions of `constraints.txt`, looks for the system libraries that Qt needs, and starts the
same command again inside. The stamp is written last, so an interrupted set-up simply goes
on at the next start. All it says goes to stderr: stdout belongs to the command.
"""

from __future__ import annotations

import configparser
import ctypes
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HOME = Path(__file__).resolve().parent
VENV = HOME / ".venv"
OLDEST, NEWEST = (3, 11), (3, 13)
SIZE_GB = 3.0
"""What the installed environment takes on disk, rounded up (`du -sh .venv`)."""

OFFSCREEN_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""What Qt needs on a bare Debian 12 to draw at all."""

DISPLAY_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What it needs besides to open a window under X."""


class SetupError(Exception):
    """The environment could not be made; the text says what happened and what to do."""


def ensure(*extras: str) -> None:
    """Return inside a complete environment, or make it and start this command again in it.

    Args:
        extras: Names under `options.extras_require` that are needed besides ("test").
    """
    if not (HOME / "setup.cfg").is_file() or os.environ.get("CATALEJO_NO_BOOTSTRAP"):
        return  # installed as a package, or the caller brings an environment of their own
    try:
        if not _is_complete(extras):
            _check_python()
            with _one_at_a_time():
                if not _is_complete(extras):
                    _make(extras)
    except SetupError as error:
        _say(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        _say("Set-up interrupted; the same command goes on from here.")
        sys.exit(130)
    if Path(sys.prefix).resolve() != VENV.resolve():
        _start_again()


def missing_qt_libraries(*, with_display: bool) -> list[str]:
    """Debian packages of the system libraries that Qt needs and this computer lacks."""
    if not sys.platform.startswith("linux"):
        return []
    wanted = OFFSCREEN_LIBRARIES | (DISPLAY_LIBRARIES if with_display else {})
    return [package for library, package in wanted.items() if not _can_load(library)]


def requirements(*extras: str) -> list[str]:
    """The requirement lines of setup.cfg, those of the extras included."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(HOME / "setup.cfg", encoding="utf-8")
    texts = [config["options"]["install_requires"]]
    texts += [config["options.extras_require"][extra] for extra in extras]
    lines = [line.strip() for text in texts for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def _python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _stamp_file(extra: str) -> Path:
    return VENV / f"catalejo-{extra or 'run'}.stamp"


def _fingerprint() -> str:
    """Changes when another set of packages is asked for."""
    digest = hashlib.sha256(sys.version.split()[0].encode())
    for name in ("setup.cfg", "constraints.txt"):
        digest.update((HOME / name).read_bytes())
    return digest.hexdigest()


def _is_complete(extras: Sequence[str]) -> bool:
    wanted = _fingerprint()
    return all(_read(_stamp_file(extra)) == wanted for extra in ("", *extras)) and _python().exists()


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def _check_python() -> None:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        here = ".".join(map(str, sys.version_info[:3]))
        raise SetupError(
            f"Catalejo runs on Python 3.11 to 3.13; this is {here}.\n"
            "Start it with one of those, for instance: python3.11 main.py"
        )


def _make(extras: Sequence[str]) -> None:
    _say(f"Catalejo sets itself up in {VENV} (once; up to {SIZE_GB:g} GB, some minutes) …")
    if shutil.disk_usage(HOME).free < SIZE_GB * 1e9 and not _python().exists():
        raise SetupError(f"Less than {SIZE_GB:g} GB are free on the disk of {HOME}.\nMake room first.")
    _make_venv()
    _install(requirements(*extras))
    _look_for_qt_libraries()
    for extra in ("", *extras):
        _stamp_file(extra).write_text(_fingerprint())
    _say("Set-up complete.")


def _make_venv() -> None:
    if _works(_python()):
        return
    _say("  making the environment …")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(command, capture_output=True).returncode == 0:
        return
    # Debian keeps ensurepip in a package of its own
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    _apt_install([version], "Python's venv module")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SetupError(f"The environment could not be made: {(done.stderr or done.stdout).strip()[-500:]}")


def _works(python: Path) -> bool:
    """Whether that interpreter starts, has pip and is of this version."""
    probe = "import sys, pip; print('%d.%d.%d' % sys.version_info[:3])"
    try:
        done = subprocess.run([str(python), "-c", probe], capture_output=True, text=True)
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == sys.version.split()[0]


def _install(wanted: Sequence[str]) -> None:
    log = VENV / "setup.log"
    command = [str(_python()), "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
               "--progress-bar", "off", "-c", str(HOME / "constraints.txt"), *wanted]
    with log.open("w", encoding="utf-8") as kept, subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            kept.write(line)
            _show_step(line)
    _end_steps()
    if pip.returncode:
        last = "".join(log.read_text(encoding="utf-8").splitlines(keepends=True)[-8:])
        raise SetupError(
            f"Some packages could not be installed:\n{last}\n"
            f"Is this computer connected to the internet? The whole story is in {log}. Start again to go on."
        )


def _show_step(line: str) -> None:
    """One line of pip's, in short: overwritten in place on a terminal."""
    words = line.split()
    if not words or words[0] not in {"Collecting", "Downloading", "Installing"}:
        return
    is_last = words[0] == "Installing"
    text = "  " + ("Installing all of them (this takes longest) …" if is_last else line.strip())
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r\x1b[K" + text[:width])
        sys.stderr.flush()
    elif words[0] != "Downloading":
        _say(text[:120])


def _end_steps() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")


def _look_for_qt_libraries() -> None:
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    missing = missing_qt_libraries(with_display=has_display)
    if not missing:
        return
    try:
        _apt_install(missing, "system libraries that the window needs")
    except SetupError as error:  # the command line works without them
        _say(str(error))


def _apt_install(packages: Sequence[str], what: str) -> None:
    """Install Debian packages as root, or say the one line that does it."""
    line = "apt-get install -y --no-install-recommends " + " ".join(map(shlex.quote, packages))
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not (is_root and shutil.which("apt-get")):
        raise SetupError(f"This computer lacks {what}. Install them with:\n  sudo {line}\nthen start again.")
    _say(f"  installing {what}: {' '.join(packages)} …")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], line.split()):
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SetupError(f"{what.capitalize()} could not be installed: {done.stderr.strip()[-500:]}")


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two first starts at once: the second waits for the first."""
    with (HOME / ".venv.lock").open("a+") as file:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _say("Another start is setting Catalejo up; waiting for it …")
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start_again() -> None:
    """Replace this process by the same command in the environment."""
    # sys.orig_argv keeps "-m tests" and interpreter options, which sys.argv has lost
    command = [str(_python()), *sys.orig_argv[1:]]
    if os.name == "nt":  # execv on Windows returns to the shell at once
        sys.exit(subprocess.call(command))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
