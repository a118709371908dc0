"""Example answers of a template: an invented sample is no evidence, true answers under another map are refused."""

from __future__ import annotations

import random

import pytest

from core.errors import InputError
from core.submission import parse_class_map
from core.text import Message
from tests.core.submission.conftest import Maker

KINDS = ("cross", "disc", "square")


def images(n: int, kinds: tuple[str, ...]) -> dict[str, str]:
    return {f"t{i}.jpg": kinds[i % len(kinds)] for i in range(n)}


def template(answers: list[str]) -> str:
    return "id,label\n" + "".join(f"t{i},{answer}\n" for i, answer in enumerate(answers))


@pytest.mark.parametrize("n", [4, 6, 8, 40])
def test_reversed_answers_are_refused_and_both_maps_shown(submit: Maker, n: int) -> None:
    with pytest.raises(InputError) as refused:
        guns = ("pistol", "smartphone")
        submit(template(["10"[i % 2] for i in range(n)]), images(n, guns), guns)
    assert refused.value.message == Message(
        "submission.examples_contradict", codes="pistol = 0, smartphone = 1", better="pistol = 1, smartphone = 0",
        n_agree=0, n_examples=n, n_best=n)
    assert "--map pistol=1,smartphone=0, or --map pistol=0,smartphone=1 if the answers are invented" in \
        refused.value.hint
    assert not submit.out.exists()


def test_a_cycle_of_three_is_refused(submit: Maker) -> None:
    with pytest.raises(InputError, match="12 would with cross = 1, disc = 2, square = 0"):
        submit(template(["120"[i % 3] for i in range(12)]), images(12, KINDS), KINDS)


def test_two_of_many_swapped_are_refused(submit: Maker) -> None:
    kinds = tuple("abcdefghij")
    codes = {name: str(i) for i, name in enumerate(kinds)} | {"c": "7", "h": "2"}
    answers = images(80, kinds)
    with pytest.raises(InputError, match="64 of 80 agree with the predictions, and 80 would with"):
        submit(template([codes[name] for name in answers.values()]), answers, kinds)


def test_example_probabilities_are_evidence_too(submit: Maker) -> None:
    with pytest.raises(InputError, match="contradict the codes cat = 0, dog = 1"):
        pets = ("cat", "dog")
        submit(template(["0.9" if i % 2 == 0 else "0.2" for i in range(10)]), images(10, pets), pets)


def test_numbered_columns_with_true_answers_are_evidence(submit: Maker) -> None:
    lines = "".join(f"t{i},{int(i % 2 == 1)},{int(i % 2 == 0)}\n" for i in range(10))
    with pytest.raises(InputError, match="contradict the codes a = 0, b = 1"):
        submit("id,0,1\n" + lines, images(10, ("a", "b")), ("a", "b"))


def test_true_answers_agree_and_that_is_said(submit: Maker) -> None:
    answers = ["01"[i % 2] for i in range(20)]
    answers[3] = "0"
    submit(template(answers), images(20, ("a", "b")), ("a", "b"))
    assert submit.made.notes == (Message("submission.examples_agree", n_agree=19, n_examples=20),)


@pytest.mark.parametrize("seed", range(8))
def test_an_invented_sample_does_not_hinder(submit: Maker, seed: int) -> None:
    rng = random.Random(seed)
    for n, kinds in ((60, ("a", "b")), (90, KINDS)):
        submit(template([str(rng.randrange(len(kinds))) for _ in range(n)]), images(n, kinds), kinds)


def test_each_code_once_in_order_is_no_evidence(submit: Maker) -> None:
    kinds = tuple("abcde")
    answers = dict(zip((f"t{i}.jpg" for i in range(5)), "bcdea", strict=True))
    rows = submit(template(list("01234")), answers, kinds)
    assert [row[1] for row in rows[1:]] == ["1", "2", "3", "4", "0"]


def test_a_constant_sample_is_no_evidence(submit: Maker) -> None:
    submit(template(["1"] * 30), {f"t{i}.jpg": "a" for i in range(30)}, ("a", "b"))
    assert submit.made.notes == ()


@pytest.mark.parametrize("n", [12, 60])
def test_names_of_classes_mean_what_they_say_whatever_the_sample_answers(submit: Maker, n: int) -> None:
    rows = submit(template([("dog", "cat")[i % 2] for i in range(n)]), images(n, ("cat", "dog")), ("cat", "dog"))
    said = submit.made.notes[0].params
    assert rows[1] == ["t0", "cat"] and (said["n_agree"], said["n_examples"]) == (0, n)


def test_numbers_that_are_class_names_stand_against_few_examples(submit: Maker) -> None:
    swapped = [str(2 - i % 2) for i in range(60)]
    assert submit(template(swapped[:12]), images(12, ("1", "2")), ("1", "2"))[1] == ["t0", "1"]
    with pytest.raises(InputError, match="contradict the codes 1 = 1, 2 = 2"):
        submit(template(swapped), images(60, ("1", "2")), ("1", "2"))


def test_a_given_map_wins_over_few_examples_with_a_word(submit: Maker) -> None:
    given = parse_class_map("a=1,b=0")
    rows = submit(template(["01"[i % 2] for i in range(10)]), images(10, ("a", "b")), ("a", "b"), class_map=given)
    assert rows[1] == ["t0", "1"]
    assert submit.made.notes == (
        Message("submission.examples_doubt", n_agree=0, n_examples=10, n_best=10, better="a = 0, b = 1"),)


def test_a_given_map_that_all_of_many_examples_contradict_is_refused(submit: Maker) -> None:
    answers = template(["01"[i % 2] for i in range(40)])
    with pytest.raises(InputError) as refused:
        submit(answers, images(40, ("a", "b")), ("a", "b"), class_map=parse_class_map("a=1,b=0"))
    assert refused.value.hint_message == Message("submission.other_codes_or_none")
    empty = template([""] * 40)
    rows = submit(empty, images(40, ("a", "b")), ("a", "b"), class_map=parse_class_map("a=1,b=0"))
    assert rows[1] == ["t0", "1"]
