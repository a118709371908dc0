"""Reads what the first lines of a maker of hard inputs say to type, and types it."""

from __future__ import annotations

import ast
import glob
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
COMMANDS = frozenset(
    "new label train predict submit review health runs classes classify restore backbones".split()
)
LONGEST_S = 600
_LOOP = re.compile(r"for (\w) in ([^:]+):\s*(.*)", re.DOTALL)
_RANGE = re.compile(r"(\d+) … (\d+)")


@dataclass(frozen=True, slots=True)
class Step:
    """One command that was typed, and what came of it."""

    words: tuple[str, ...]
    code: int
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        return f"{self.stdout}\n{self.stderr}"

    @property
    def name(self) -> str:
        return self.words[0]


@dataclass(slots=True)
class Transcript:
    """All commands of one maker in their order, and the folder that it filled."""

    out: Path
    steps: list[Step] = field(default_factory=list)

    def all(self, name: str) -> list[Step]:
        return [step for step in self.steps if step.name == name]

    def type(self, *words: str) -> Step:
        """Type one more command; its first word is the command."""
        command = [sys.executable, str(HOME / "main.py"), *words]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=LONGEST_S,
                              stdin=subprocess.DEVNULL, cwd=self.out)
        self.steps.append(Step(tuple(words), done.returncode, done.stdout, done.stderr))
        return self.steps[-1]


def split_docstring(maker: Path) -> tuple[list[str], str]:
    """The lines before “Expected:”, and what follows it."""
    text = ast.get_docstring(ast.parse(maker.read_text(encoding="utf-8"))) or ""
    before, _, expected = text.partition("Expected:")
    return before.splitlines(), " ".join(expected.split())


def play(maker: Path, out: Path) -> Transcript:
    """Make the inputs and type all that the first lines of the maker say.

    Raises:
        subprocess.CalledProcessError: The maker failed.
    """
    transcript = Transcript(out)
    lines, _ = split_docstring(maker)
    if not any(line.lstrip().startswith("python ") for line in lines):
        _make(maker, out, ())
    for line in lines:
        match = re.match(r"\s*python \S+\.py OUT((?: (?!new )\w+)?)\s*(.*)", line)
        if match:
            _make(maker, out, match[1].split())
            line = match[2]
        _type_line(line, transcript)
    return transcript


def _make(maker: Path, out: Path, words: Sequence[str]) -> None:
    subprocess.run([sys.executable, str(maker), str(out), *words], check=True)


def _type_line(line: str, transcript: Transcript) -> None:
    for piece, variable, values in _pieces(line):
        for value in values:
            words = _words(piece.replace(f"${variable}", value) if variable else piece, transcript)
            for one in words:
                transcript.type(*one)


def _pieces(line: str) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Commands of a line, with the variable and the values of a loop around each; a loop runs value by value."""
    before, loop, rest = line, None, ""
    if (at := re.search(r"\bfor \w in ", line)) is not None:
        before, loop = line[: at.start()], _LOOP.match(line[at.start():])
    for piece in before.split(" ; "):
        yield piece, "", ("",)
    if loop is not None:
        variable, rest = loop[1], loop[3]
        for value in _RANGE.sub(_spelt_out, loop[2]).split():
            for piece in rest.split(" ; "):
                yield piece, variable, (value,)


def _spelt_out(match: re.Match[str]) -> str:
    """“01 … 03” as “01 02 03”."""
    return " ".join(f"{n:0{len(match[1])}d}" for n in range(int(match[1]), int(match[2]) + 1))


def _words(piece: str, transcript: Transcript) -> list[list[str]]:
    """The words of one command, as often as it is to be typed; none for prose."""
    piece = piece.strip()
    name = piece.split(" ", 1)[0].rstrip(".,")
    if name not in COMMANDS or re.match(r"\w+ says", piece):
        return []
    if "…" in piece:  # “new … again, twice”
        last = next((step for step in reversed(transcript.steps) if step.name == name), None)
        return [list(last.words)] * (2 if "twice" in piece else 1) if last else []
    words = [word.replace("OUT", str(transcript.out)) for word in shlex.split(piece)]
    words = [one for word in words for one in _expanded(word)]
    if len(words) == 1 and transcript.steps:
        words.append(transcript.steps[-1].words[1])
    return [words]


def _expanded(word: str) -> list[str]:
    return sorted(glob.glob(word)) or [word] if "*" in word and os.sep in word else [word]
