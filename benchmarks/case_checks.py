"""What is expected of each kind of hard input, compared with what the commands wrote and said."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.case_script import Step, Transcript


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    expected: str
    got: str
    holds: bool


def check_manners(transcript: Transcript) -> Iterator[Line]:
    """What holds for every command: no traceback, and an exit code of the contract."""
    odd = [step for step in transcript.steps if "Traceback" in step.said or step.code not in (0, 2)]
    yield Line("every command ends with 0 or 2 and no traceback",
               "; ".join(f"{' '.join(s.words[:2])}: {s.code}" for s in odd) or "so it is", not odd)


def _table(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _json(transcript: Transcript, *words: str) -> Mapping[str, Any]:
    step = transcript.type(*words, "--json")
    return json.loads(step.stdout) if step.code == 0 else {}


def _classes(transcript: Transcript, project: str) -> dict[str, int]:
    found = _json(transcript, "classes", str(transcript.out / project))
    rows = found.get("classes", {})
    return dict(rows) if isinstance(rows, dict) else {row["name"]: row["images"] for row in rows}


def _predictions(transcript: Transcript, project: str) -> dict[str, str]:
    out = transcript.out / "asked.csv"
    transcript.type("predict", str(transcript.out / project), "--split", "test", "--out", str(out))
    return {row["path"]: row["prediction"] for row in _table(out)}


def _same(expected: str, wanted: object, got: object) -> Line:
    return Line(f"{expected}: {wanted}", str(got), wanted == got)


def _says(step: Step, pattern: str, expected: str) -> Line:
    found = re.search(pattern, step.said, re.IGNORECASE)
    return Line(expected, found[0] if found else step.said.strip()[:300] or "nothing", found is not None)


def _replaced(transcript: Transcript) -> Iterator[Line]:
    said = [row["prediction"] for row in _table(transcript.out / "day2.csv")]
    yield _same("day 2 is predicted from the new pixels", ["square"] * 6, said)
    yield _says(transcript.all("new")[1], r"6 [^\n]*changed", "`new` says that six images changed")
    codes = [list(row.values())[-1] for row in _table(transcript.out / "s.csv")]
    yield _same("the submission follows", ["1"] * 6, codes)


def _numeric(transcript: Transcript) -> Iterator[Line]:
    predicted = _predictions(transcript, "p")
    for name in ("s.csv", "t.csv"):
        step = next(s for s in transcript.all("submit") if str(transcript.out / name) in s.words)
        rows = {list(row.values())[0]: list(row.values())[-1] for row in _table(transcript.out / name)}
        is_refused = step.code == 2 and "--map" in step.said and not rows
        yield Line(f"{name} holds the class numbers that were predicted, or --map is asked for",
                   "refused" if is_refused else str(rows), is_refused or rows == predicted)
        yield _says(step, r"12\b.*=|--map", "the class map is printed")


def _probabilities(transcript: Transcript) -> Iterator[Line]:
    probabilities = transcript.out / "p.csv"
    transcript.type("predict", str(transcript.out / "p"), "--split", "test", "--out", str(probabilities))
    wanted = {Path(row["path"]).stem: {k[2:]: float(v) for k, v in row.items() if k.startswith("p_")}
              for row in _table(probabilities)}
    for name in ("a.csv", "b.csv"):
        got = {row["image"]: {k: float(v) for k, v in row.items() if k != "image"}
               for row in _table(transcript.out / name)}
        is_equal = got.keys() == wanted.keys() and bool(wanted) and all(
            abs(got[i][c] - p) < 1e-3 for i, row in wanted.items() for c, p in row.items())
        yield Line(f"{name} has the probability of each class in its own column", str(got.get("t0")), is_equal)
    last = transcript.all("submit")[2]
    yield Line("one probability for three classes is refused by name", last.stderr.strip()[:200],
               last.code == 2 and "probabilit" in last.stderr and not (transcript.out / "c.csv").exists())


def _majority(transcript: Transcript) -> Iterator[Line]:
    plain, as_json = transcript.all("train")
    yield _says(plain, r"square[^\n]*", "a class that is hardly found is named")
    yield _says(plain, r"always[^\n]*95\.2[^\n]*", "always saying disc is right in 95.2 %")
    facts = json.loads(as_json.stdout)
    yield _same("baseline_accuracy", 0.952, round(facts.get("baseline_accuracy", -1), 3))
    recall = {row["name"]: row["recall"] for row in facts.get("per_class", ())}.get("square", 1)
    weak = [row["name"] for row in facts.get("weak_classes", ())]
    yield Line("weak_classes names square if its recall is under one half", f"recall {recall}, {weak}",
               ("square" in weak) == (recall < 0.5))
    mean = sum(row["recall"] for row in facts["per_class"]) / len(facts["per_class"])
    yield _same("balanced_accuracy", round(mean, 6), round(facts.get("balanced_accuracy", -1), 6))
    yield _says(transcript.all("runs")[0], r"always[^\n]*|baseline[^\n]*|balanced[^\n]*", "`runs` shows it beside")


def _all_labelled(transcript: Transcript, n: int) -> Iterator[Line]:
    for step in transcript.all("label"):
        found = re.search(r"(\d+) [^\n]*labelled\.\s+(\d+) image", step.stdout)
        total = int(found[1]) + int(found[2]) if found else -1
        yield _same(f"{Path(step.words[3]).name}: images labelled", n, total)
        is_complete = step.code == 0 and not re.search(r"no (image|picture) |several (images|pictures)", step.stdout)
        yield Line("  and no row left over", step.said.strip()[:160], is_complete)


def _tables(transcript: Transcript) -> Iterator[Line]:
    yield from _all_labelled(transcript, 24)


def _labelled_test(transcript: Transcript) -> Iterator[Line]:
    run = _json(transcript, "runs", str(transcript.out / "p"))["runs"][0]
    test = run.get("test") or {}
    yield _same("labelled test images", 18, test.get("n"))
    predicted = _predictions(transcript, "p")
    truth = {row["path"]: row["label"] for row in _table(transcript.out / "test_labels.csv")}
    wrong = sum(predicted.get(path) != label for path, label in truth.items())
    yield _same("mistakes of the test set", wrong, len(test.get("mistakes", ())))
    yield _says(transcript.all("runs")[0], r"test[^\n]*", "`runs` says the test accuracy")
    page = transcript.out / "r.html"
    yield Line("the report has the test set", str(page.is_file()), page.is_file() and "Test" in page.read_text())


def _broken(transcript: Transcript) -> Iterator[Line]:
    first, second = transcript.all("submit")
    facts = json.loads(first.stdout) if first.code == 0 else {}
    is_named = "3.jpg" in str(facts.get("skipped")) or "3.jpg" in str(facts.get("guessed")) or "3.jpg" in first.stderr
    yield Line("a.csv: 3.jpg is named as left out", str(facts.get("skipped") or first.stderr)[:200], is_named)
    yield Line("b.csv: the refusal says that 3.jpg cannot be read", second.said.strip()[:200],
               "3.jpg" in second.said and "read" in second.said and "Add the missing" not in second.said)
    facts = json.loads(transcript.all("predict")[0].stdout)
    yield Line("c.csv: 3.jpg is in skipped", str(facts.get("skipped"))[:200], "3.jpg" in str(facts.get("skipped")))


def _bits(transcript: Transcript) -> Iterator[Line]:
    accuracy = {name: _json(transcript, "runs", str(transcript.out / f"{name}.p"))["runs"][0]["accuracy"]
                for name in ("eight", "twelve", "ten", "eight_in_16")}
    for name, value in accuracy.items():
        yield Line(f"{name}: about the accuracy of eight bits ({accuracy['eight']:.3f})", f"{value:.3f}",
                   abs(value - accuracy["eight"]) <= 0.1)


def _thumbnails(transcript: Transcript) -> Iterator[Line]:
    for project in ("p", "q"):
        yield _same("classes", {"disc": 12, "square": 12}, _classes(transcript, project))


def _renamed(transcript: Transcript) -> Iterator[Line]:
    yield _same("one class for one thing", {"circle": 18, "frame": 6, "square": 6}, _classes(transcript, "p"))


def _layouts(transcript: Transcript) -> Iterator[Line]:
    for name in ("splits", "mixed", "wrapped", "batches"):
        yield _same(f"{name}: classes", ["disc", "square"], sorted(_classes(transcript, f"{name}.p")))


def _heic(transcript: Transcript) -> Iterator[Line]:
    step = transcript.all("new")[0]
    yield _says(step, r"HEI[CF][^\n]*", "it is said that the files are HEIC")
    yield Line("and nothing untrue", "header is damaged" if "header is damaged" in step.said else "so it is",
               "header is damaged" not in step.said)


def _spelling(transcript: Transcript) -> Iterator[Line]:
    pointed_out = r"[^\n]*“?Disc”?,? and “?disc”?[^\n]*|[^\n]*“?disc”?,? and “?Disc”?[^\n]*|merge[^\n]*[Dd]isc[^\n]*"
    for name in ("new", "label"):
        yield _says(transcript.all(name)[0], pointed_out, f"`{name}` points out Disc and disc")
    yield _same("stray blanks are one class", 1,
                sum(name.strip() == "square" for name in _classes(transcript, "p")))


def _names(transcript: Transcript) -> Iterator[Line]:
    found = _json(transcript, "health", str(transcript.out / "p"))
    about = [f["sentence"] for f in found["findings"] if "name" in f["key"] or "file names" in f["sentence"]
             or "different sources" in f["sentence"]]
    yield _same("no finding about the files' names", [], about)
    train = transcript.all("train")[0]
    yield Line("and none beside the accuracy", train.stdout.strip()[:160], "Before you believe" not in train.stdout)


CHECKS: Mapping[str, Callable[[Transcript], Iterator[Line]]] = {
    "01": _replaced, "02": _numeric, "03": _probabilities, "04": _majority, "05": _tables, "06": _tables,
    "07": _tables, "08": _tables, "10": _labelled_test, "11": _broken, "12": _bits, "13": _thumbnails,
    "14": _renamed, "15": _layouts, "16": _heic, "19": _spelling, "22": _names,
}
