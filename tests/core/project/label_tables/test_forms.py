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
    assert said.startswith(promised.replace("hold image", "of the table hold image")), said
    assert desk.labels() == {} and caught.value.hint
