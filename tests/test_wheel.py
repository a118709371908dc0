"""The wheel holds everything: built, installed apart from the checkout, and asked for the whole job."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
NOT_SHIPPED = {"__pycache__", "make_imagenet_tree.py", "sample_maker"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the sources, so that nothing is left in the checkout."""
    sources = tmp_path_factory.mktemp("sources")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOME, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        target = sources / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (HOME / name).is_file():
            target.write_bytes((HOME / name).read_bytes())
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", folder, sources]
    subprocess.run(build, check=True, capture_output=True, timeout=170)
    return next(folder.glob("catalejo-*.whl"))


@pytest.mark.slow
def test_every_file_of_the_program_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    listed = subprocess.run(["git", "ls-files", "core", "gui", "resources", "main.py", "bootstrap.py"],
                            cwd=HOME, capture_output=True, text=True, check=True).stdout.splitlines()
    wanted = {name for name in listed if not set(Path(name).parts) & NOT_SHIPPED and not name.endswith(".po")}
    guide = subprocess.run(["git", "ls-files", "docs/guide/*/*"], cwd=HOME, capture_output=True, text=True,
                           check=True).stdout.splitlines()
    wanted |= {name.replace("docs/", "resources/", 1) for name in guide}
    assert sorted(wanted - shipped) == []


@pytest.mark.slow
def test_the_installed_program_does_the_whole_job_elsewhere(wheel: Path, tmp_path: Path) -> None:
    """In an environment of its own; only the libraries are those of the environment that runs the tests."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    bin_folder = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    python = next(bin_folder.glob("python*"))
    ask = "import site, json; print(site.getsitepackages()[-1])"
    own = Path(subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip())
    (own / "libraries.pth").write_text(next(path for path in sys.path if path.endswith("site-packages")))
    target = ["--no-deps", "--quiet", "--target", own, wheel]
    subprocess.run([sys.executable, "-m", "pip", "install", *target], check=True, capture_output=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    program = "import sys; from main import main; sys.exit(main())"
    start = [python, "-c", program, "demo", "--headless", "--out", "out"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(start, cwd=elsewhere, env=environment | {"QT_QPA_PLATFORM": "offscreen"},
                          capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stderr
    assert list((elsewhere / "out").rglob("*.html")) and list((elsewhere / "out").rglob("*.png"))
    where = subprocess.run([python, "-c", "import core; print(core.__file__)"], cwd=elsewhere,
                           capture_output=True, text=True, check=True)
    assert where.stdout.startswith(str(own))
