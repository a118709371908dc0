"""Reads the program's sources for codes of sentences and for English that stands outside the catalogues.

    python -m tests.text.source_strings core/images gui/train     lists what looks like raw English there
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.text.message import CODE

HOME = Path(__file__).resolve().parents[2]
SOURCES = ("core", "gui", "main.py", "bootstrap.py")
_QUIET_CALLS = set("""
    debug info warning exception getLogger execute rows row scalar setObjectName compile
    KeyError RuntimeError ValueError TypeError AttributeError NotImplementedError OSError AssertionError
""".split())
"""Calls whose texts no user reads: the log, SQL, object names, errors that are faults of the program."""

_ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z“{(]|^[A-Z][a-z]+( |$|…|:|\.)|[a-z] [A-Z][a-z]")
_SQL = re.compile(r"\b(SELECT|UPDATE|INSERT|DELETE FROM|CREATE|PRAGMA|WHERE|ORDER BY|JOIN|BEGIN|CHECK)\b")


@dataclass(frozen=True, slots=True)
class Found:
    """A text in a source file: where it stands, and what it is; `{}` stands for what an f-string fills in."""

    path: Path
    line: int
    words: str


def python_files(*below: str) -> list[Path]:
    """All Python files of the program, or those below some of its folders."""
    roots = [HOME / name for name in below or SOURCES]
    return sorted(file for root in roots for file in ([root] if root.is_file() else root.rglob("*.py")))


def texts_in(path: Path) -> Iterator[Found]:
    """Every text constant and f-string of a file that is no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed_over = _docstrings(tree) | _quiet(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed_over |= {id(part) for part in node.values}  # what stands in its braces is looked at like all else
    for node in ast.walk(tree):
        if id(node) in passed_over:
            continue
        if isinstance(node, ast.JoinedStr):
            yield Found(path, node.lineno, "".join(
                part.value if isinstance(part, ast.Constant) else "{}" for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield Found(path, node.lineno, node.value)


def codes_used() -> tuple[set[str], list[re.Pattern[str]]]:
    """Codes that stand in the sources as they are, and patterns of those that an f-string puts together."""
    whole, patterns = set(), []
    for path in python_files():
        for found in texts_in(path):
            if "{}" in found.words and re.match(r"[a-z][a-z0-9_-]*\.", found.words):
                patterns.append(re.compile(re.escape(found.words).replace(r"\{\}", r"[a-z0-9_.-]+") + "$"))
            elif CODE.fullmatch(found.words):
                whole.add(found.words)
    for template in (HOME / "core").rglob("*.html"):
        whole |= set(re.findall(r"""["']([a-z][a-z0-9_.-]+)["']""", template.read_text(encoding="utf-8")))
    return whole, patterns


def raw_english(*below: str) -> list[Found]:
    """What looks like English that a user could read, outside the catalogues."""
    return [found for path in python_files(*below) for found in texts_in(path)
            if _ENGLISH.search(found.words) and not _SQL.search(found.words)]


def _docstrings(tree: ast.AST) -> set[int]:
    """Docstrings, also those below attributes: all texts that are a statement of their own."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _quiet(tree: ast.AST) -> set[int]:
    quiet: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in _QUIET_CALLS:
                quiet |= {id(part) for part in ast.walk(node)}
        elif isinstance(node, ast.Assert):
            quiet |= {id(part) for part in ast.walk(node)}
    return quiet


if __name__ == "__main__":
    listed = raw_english(*sys.argv[1:])
    for one in listed:
        print(f"{one.path.relative_to(HOME)}:{one.line}: {one.words[:100]!r}")
    print(len(listed), file=sys.stderr)
