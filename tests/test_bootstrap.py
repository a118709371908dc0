"""The set-up: what is installed, when it counts as complete, what it never touches, what it says when it cannot.

What changes an environment is tried with tiny ones, by starting a copy of `bootstrap.py` in a process of its own.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

import bootstrap
from core import venv
from core.text import text

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


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that is set up, to be copied: an environment takes seconds to make."""
    folder = tmp_path_factory.mktemp("template") / "program"
    (folder / "core").mkdir(parents=True)
    for name in ("bootstrap.py", "core/__init__.py", "core/venv.py", "core/lost_package.py"):
        shutil.copy(HOME / name, folder / name)
    for name in ("core/text", "resources/locale"):
        shutil.copytree(HOME / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "main.py").write_text(MAIN)
    write_wheel(folder / "wheels", "1.0")
    require(folder, "tiny>=1")
    done = start(folder)
    assert (done.returncode, done.stdout) == (0, f"{folder / '.venv'} 1.0\n"), done.stderr
    return folder


@pytest.fixture
def program(template: Path, tmp_path: Path) -> Path:
    """A checkout that is set up, and was moved since."""
    folder = tmp_path / "program"
    shutil.copytree(template, folder, symlinks=True)
    return folder


def start(
    folder: Path, *arguments: str, python: str = sys.executable, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Start the program without a network: what can be installed lies in `wheels`."""
    command, environment = [python, "main.py", *arguments], _variables(folder, variables)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)


def _variables(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
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


# ── an environment that works is used ────────────────────────────────────────


def test_what_is_set_up_starts_without_a_word_and_unchanged(program: Path) -> None:
    before = all_of(program / ".venv")
    done = start(program)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{program / '.venv'} 1.0\n", "")
    assert all_of(program / ".venv") == before


def test_the_fingerprint_knows_nothing_of_the_python_that_starts(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp(checkout)
    monkeypatch.setattr(sys, "version", "3.11.99 (another patch)")
    monkeypatch.setattr(sys, "version_info", (3, 12, 0, "final", 0))
    assert bootstrap._is_complete(())
    (checkout / ".venv" / "pyvenv.cfg").write_text("version = 3.12.1\n")
    assert not bootstrap._is_complete(())


def test_another_python_of_the_path_uses_what_is_there(program: Path) -> None:
    others = {os.path.realpath(found) for name in ("python3", "python3.11", "python3.12", "python3.13")
              for folder in ("/usr/bin", "/usr/local/bin") if (found := shutil.which(name, path=folder))}
    before = all_of(program / ".venv")
    for python in others - {os.path.realpath(sys.executable)}:
        done = start(program, python=python, PATH="/usr/bin")
        assert (done.returncode, done.stdout) == (0, f"{program / '.venv'} 1.0\n"), done.stderr
    assert all_of(program / ".venv") == before


def test_lost_or_old_stamps_cost_no_installation(program: Path) -> None:
    bootstrap_stamp = program / ".venv" / "catalejo-run.stamp"
    bootstrap_stamp.write_text("of an older version of the program")
    shutil.rmtree(program / "wheels")
    done = start(program)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(bootstrap_stamp.read_text()) == 64


def test_a_starting_python_that_leads_elsewhere_does_no_harm(program: Path, tmp_path: Path) -> None:
    (program / ".venv" / "catalejo-run.stamp").unlink()
    done = start(program, PIP_TARGET=str(tmp_path / "away"), PYTHONPATH=str(tmp_path), PIP_USER="1")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("pin", ["", "tiny==1.5"])
def test_what_is_new_is_installed_into_it(program: Path, pin: str) -> None:
    write_wheel(program / "wheels", "1.5")
    require(program, "tiny>=1.5", pin)
    (program / ".venv" / "kept").touch()
    done = start(program)
    assert (done.returncode, done.stdout) == (0, f"{program / '.venv'} 1.5\n"), done.stderr
    assert (program / ".venv" / "kept").exists() and not leftovers(program)
    assert start(program).stderr == ""


def test_without_a_network_what_does_is_used_and_what_lacks_is_said(program: Path) -> None:
    require(program, "tiny>=1", "tiny==1.5")
    done = start(program)
    assert (done.returncode, done.stdout) == (0, f"{program / '.venv'} 1.0\n")
    assert text("setup.goes_on_untested", names="tiny") in done.stderr and "tiny" in done.stderr
    assert start(program).stderr == "", "once a day is enough"
    require(program, "tiny>=2")
    before = {name: c for name, c in all_of(program / ".venv").items() if not name.endswith(".stamp")}
    done = start(program)
    assert done.returncode == 2 and "could not be installed" in done.stderr and done.stdout == ""
    assert all_of(program / ".venv") == before, "the stamps are gone, for they are not true; all else is there"
    require(program, "tiny>=1")
    assert start(program).stdout == f"{program / '.venv'} 1.0\n"


def test_the_packages_of_an_extra_are_asked_for_too(program: Path) -> None:
    assert start(program, "test").stderr == ""
    assert (program / ".venv" / "catalejo-test.stamp").exists()


def test_a_package_that_was_half_installed_is_installed_again(program: Path) -> None:
    write_wheel(program / "wheels", "1.5")
    require(program, "tiny>=1.5")
    assert start(program).returncode == 0
    (info,) = (program / ".venv").rglob("tiny-1.5.dist-info")
    for name in ("RECORD", "INSTALLER"):
        (info / name).unlink()
    (program / ".venv" / "catalejo-run.stamp").unlink()
    found = venv.look_at(program / ".venv", ["tiny>=1.5"], [])
    assert found is not None and found.lacking == ("tiny>=1.5",)


def lose_package(program: Path) -> dict[str, bytes]:
    [module] = (program / ".venv").rglob("tiny.py")
    module.unlink()
    shutil.rmtree(module.parent / "__pycache__", ignore_errors=True)
    return all_of(program / ".venv")


def test_a_package_whose_files_are_gone_is_said_once_and_installed_again(program: Path) -> None:
    lose_package(program)
    done = start(program)
    assert done.returncode == 2 and "damaged: it lacks tiny" in done.stderr and "Traceback" not in done.stderr
    done = start(program)
    assert (done.returncode, done.stdout) == (0, f"{program / '.venv'} 1.0\n"), done.stderr
    assert start(program).stderr == ""


def test_without_a_network_all_that_does_not_need_the_lost_package_goes_on(program: Path) -> None:
    before = lose_package(program)
    shutil.rmtree(program / "wheels")
    assert start(program).returncode == 2
    done = start(program, idle="1")
    assert done.returncode == 0 and text("setup.goes_on_without", names="tiny") in done.stderr
    assert start(program, idle="1").stderr == ""
    assert before.keys() == all_of(program / ".venv").keys(), "nothing was taken out of it"


def test_a_lost_package_of_an_environment_behind_a_link_is_not_mended(program: Path, tmp_path: Path) -> None:
    (program / ".venv").rename(tmp_path / "real")
    (program / ".venv").symlink_to(tmp_path / "real")
    [module] = (tmp_path / "real").rglob("tiny.py")
    module.unlink()
    before = all_of(tmp_path / "real")
    done = start(program)
    assert done.returncode == 2 and "-m pip install --force-reinstall tiny" in done.stderr
    assert start(program).returncode == 2 and all_of(tmp_path / "real") == before


def test_a_module_of_the_program_itself_that_is_gone_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATALEJO_NO_BOOTSTRAP", raising=False)
    error = ModuleNotFoundError("No module named 'core.gone'", name="core.gone")
    with pytest.raises(ModuleNotFoundError):
        bootstrap.explain_lost_package(error)


# ── one that does not is replaced only when the new one is complete ──────────


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
                         text=True, env=_variables(program, {}))
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
        [sys.executable, "main.py"], cwd=program, stderr=subprocess.PIPE, text=True, env=_variables(program, {}),
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL))  # what runs in the background ignores it
    assert process.stderr is not None
    while text("setup.making") not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    assert process.wait() == 130 and "interrupted" in rest
    assert all_of(program / ".venv") == before and not leftovers(program)


# ── what is no environment of its own is never changed ───────────────────────


def test_a_link_to_an_environment_that_works_is_used_and_not_written_through(program: Path, tmp_path: Path) -> None:
    (program / ".venv").rename(tmp_path / "shared")
    (program / ".venv").symlink_to(tmp_path / "shared")
    (tmp_path / "shared" / "catalejo-run.stamp").unlink()
    before = all_of(tmp_path / "shared")
    done = start(program)
    assert (done.returncode, done.stderr) == (0, "")
    require(program, "tiny>=1", "tiny==9")
    assert start(program).returncode == 0
    require(program, "tiny>=2")
    write_wheel(program / "wheels", "2.0")
    done = start(program)
    assert done.returncode == 2 and "not changed" in done.stderr and "pip install 'tiny>=2'" in done.stderr
    assert all_of(tmp_path / "shared") == before and (program / ".venv").is_symlink()


@pytest.mark.parametrize("what", ["nothing", "folder", "file"])
def test_a_link_to_anything_else_is_refused(program: Path, tmp_path: Path, what: str) -> None:
    shutil.rmtree(program / ".venv")
    if what == "folder":
        (tmp_path / "away").mkdir()
        (tmp_path / "away" / "thesis.txt").write_text("years of work")
    elif what == "file":
        (tmp_path / "away").write_text("years of work")
    (program / ".venv").symlink_to(tmp_path / "away")
    before = all_of(tmp_path)
    done = start(program)
    assert done.returncode == 2 and "is a link to" in done.stderr
    after = all_of(tmp_path)
    assert {name: after[name] for name in before} == before


def test_an_environment_whose_libraries_lie_elsewhere_is_not_installed_into(program: Path, tmp_path: Path) -> None:
    (program / ".venv" / "lib").rename(tmp_path / "lib")
    (program / ".venv" / "lib").symlink_to(tmp_path / "lib")
    (program / ".venv" / "catalejo-run.stamp").unlink()
    assert start(program).returncode == 0
    require(program, "tiny>=2")
    write_wheel(program / "wheels", "2.0")
    done = start(program)
    assert done.returncode == 2 and not list((tmp_path / "lib").rglob("tiny-2.0*"))


@pytest.mark.parametrize("is_folder", [False, True])
def test_something_else_in_its_place_is_refused(program: Path, is_folder: bool) -> None:
    place = program / ".venv"
    shutil.rmtree(place)
    if is_folder:
        place.mkdir()
    (place / "thesis.txt" if is_folder else place).write_text("years of work")
    before = all_of(program)
    done = start(program)
    assert done.returncode == 2 and text("setup.no_environment", venv=program / ".venv") in done.stderr
    after = all_of(program)
    assert {name: after[name] for name in before} == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_checkout_that_cannot_be_written_runs(program: Path) -> None:
    (program / ".venv" / "catalejo-run.stamp").unlink()
    folders = [program, program / ".venv"]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert start(program).returncode == 0
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_a_planted_lock_is_not_followed(program: Path, tmp_path: Path) -> None:
    (program / ".venv.lock").unlink(missing_ok=True)
    (program / ".venv.lock").symlink_to(tmp_path / "made")
    (program / ".venv" / "catalejo-run.stamp").unlink()
    require(program, "tiny>=7")
    done = start(program)
    assert done.returncode == 2 and "could not be set up" in done.stderr
    assert not (tmp_path / "made").exists()


# ── parts ────────────────────────────────────────────────────────────────────


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files that set-up reads, with `bootstrap` looking there."""
    for name in ("setup.cfg", "constraints.txt"):
        shutil.copy(HOME / name, tmp_path)
    monkeypatch.setattr(bootstrap, "HOME", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    return tmp_path


def stamp(checkout: Path, *extras: str) -> None:
    python = bootstrap._python()
    python.parent.mkdir(parents=True, exist_ok=True)
    python.touch()
    (checkout / ".venv" / "pyvenv.cfg").write_text("version = 3.11.7\n")
    bootstrap._write_stamps(extras, bootstrap._fingerprint())


def test_requirements_are_the_lines_without_the_reasons() -> None:
    lines = bootstrap.requirements()
    assert any(line.startswith("keras>=3.15.1") for line in lines)
    assert not any(line.startswith("#") for line in lines)
    assert not any(line.startswith("pytest") for line in lines)
    assert any(line.startswith("pytest-qt") for line in bootstrap.requirements("test"))


def test_every_requirement_is_pinned() -> None:
    pinned = {line.split("==")[0].lower().replace("_", "-")
              for line in (HOME / "constraints.txt").read_text().splitlines() if "==" in line}
    wanted = bootstrap.requirements("test")
    names = {line.split(";")[0].split(">")[0].split("=")[0].strip().lower() for line in wanted}
    assert names <= pinned


def test_complete_only_once_every_stamp_is_there(checkout: Path) -> None:
    assert not bootstrap._is_complete(())
    stamp(checkout)
    assert bootstrap._is_complete(())
    assert not bootstrap._is_complete(("test",))


def test_a_changed_requirement_asks_for_set_up_again(checkout: Path) -> None:
    stamp(checkout)
    with (checkout / "constraints.txt").open("a") as file:
        file.write("something==1\n")
    assert not bootstrap._is_complete(())


def test_an_interrupted_environment_is_not_complete(checkout: Path) -> None:
    stamp(checkout)
    bootstrap._python().unlink()
    assert not bootstrap._is_complete(())


def test_this_very_environment_has_all_that_is_asked_for() -> None:
    found = venv.look_at(Path(sys.prefix), bootstrap.requirements("test"), ())
    assert found is not None and found.lacking == ()


def test_a_system_python_in_a_folder_is_no_environment(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    assert venv.look_at(tmp_path, (), ()) is None, "what is installed into it would go into the system"


def test_too_old_python_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1, "final", 0))
    with pytest.raises(bootstrap.SetupError, match=r"3\.11 to 3\.13; this is 3\.9\.1"):
        bootstrap._check_python()


def test_missing_libraries_are_told_with_the_line_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "OFFSCREEN_LIBRARIES", {"libnowhere.so.7": "libnowhere7"})
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    missing = bootstrap.missing_qt_libraries(with_display=False)
    assert missing == ["libnowhere7"]
    with pytest.raises(bootstrap.SetupError, match="sudo apt-get install -y .*libnowhere7"):
        bootstrap._apt_install(missing, "libraries")


