"""Every form of label table gives the right label to every image, or is refused by name."""

from __future__ import annotations

import re

import pytest

from core.errors import InputError
from tests.core.project.label_tables.conftest import MakeDesk
from tests.inputs.example import Example
from tests.inputs.label_tables import IMAGES, REFUSED, UNDERSTOOD


def title(example: Example) -> str:
    return example.title


@pytest.mark.parametrize("example", UNDERSTOOD, ids=title)
def test_each_example_is_understood(make_desk: MakeDesk, example: Example) -> None:
    desk = make_desk(IMAGES)
    summary = desk.read(example.text)
    assert desk.labels() == IMAGES
    assert (summary.n_labelled, summary.unknown, summary.ambiguous, summary.contradicting) == (4, (), (), ())
    assert summary.without_label == summary.several_labels == ()
    assert bool(summary.found.n_loose) == ("photo_4" in example.text), "uploads lose spaces, all else is exact"


@pytest.mark.parametrize("example", REFUSED, ids=title)
def test_each_example_that_is_no_table_of_labels_is_refused(make_desk: MakeDesk, example: Example) -> None:
    desk = make_desk(IMAGES)
    with pytest.raises(InputError) as caught:
        desk.read(example.text)
    said = re.sub(r" “table\.csv”|;.*|\.$", "", caught.value.sentence)
    promised = example.result.partition("“")[2].partition("”")[0]
    assert said.startswith(promised), said
    assert desk.labels() == {} and caught.value.hint


@pytest.mark.parametrize("text", [
    '{"file": {"0": "a.jpg", "1": "b.jpg"}, "label": {"0": "cat", "1": "dog"}, "age": {"0": 3, "1": 4}}',
    '{"file": ["a.jpg", "b.jpg"], "label": ["cat", "dog"]}',
    '{"columns": ["file", "label"], "index": [0, 1], "data": [["a.jpg", "cat"], ["b.jpg", "dog"]]}',
])
def test_tables_as_pandas_writes_them_in_json(make_desk: MakeDesk, text: str) -> None:
    desk = make_desk(("a.jpg", "b.jpg"))
    assert desk.read(text).n_labelled == 2
    assert desk.labels() == {"a.jpg": "cat", "b.jpg": "dog"}


def test_classes_that_are_called_like_titles_stay_classes(make_desk: MakeDesk) -> None:
    desk = make_desk(("a.jpg", "b.jpg", "c.jpg"))
    desk.read('{"image": ["a.jpg", "c.jpg"], "label": ["b.jpg"]}')
    assert desk.labels() == {"a.jpg": "image", "b.jpg": "label", "c.jpg": "image"}
