"""Does another checkout find the same in the same images: `health --json` compared, before and after a training.

Usage: python -m benchmarks.same_health OTHER_CHECKOUT FOLDER [TEST_FOLDER]

Both programs make a project of the folders (`new`), check it (`health --json`), train (`train`) and check again, each
in a folder of its own. All values are compared but for those that hold words, which may be said differently: of
these only the numbers are compared. Prints each difference, and ends with 1 where there is any.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]

WORDS = {"title", "sentence", "sentences", "details", "rule", "reason", "figure", "model", "differences", "part"}
"""Keys whose values are said in words; numbers in those of `NUMBERED` are compared all the same."""

NUMBERED = {"sentence", "figure", "rule", "model"}
PASSING = {"seconds", "checked_at", "is_kept"}
"""Differ from one run to the next."""

_NUMBER = re.compile(r"\d[\d,.]*")


def main() -> None:
    """Compare this checkout with another one."""
    other, sources = Path(sys.argv[1]).resolve(), [Path(source).resolve() for source in sys.argv[2:]]
    differences = []
    with tempfile.TemporaryDirectory() as scratch:
        answers = [_ask(checkout, Path(scratch) / name, sources) for checkout, name in ((other, "a"), (HERE, "b"))]
        for step in answers[0]:
            found = list(_differences(answers[0][step], answers[1][step], step))
            print(f"{step}: {len(found)} differences; {len(answers[1][step].get('findings', ()))} findings")
            differences += found
    print("\n".join(differences))
    sys.exit(1 if differences else 0)


def _ask(checkout: Path, folder: Path, sources: list[Path]) -> dict[str, Any]:
    """The answers of one program, by step."""
    folder.mkdir()
    test = ["--test", str(sources[1])] if len(sources) > 1 else []
    _run(checkout, folder, "new", "p", "--from", str(sources[0]), *test)
    first = _run(checkout, folder, "health", "p")
    trained = _run(checkout, folder, "train", "p")
    kept = {name: trained[name] for name in ("findings", "accuracy", "confusion")}
    return {"health": first, "train": kept, "health after training": _run(checkout, folder, "health", "p")}


def _run(checkout: Path, folder: Path, *words: str) -> Any:
    environment = {**os.environ, "CATALEJO_NO_BOOTSTRAP": "1", "LC_ALL": "C.UTF-8", "CATALEJO_LANG": "en"}
    done = subprocess.run(
        [sys.executable, str(checkout / "main.py"), *words, "--json"], cwd=folder, env=environment, check=False,
        capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{checkout}: {' '.join(words)}\n{done.stderr}")
    return json.loads(done.stdout)


def _differences(before: Any, after: Any, at: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted((before.keys() | after.keys()) - PASSING):
            if key in before and key in after:
                yield from _differences(_said(key, before[key]), _said(key, after[key]), f"{at}.{key}")
            else:
                yield f"{at}.{key}: only {'before' if key in before else 'after'}"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for i, pair in enumerate(zip(before, after, strict=True)):
            yield from _differences(*pair, f"{at}[{i}]")
    elif before != after:
        yield f"{at}: {before!r} → {after!r}"


def _said(key: str, value: Any) -> Any:
    """A value without its words: their numbers, or only how many there are."""
    if key not in WORDS:
        return value
    if isinstance(value, list):
        return len(value)
    return set(_NUMBER.findall(str(value).replace("95 % CI", "").rstrip("."))) if key in NUMBERED else bool(value)


if __name__ == "__main__":
    main()
