"""The settings of every strategy as the help of `train` and the page docs/settings.md list them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.settings import SettingInfo, describe
from core.text import render, text
from core.training.registry import STRATEGIES, Strategy, find_strategy, list_strategies

OWN_OPTIONS = ("backbone", "seed")
"""Settings that have an option of their own beside `--set`."""


def write_settings(formatter: Any) -> None:
    """Add a section for the settings of each strategy to a help page (click's formatter)."""
    for name in STRATEGIES:
        infos = [info for info in describe(find_strategy(name).settings) if info.name not in OWN_OPTIONS]
        if infos:
            with formatter.section(text("cli.train.settings_of", strategy=name)):
                formatter.write_dl([(f"{info.name}={allowed_values(info)}", _explain(info)) for info in infos])


def settings_page() -> str:
    """The page docs/settings.md, in the language in force."""
    lines = [text("cli.settings_page.head"), ""]
    for strategy in list_strategies():
        lines += [f"## `{strategy.name}`", "", render(strategy.sentence), "", *_table(strategy), ""]
    return "\n".join(lines)


def allowed_values(info: SettingInfo) -> str:
    """“lenet|vgg”, “2…20”, “yes|no” or “TEXT”."""
    if isinstance(info.default, bool):
        return "yes|no"
    if info.choices:
        return "|".join(str(choice) for choice in info.choices)
    if info.low is None and info.high is None:
        return text("cli.metavar.text")
    low, high = ("" if bound is None else f"{bound:g}" if bound < 2**31 else f"{bound:d}" for bound in (
        info.low, info.high))
    return f"{low}…{high}"


def _explain(info: SettingInfo) -> str:
    return f"{render(info.help) or render(info.title)} {text('cli.help.default', value=_default(info))}"


def _default(info: SettingInfo) -> str:
    if isinstance(info.default, bool):
        return "yes" if info.default else "no"
    return f"{info.default:g}" if isinstance(info.default, float) else str(info.default)


def _table(strategy: Strategy) -> Iterator[str]:
    yield text("cli.settings_page.columns")
    yield "|---|---|---|---|"
    for info in describe(strategy.settings):
        words = " ".join(filter(None, (f"{render(info.title).rstrip('.')}.", render(info.help))))
        values = allowed_values(info).replace("|", " \\| ")
        yield f"| `{info.name}` | {values} | {_default(info) or '–'} | {words} |"
