"""Every command in the pseudo-locale: no word of English on the terminal or in the report bypasses the catalogues."""

from __future__ import annotations

import io
import platform
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.backbones.registry import list_inventory
from core.cli.commands import COMMANDS, run_command
from core.embeddings.kept_map import TSNE
from core.runs.environment import NAMES, describe_environment
from core.workflow.mistake_lists import JUDGED
from core.workflow.run_filter import ORDERS
from core.cli.settings_help import allowed_values
from core.jobs import JobContext
from core.settings import describe
from core.text.language import PSEUDO, set_language
from core.training.registry import DEFAULT, STRATEGIES, find_strategy, list_strategies
from tests.conftest import write_class_folder

CLASSES = ("zorp", "quux")
"""Names that are words of no language, so that whatever is English was not a name."""

_SAID = re.compile(r"⟦[^⟧]*⟧")
_NO_WORDS = re.compile(
    r"--[\w-]+"  # options
    r"|\S*[/\\]\S*"  # paths
    r"|\b\S+\.(png|csv|html|py|jpg)\b"
    r"|\d{4}-\d\d-\d\d\S*"  # runs and dates
    r"|\b[\w|]+\|[\w|-]+"  # choices of an option, as typed
    r"|\bNaN\b"
)
_WORD = re.compile(r"[A-Za-z]{2,}")
TYPED = {
    "catalejo", "auto", "list", "names", "en", "es", "Ground", "Truth", "PNG", "JPEG", "lenet", "zz", "xx", "zzz",
    "yyy", "quuux", "colour", "CPU", "Catalejo",
    *re.findall("[A-Za-z]{2,}", f"{platform.system()} {platform.machine()}"),
    *CLASSES, "open", *COMMANDS, *STRATEGIES,
    *(part for name in (*STRATEGIES, *COMMANDS) for part in name.split("-")),
}
"""What is typed or read by programs: the same in every language."""

_FINDINGS = "balance folds label errors leak near twins two labels unreadable"
_MADE_WITH = " ".join(["", *NAMES.values(), *_WORD.findall(str(describe_environment()))])

OFFERED = {
    "no choice": "class probability one hot",
    "no order": " ".join(ORDERS), "help runs": "when",
    "show": " ".join(_WORD.findall(" ".join(
        f"{info.name} {info.default} {info.choices}" for strategy in list_strategies()
        for info in describe(strategy.settings)))) + _MADE_WITH,
    "report": _MADE_WITH,
    "help mistakes": JUDGED, "help map": TSNE,
    "no finding": _FINDINGS, "health": _FINDINGS, "health quick": _FINDINGS,
    "no setting": " ".join(info.name for info in describe(find_strategy(DEFAULT).settings)).replace("_", " "),
}
"""What an output offers to be typed, by its name."""

OFFERED["help train"] = " ".join(
    re.sub(r"[^A-Za-z]+", " ", f"{info.name} {allowed_values(info)} {info.default}")
    for strategy in list_strategies() for info in describe(strategy.settings))


def raw_words(said: str, offered: str = "") -> list[str]:
    """Words that did not come from a catalogue and are no parameters."""
    left = _NO_WORDS.sub(" ", _SAID.sub(" ", said))
    known = TYPED | {part for row in list_inventory(None, JobContext()) for part in _WORD.findall(str(row["name"]))}
    return [word for word in _WORD.findall(left) if word not in known | set(offered.split())]


