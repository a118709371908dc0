"""Make the environment that Catalejo runs in, the first time it is started; standard library only.

`ensure()` is called by `main.py` and by `python3 -m tests` before anything else is
imported. It makes `.venv` beside this file, installs what `setup.cfg` asks for under the
versions of `constraints.txt`, looks for the system libraries that Qt needs, and starts the
same command again inside. All it says goes to stderr: stdout belongs to the command.

An environment that works is used, whichever Python starts the program, and nothing is installed that is there.
One that does not work is replaced only when the new one is complete; until then it lies untouched in its place.
What is not an environment, or is reached by a link, is never changed.
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
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

from core.lost_package import describe_lost_package, has_lost_packages, take_lost_packages
from core.text import text
from core.text.language import find_language, set_language, take_language
from core.venv import (
    NEWEST, OLDEST, Environment, SetupError, add_pip, install, is_free, is_reached_by_link, look_at, make_venv,
    python_of, rewrite_paths,
)

HOME = Path(__file__).resolve().parent
VENV = HOME / ".venv"
SIZE_GB = 3.0
"""What the installed environment takes on disk, rounded up (`du -sh .venv`)."""

STARTED = "CATALEJO_STARTED_IN"
"""Environment variable: the program was started again in this environment, and must not be once more."""

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


def ensure(*extras: str) -> None:
    """Return inside a complete environment, or make it and start this command again in it.

    Args:
        extras: Names under `options.extras_require` that are needed besides ("test").
    """
    if not (HOME / "setup.cfg").is_file() or os.environ.get("CATALEJO_NO_BOOTSTRAP"):
        return  # installed as a package, or the caller brings an environment of their own
    set_language(find_language(take_language(sys.argv[1:])[0]))
    try:
        if not _is_complete(extras) and not _is_enough(extras):
            with _one_at_a_time():
                if not _is_complete(extras):
                    _make(extras)
        if Path(sys.prefix).resolve() != VENV.resolve():
            _start_again()
    except SetupError as error:
        _say(str(error))
        sys.exit(2)
    except OSError as error:
        _say(text("setup.failed", home=HOME, reason=error.strerror or error, path=error.filename))
        sys.exit(2)
    except KeyboardInterrupt:
        _say(text("setup.interrupted"))
        sys.exit(130)
    os.environ.pop(STARTED, None)


def explain_lost_package(error: ModuleNotFoundError) -> int:
    """Say that the environment is damaged, and have the next start mend it; the exit code.

    Raises:
        ModuleNotFoundError: The environment is not of `ensure`, or the module is one of the program.
    """
    if not (HOME / "setup.cfg").is_file() or os.environ.get("CATALEJO_NO_BOOTSTRAP"):
        raise error
    _say(describe_lost_package(error, VENV, HOME))
    return 2


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
    blocks = [config["options"]["install_requires"]]
    blocks += [config["options.extras_require"][extra] for extra in extras]
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def _python() -> Path:
    return python_of(VENV)


def _stamp_file(extra: str) -> Path:
    return VENV / f"catalejo-{extra or 'run'}.stamp"


def _fingerprint() -> str:
    """Changes when another set of packages is asked for, or the environment is of another Python.

    Nothing of it depends on the Python that starts the program.
    """
    version = next((line for line in _read(VENV / "pyvenv.cfg").splitlines() if line.startswith("version")), "")
    minor = version.partition("=")[2].strip().split(".")[:2]
    digest = hashlib.sha256(".".join(minor).encode())
    for name in ("setup.cfg", "constraints.txt"):
        digest.update((HOME / name).read_bytes())
    return digest.hexdigest()


def _for_today() -> str:
    """The stamp of an environment that will do, and should be brought up to date another day."""
    return f"{_fingerprint()} will do on {date.today()}"


def _is_complete(extras: Sequence[str]) -> bool:
    """Whether the stamps say so, which costs no start of another Python."""
    wanted = (_fingerprint(), _for_today())
    is_stamped = all(_read(_stamp_file(extra)) in wanted for extra in ("", *extras))
    return is_stamped and _python().exists() and not has_lost_packages(VENV)


def _is_enough(extras: Sequence[str]) -> bool:
    """Whether all that is needed is installed although no stamp says so; then one does, where it can be written."""
    found = _look(extras)
    if found is None or found.lacking or has_lost_packages(VENV):
        return False
    if is_reached_by_link(VENV) or not os.access(VENV, os.W_OK):
        return True
    if not found.other:
        with suppress(OSError):
            _write_stamps(extras, _fingerprint())
    return not found.other


def _write_stamps(extras: Sequence[str], stamp: str) -> None:
    for extra in ("", *extras):
        _stamp_file(extra).write_text(stamp)


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, ValueError):
        return ""


def _look(extras: Sequence[str]) -> Environment | None:
    lines = _read(HOME / "constraints.txt").splitlines()
    return look_at(VENV, requirements(*extras), [line for line in lines if "==" in line and line[:1] != "#"])


def _check_python() -> None:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        here = ".".join(map(str, sys.version_info[:3]))
        raise SetupError("setup.unfit_python", version=here)


def _make(extras: Sequence[str]) -> None:
    _tidy()
    found = _look(extras)
    if is_reached_by_link(VENV):
        _refuse_link(found)
        return
    if found is None and not is_free(VENV) and not (VENV / "pyvenv.cfg").is_file():
        raise SetupError("setup.no_environment", venv=VENV)  # only an environment, or nothing, gives way to a new one
    _say(text("setup.begins", venv=VENV, gigabytes=SIZE_GB))
    if found is not None and (found.has_pip or add_pip(VENV)):
        _bring_up_to_date(extras)
    else:
        _replace(extras)
    _look_for_qt_libraries()
    _say(text("setup.complete"))


def _refuse_link(found: Environment | None) -> None:
    """What is reached by a link belongs to somebody else: it is used if it does, and never changed."""
    where = os.path.realpath(VENV)
    if found is None:
        raise SetupError("setup.link_to_nothing", venv=VENV, place=where)
    if found.lacking:
        lines = " ".join(map(shlex.quote, found.lacking))
        command = f"{shlex.quote(str(_python()))} -m pip install {lines}"
        raise SetupError("setup.link_lacks_packages", venv=VENV, place=where, command=command)


def _bring_up_to_date(extras: Sequence[str]) -> None:
    """Install into an environment that works what it lacks; without a network what is there may do."""
    for stamp in VENV.glob("catalejo-*.stamp"):
        stamp.unlink()  # from here on they would not be true
    lost = take_lost_packages(VENV)
    try:
        if lost:
            _install(extras, VENV, anew=lost)
        _install(extras, VENV)
    except SetupError as error:
        left = _look(extras)
        if left is None or left.lacking:
            raise
        _say(str(error))
        _say(text("setup.goes_on_without", names=lost) if lost else text("setup.goes_on_untested", names=left.other))
        _write_stamps(extras, _for_today())
    else:
        _write_stamps(extras, _fingerprint())


def _install(extras: Sequence[str], venv: Path, *, anew: Sequence[str] = ()) -> None:
    """What is required; or packages that are there and damaged, anew."""
    wanted = ["--force-reinstall", "--no-deps", *anew] if anew else requirements(*extras)
    install(wanted, venv, constraints=HOME / "constraints.txt", log=HOME / ".venv.setup.log")


def _replace(extras: Sequence[str]) -> None:
    """Make an environment beside, and put it in the place of one that does not work, or of nothing.

    Where nothing is lost by it, it gets its place before the long part: interrupted, that goes on at the next start.
    """
    _check_python()
    if shutil.disk_usage(HOME).free < SIZE_GB * 1e9:
        raise SetupError("setup.disk_full", gigabytes=SIZE_GB, home=HOME)
    making = HOME / f".venv.new-{os.urandom(4).hex()}"
    is_first = is_free(VENV)
    try:
        _make_venv(making)
        if not is_first:
            _install(extras, making)
        rewrite_paths(making, VENV)
        _put_in_place(making)
    finally:
        _remove(making)
    if is_first:
        _install(extras, VENV)
    _write_stamps(extras, _fingerprint())
    _tidy()


def _remove(folder: Path) -> None:
    """Remove a folder into which a process that was just interrupted may still write for a moment."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def _make_venv(venv: Path) -> None:
    _say("  " + text("setup.making"))
    if make_venv(venv):
        # Debian keeps ensurepip in a package of its own
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        _apt_install([version], "venv")
        shutil.rmtree(venv, ignore_errors=True)
        if why := make_venv(venv):
            raise SetupError("setup.not_made", reason=why)


