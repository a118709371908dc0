"""A table that we write, in any form, encoding and separator, reads back to the same labels."""

from __future__ import annotations

import csv
import io
import json
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core.project.label_csv import export_labels, import_labels, neutralise
from tests.core.project.label_tables.conftest import MakeDesk

IMAGES = (
    "cat 1.png", "a/dog.png", "a/niño.png", "b/dog.png", "=sum.png", "7.png", "x,y;z.png", "ab.cd.png", "z9.png",
)
CLASSES = some.text(some.sampled_from("abcñ =-+'\"7/.\u4e2d"), min_size=1, max_size=8).map(
    lambda name: "/".join(" ".join(part.split()) for part in name.split("/") if part.strip())).filter(
    lambda name: bool(name.strip("' /-.=+")) and any(c.isalpha() for c in name))
"""Without the signs that part several labels in a cell: those are refused, unless the class is there already."""

LABELS = some.lists(some.sampled_from(range(3)), min_size=len(IMAGES), max_size=len(IMAGES))


def write_csv(rows: list[tuple[str, str]], separator: str, encoding: str, named: bool) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerows([("path", "label"), *((neutralise(a), neutralise(b)) for a, b in rows)])
    return ((f"sep={separator}\r\n" if named else "") + text.getvalue()).encode(encoding)


def test_what_is_written_is_read_again(make_desk: MakeDesk) -> None:
    desk = make_desk(IMAGES)
    numbers = count()

    @settings(max_examples=40, deadline=None, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))
    @given(some.lists(CLASSES, min_size=3, max_size=3, unique_by=str.casefold), LABELS,
           some.sampled_from(",;\t|"), some.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), some.booleans(),
           some.sampled_from(["csv", "json", "export"]))
    def check(
        names: list[str], labels: list[int], separator: str, encoding: str, is_named: bool, form: str
    ) -> None:
        meant = {image: names[label] for image, label in zip(IMAGES, labels, strict=True)}
        rows = list(meant.items())
        if form == "json":
            content = json.dumps([{"image": a, "label": b} for a, b in rows]).encode()
        else:
            content = write_csv(rows, separator, encoding, is_named)
        desk.read(content, f"{next(numbers)}.{'json' if form == 'json' else 'csv'}")
        assert desk.labels() == meant
        if form == "export":
            path = Path(desk.folder) / f"{next(numbers)}.csv"
            export_labels(desk.project, path)
            assert import_labels(desk.project, path).n_labelled == 0 and desk.labels() == meant

    check()