def test_the_check_finds_raw_english_and_passes_parameters() -> None:
    assert raw_words("⟦Rúñ⟧ 2026-11-27-001-transfer: zorp 3 ⟦ímágés⟧ in /tmp/x.png") == ["in"]
    assert raw_words("⟦á⟧ --map names a.png 3.5 %") == []


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What each command prints on both streams, by a name for it; `report` is the page of `review`."""
    place = tmp_path_factory.mktemp("pseudo")
    for i, name in enumerate(CLASSES):
        write_class_folder(place / "train" / name, ("red", "blue")[i], 9, first_seed=100 * i)
        write_class_folder(place / "test" / name, ("red", "blue")[i], 2, first_seed=500 + 100 * i)
    broken = place / "train" / "zorp" / "zz.png"
    broken.write_bytes((place / "train" / "zorp" / "red_0.png").read_bytes()[:200])
    (place / "train" / "quux" / "yy.png").write_bytes((place / "train" / "zorp" / "red_1.png").read_bytes())
    (place / "l.csv").write_text("path,label\nzorp/red_0.png,quux\nnn.png,zorp\nzorp/red_2.png,\n")
    (place / "t.csv").write_text("id,zorp,quux\nred_500.png,0,0\n")
    set_language(PSEUDO)
    yield {name: _run(line, place) for name, line in LINES.items()} | {"report": _text_of(place / "r.html")}
    set_language("en")


LINES = {
    "plan": "new @p --from @train --test @test --dry-run",
    "new": "new @p --from @train --test @test",
    "new again": "new @p --from @train --test @test",
    "label": "label @p --csv @l.csv",
    "classes": "classes @p",
    "classes rename": "classes @p rename quux quuux",
    "classes back": "classes @p rename quuux quux",
    "train": "train @p",
    "train scratch": "train @p --strategy scratch --set n_epochs=1 --set network=lenet",
    "zero-shot": "train @p --strategy zero-shot",
    "predict": "predict @p --out @o.csv",
    "submit": "submit @p --out @s.csv",
    "submit probabilities": "submit @p --out @s2.csv --write probability",
    "submit template": "submit @p --out @s3.csv --template @t.csv",
    "review": "review @p --out @r.html",
    "health": "health @p",
    "health quick": "health @p --quick",
    "map": "map @p --out @m.png",
    "learning curve": "learning-curve @p",
    "similar": "similar @p @train/zorp/red_1.png",
    "runs": "runs @p",
    "compare": "compare @p latest latest",
    "show": "show @p",
    "show marks": "show @p --star --note zzz",
    "like": "train @p --like zzz",
    "runs narrowed": "runs @p --starred --sort accuracy",
    "no order": "runs @p --sort zzz",
    "backbones": "backbones",
    "restore": "restore @p",
    "copy": "copy @p @w",
    "copy into itself": "copy @p @p/w",
    "no project": "runs @nowhere",
    "no folder": "new @q --from @nowhere",
    "no setting": "train @p --set colour=1",
    "no strategy": "train @p --strategy zzz",
    "no backbone": "train @p --backbone zzz",
    "no run": "predict @p --run zzz --out @o.csv",
    "no table": "label @p --csv @nowhere.csv",
    "no class": "classes @p rename zzz yyy",
    "no choice": "submit @p --out @o.csv --write zzz",
    "no map": "submit @p --out @o.csv --map zorp",
    "no place": "predict @p --out @nowhere/o.csv",
    "no finding": "health @p --accept zzz --reason xx",
    "no command": "zzz", "no option": "train @p --zzz", "no value": "train @p --seed",
    "no number": "train @p --seed x", "no argument": "train", "no use": "train @p zzz",
    "no language": "runs @p --lang zz",
    "help": "--help", **{f"help {name}": f"{name} --help" for name in COMMANDS},
}
"""Command lines by a name; “@” is the folder that all of it lies in."""


def _run(line: str, place: Path) -> str:
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        run_command([word.replace("@", f"{place}/", 1) if word.startswith("@") else word for word in line.split()])
    return output.getvalue() + errors.getvalue()


def _text_of(page: Path) -> str:
    reader = _Texts()
    reader.feed(page.read_text(encoding="utf-8"))
    return "\n".join(reader.texts)


class _Texts(HTMLParser):
    """All texts that a reader of a page sees or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_code = tag in ("style", "script")
        self.texts += [value for name, value in attrs if value and name in ("alt", "title", "aria-label")]

    def handle_endtag(self, tag: str) -> None:
        self._is_code = False

    def handle_data(self, data: str) -> None:
        if not self._is_code and data.strip():
            self.texts.append(data)


@pytest.mark.parametrize("name", [*LINES, "report"])
def test_nothing_is_said_past_the_catalogues(said: dict[str, str], name: str) -> None:
    assert said[name].strip()
    assert raw_words(said[name], OFFERED.get(name, "")) == [], said[name]