def _put_in_place(made: Path) -> None:
    """Give a new environment its name; what had it lies beside until all is done."""
    aside = HOME / f".venv.old-{os.urandom(4).hex()}"
    if os.path.lexists(VENV):
        VENV.rename(aside)
    try:
        made.rename(VENV)
    except BaseException:
        if os.path.lexists(aside):
            aside.rename(VENV)
        raise


def _tidy() -> None:
    """Clear what interrupted set-ups left; an environment put aside comes back if none took its place."""
    for path in sorted(HOME.glob(".venv.old-*")):
        if not os.path.lexists(VENV):
            path.rename(VENV)
    for path in (*HOME.glob(".venv.old-*"), *HOME.glob(".venv.new-*")):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)


def _look_for_qt_libraries() -> None:
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    missing = missing_qt_libraries(with_display=has_display)
    if not missing:
        return
    try:
        _apt_install(missing, "libraries")
    except SetupError as error:  # the command line works without them
        _say(str(error))


def _apt_install(packages: Sequence[str], what: str) -> None:
    """Install Debian packages as root, or say the one line that does it, about “venv” or “libraries”."""
    line = "apt-get install -y --no-install-recommends " + " ".join(map(shlex.quote, packages))
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not (is_root and shutil.which("apt-get")):
        raise SetupError(f"setup.lacks_{what}", command=f"sudo {line}")
    _say("  " + text("setup.installing", packages=" ".join(packages)))
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], line.split()):
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SetupError("setup.system_not_installed", packages=" ".join(packages), reason=done.stderr.strip()[-500:])


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two first starts at once: the second waits for the first."""
    no_link = getattr(os, "O_NOFOLLOW", 0)
    with open(HOME / ".venv.lock", "a+", opener=lambda path, flags: os.open(path, flags | no_link, 0o666)) as file:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _say(text("setup.waiting"))
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start_again() -> None:
    """Replace this process by the same command in the environment."""
    if os.environ.get(STARTED) == str(VENV):
        raise SetupError("setup.wrong_python", venv=VENV)
    # sys.orig_argv keeps "-m tests" and interpreter options, which sys.argv has lost
    given = getattr(sys, "orig_argv", [sys.executable, *sys.argv])  # not before Python 3.10
    command = [str(_python()), *given[1:]]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"} | {STARTED: str(VENV)}
    if os.name == "nt":  # execv on Windows returns to the shell at once
        sys.exit(subprocess.call(command, env=environment))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], command, environment)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
