"""The import contracts leave no part of core out: a new package or module needs its place in the order."""

from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def ordered_modules() -> set[str]:
    """What the contract `order` names."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return set(config["importlinter:contract:order"]["layers"].replace(" : ", "\n").split())


def parts_of(folder: Path, package: str) -> set[str]:
    """Packages and modules directly in a folder."""
    modules = {f"{package}.{path.stem}" for path in folder.glob("*.py") if path.stem != "__init__"}
    return modules | {f"{package}.{path.parent.name}" for path in folder.glob("*/__init__.py")}


def test_every_package_of_core_has_its_place_in_the_order():
    missing = parts_of(ROOT / "core", "core") - {"core.engine"} - ordered_modules()
    assert not missing


def test_every_module_of_the_engine_has_its_place_in_the_order():
    assert not parts_of(ROOT / "core/engine", "core.engine") - ordered_modules()
