"""Names as people and cameras give them: spaces at the ends, line breaks, bytes that are no text, far too long."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cli.commands import run_command
from core.project.project import Project
from core.project.queries import count_all
from core.cli.options import listed
from tests.conftest import draw_picture, write_class_folder
from tests.project_acts import import_folder

LONG = "x" * 3000
DEEP = "/".join(["d" * 200] * 25)
ODD = (" a.png", "b .png", "c.png ", "d\nx.png", "e\tx.png", "f\x1b[31m.png", 'g,"q".png', "CON.png",
       "h" * 240 + ".png", "i\u202egnp.png", "j.png.", "k\\x.png")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    write_class_folder(tmp_path / "train" / "red", "red", 3)
    write_class_folder(tmp_path / "train" / "blue", "blue", 3, first_seed=100)
    yield tmp_path


@pytest.mark.parametrize("name", [LONG, DEEP])
@pytest.mark.parametrize("command", [
    "new {} --from train", "new q --from {}", "new q --from train --test {}", "label p --csv {}", "runs {}",
    "restore {}", "health {}", "train {}", "train p --weights {}", "train p --from {}", "train p --resume {}",
    "predict p --out {}", "predict p --out {}/x.csv", "predict {} --out x.csv", "submit p --out {}",
    "review p --out {}", "review p --run {} --out x.html", "demo --headless --out {}",
])
def test_a_name_that_is_too_long_is_one_short_sentence(
    here: Path, capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    run_command(["new", "p", "--from", "train"])
    capsys.readouterr()
    assert run_command([word.format(name) for word in command.split()]) == 2
    said = capsys.readouterr()
    assert said.out == "" and 1 <= len(said.err.splitlines()) <= 12 and max(map(len, said.err.splitlines())) < 500
    assert "fault" not in said.err and "Traceback" not in said.err


def test_every_name_that_a_disk_can_hold_is_an_image(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for at, name in enumerate(ODD):
        for hue, folder in (("red", " red"), ("blue", "blue ")):
            path = here / "odd" / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            draw_picture(at + 100 * (hue == "blue"), hue).save(path, "png")
    with open(os.fsencode(here / "odd") + b"/blue /\xff\xfe.png", "wb") as file:
        draw_picture(999, "blue").save(file, "png")
    assert run_command(["new", " p ", "--from", "odd"]) == 0
    capsys.readouterr()
    assert run_command(["train", " p "]) == 0
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err and "\u202e" not in said.out + said.err
    assert run_command(["predict", " p ", "--out", " out .csv"]) == 0
    with open(" out .csv", newline="", encoding="utf-8", errors="surrogateescape") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == 2 * len(ODD) + 1 and not Path("out .csv").exists()
    assert {row["path"] for row in rows} >= {f"{folder}/{name}" for folder in (" red", "blue ") for name in ODD[:3]}
    assert {row["prediction"] for row in rows} == {"red", "blue"}
    assert run_command(["health", " p ", "--quick"]) == 0 and run_command(["review", " p ", "--out", "r.html"]) == 0


def test_a_folder_too_deep_to_be_reached_is_passed_over_and_named(here: Path) -> None:
    back = os.getcwd()
    try:
        os.chdir(here / "train")
        for _ in range(25):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        draw_picture(5, "red").save("deep.png")
    finally:
        os.chdir(back)
    with Project.create(here / "p") as project:
        summary = import_folder(project, here / "train")
        assert count_all(project).n_images == 6 and len(summary.skipped) == 1
        assert "too long" in str(summary.skipped[0].reason)


def test_errors_stay_on_their_line_and_command_no_terminal(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["runs", "no\n\x1b[31mproject\u202e"]) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 2 and "\x1b" not in said and "\u202e" not in said


def test_a_line_of_a_list_stays_one() -> None:
    assert len(listed(["a\nb.png: gone", "c\rd\u2028e.png"]).splitlines()) == 2