def test_a_full_disk_is_said_before_anything_is_made(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "SIZE_GB", 1e9)
    with pytest.raises(bootstrap.SetupError, match="GB are free"):
        bootstrap._make(())
    assert not bootstrap.VENV.exists()


def test_a_disk_that_fails_is_said_in_a_sentence(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(extras: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "x")

    monkeypatch.delenv("CATALEJO_NO_BOOTSTRAP", raising=False)
    monkeypatch.setattr(bootstrap, "_make", fail)
    with pytest.raises(SystemExit) as caught:
        bootstrap.ensure()
    assert caught.value.code == 2 and "No space left" in capsys.readouterr().err


def test_an_installed_package_makes_no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bootstrap, "HOME", tmp_path)  # no setup.cfg beside it
    bootstrap.ensure()
    assert not list(tmp_path.iterdir())


def test_bootstrap_needs_the_standard_library_alone() -> None:
    code = "import sys; sys.path[:0] = [sys.argv[1]]; import bootstrap; print('pip' in sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-E", "-c", code, str(HOME)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_probe_says_what_it_was_asked(tmp_path: Path) -> None:
    asked = json.dumps({"requirements": ["pip", "no-such-package>=1", "not a requirement"], "pins": ["pip==0.1"]})
    done = subprocess.run([sys.executable, "-c", venv.PROBE, asked], capture_output=True, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["lacking"] == ["no-such-package>=1", "not a requirement"] and said["other"] == ["pip"]
