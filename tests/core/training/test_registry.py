"""Registry, command line, window and documentation name the same strategies; words and settings cost nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from core.cli.commands import run_command
from core.cli.settings_help import OWN_OPTIONS, allowed_values, settings_page
from core.errors import InputError
from core.settings import check_settings, describe
from core.text import text
from core.text.catalogues import has_template
from core.training.registry import (
    DEFAULT, STRATEGIES, find_strategy, list_strategies, load_object, make_settings, strategy_of,
)

HOME = Path(__file__).resolve().parents[3]
ENGINE = ("keras", "tensorflow", "openvino", "scipy", "core.engine")


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_strategy_is_whole(name: str) -> None:
    strategy = find_strategy(name)
    assert strategy.name == name and strategy_of(strategy.settings()) is strategy
    assert has_template(strategy.title.code) and has_template(strategy.sentence.code)
    settings = strategy.settings()
    check_settings(settings)
    assert strategy.accuracy_kind(settings)
    assert isinstance(settings.seed, int), "the record of every run notes its seed"
    for place in filter(None, (strategy.trainer, strategy.predictor, strategy.estimator)):
        assert callable(load_object(place))
    for preset in strategy.presets:
        applied = strategy.apply_preset(settings, preset)
        check_settings(applied)
        assert strategy.preset_of(applied) == preset
    assert bool(strategy.presets) == bool(strategy.estimator), "presets are offered with their times"
    assert strategy.starts_from_run == any(f.name == "start_from" for f in fields(strategy.settings))


def test_unknown_names_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        find_strategy("boosting")
    assert caught.value.message.code == "training.no_such_strategy" and DEFAULT in caught.value.hint
    with pytest.raises(InputError) as caught:
        make_settings("transfer", {"n_epochs": 3})
    assert caught.value.message.code == "training.no_such_setting" and "n_folds" in caught.value.hint


def test_help_offers_what_there_is(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run_command(["train", "--help"]) == 0
    said = capsys.readouterr().out
    assert "|".join(STRATEGIES) in said and "boosting" not in said


@pytest.mark.parametrize("name", STRATEGIES)
def test_help_lists_every_setting_with_its_values(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    assert run_command(["train", "--help"]) == 0
    said = capsys.readouterr().out
    section = said.partition(text("cli.train.settings_of", strategy=name))[2].split("\n\n")[0]
    for info in describe(find_strategy(name).settings):
        assert info.name in OWN_OPTIONS or f"{info.name}={allowed_values(info)}" in section


def test_the_page_of_settings_is_that_of_the_strategies() -> None:
    """Written anew by: CATALEJO_WRITE_PAGES=1 python3 -m tests tests/core/training/test_registry.py"""
    page = HOME / "docs/settings.md"
    if os.environ.get("CATALEJO_WRITE_PAGES"):
        page.write_text(settings_page(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == settings_page()
    assert "(docs/settings.md)" in (HOME / "README.md").read_text(encoding="utf-8")


def test_the_documentation_names_every_strategy() -> None:
    said = "".join(path.read_text("utf-8") for path in (HOME / "README.md", *(HOME / "docs").rglob("*.md")))
    assert [name for name in STRATEGIES if f"--strategy {name}" not in said and f"`{name}`" not in said] == []


def test_words_and_settings_import_no_engine() -> None:
    code = f"""
import sys
from core.training.registry import list_strategies
print([(str(one.title), str(one.sentence), one.settings()) for one in list_strategies()])
loaded = [name for name in sys.modules if name.startswith({ENGINE!r})]
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_settings_are_declared_once() -> None:
    """What the form and the command line are made from has a value for each field that they show."""
    for strategy in list_strategies():
        infos = describe(strategy.settings)
        assert len({info.name for info in infos}) == len(infos)
        assert all(getattr(strategy.settings(), info.name) == info.default for info in infos)
