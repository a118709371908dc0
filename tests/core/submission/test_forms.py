"""Templates of every usual form: what is written is what the run predicts, or a refusal that says what is unclear."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.submission import Says, parse_class_map
from core.text import Message, text
from tests.core.submission.conftest import Maker
from tests.inputs.example import Example
from tests.inputs.templates import EXAMPLES

PETS = {"test/7.jpg": "cat", "test/8.jpg": "dog", "test/10.jpg": "cat"}
P_CAT = {"7.jpg": 0.9, "8.jpg": 0.11, "10.jpg": 0.88}
"""What the run gives the class cat; see `probabilities_of`."""

_CLASSES = ["cat", "dog", "cat"]
EXPECTED: dict[str, list[list[object]]] = {
    "Names of classes": [_CLASSES],
    "Names in another spelling": [["CAT", "DOG", "CAT"]],
    "Codes": [["0", "1", "0"]],
    "The same number everywhere": [["0", "1", "0"]],
    "Empty answers": [["0", "1", "0"]],
    "One probability": [[0.1, 0.89, 0.12]],
    "One probability, titled by its class": [[0.9, 0.11, 0.88]],
    "Yes or no": [["True", "False", "True"]],
    "A column a class": [[0.1, 0.89, 0.12], [0.9, 0.11, 0.88]],
    "A column a class, by number": [[0.9, 0.11, 0.88], [0.1, 0.89, 0.12]],
    "One-hot": [["1", "0", "1"], ["0", "1", "0"]],
    "Class and confidence": [_CLASSES, [0.9, 0.89, 0.88]],
    "A line for each image and class": [["cat", "dog"] * 3, [0.9, 0.1, 0.11, 0.89, 0.88, 0.12]],
    "Image and class in one id": [[0.9, 0.1, 0.11, 0.89, 0.88, 0.12]],
    "Ids with folders, zeros, other endings": [_CLASSES],
    "Other columns, the id last": [["1", "2", "1"], _CLASSES],
    "No titles": [_CLASSES],
    "From a spreadsheet with semicolons": [[0.1, 0.89, 0.12]],
}
"""What stands in the columns besides the id."""


def columns(rows: list[list[str]], expected: list[list[object]], *, but: int) -> list[list[object]]:
    """Columns other than that of the ids, read as numbers where numbers are expected."""
    found = [list(column) for i, column in enumerate(zip(*rows, strict=True)) if i != but]
    return [[float(cell) if isinstance(want[0], float) else cell for cell in column]
            for column, want in zip(found, expected, strict=True)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_the_examples_of_the_docs(submit: Maker, example: Example) -> None:
    rows = submit(example.text, PETS, ("dog", "cat"))
    given = [line.split(";" if ";" in example.text else ",") for line in example.text.splitlines()
             if not line.startswith("sep=")]
    n_titles = 0 if example.title == "No titles" else 1
    at = given[0].index("id") if "id" in given[0] else 0
    assert [row[at] for row in rows] == [line[at] for line in given], "titles and ids stay"
    expected = EXPECTED[example.title]
    found = columns(rows[n_titles:], expected, but=at)
    assert found == [[pytest.approx(cell, abs=1e-6) if isinstance(cell, float) else cell for cell in column]
                     for column in expected]


KINDS = ("cross", "disc", "square")
SHAPES = {"t0.jpg": "cross", "t1.jpg": "disc", "t2.jpg": "square"}


def test_columns_of_classes_sum_to_exactly_one(submit: Maker) -> None:
    rows = submit("image,square,cross,disc\nt0,0,0,0\nt1,0,0,0\nt2,0,0,0\n", SHAPES, KINDS)
    assert rows[0] == ["image", "square", "cross", "disc"]
    for row, best in zip(rows[1:], ("cross", "disc", "square"), strict=True):
        assert sum(int(cell.replace(".", "")) for cell in row[1:]) == 10**9
        assert rows[0][1:][max(range(3), key=lambda i: float(row[1 + i]))] == best


@pytest.mark.parametrize("titles", [
    "cross,disc,square", "Cross,DISC,Square", "p_cross,p_disc,p_square", "prob_cross,prob_disc,prob_square",
    "P(cross),P(disc),P(square)", "cross_prob,disc_prob,square_prob", "is_cross,is_disc,is_square",
    "0,1,2", "c0,c1,c2", "class_0,class_1,class_2", "p0,p1,p2", "Probability_0,Probability_1,Probability_2",
])
def test_columns_are_found_by_their_titles(submit: Maker, titles: str) -> None:
    rows = submit(f"image,{titles}\nt0,0.3,0.3,0.4\nt1,0.3,0.3,0.4\nt2,0.3,0.3,0.4\n", SHAPES, KINDS)
    assert [row[1:].index(max(row[1:])) for row in rows[1:]] == [0, 1, 2]


def test_a_map_says_which_numbered_column_is_whose(submit: Maker) -> None:
    given = parse_class_map("cross=2,disc=0,square=1")
    rows = submit("image,0,1,2\nt0,0,0,0\nt1,0,0,0\nt2,0,0,0\n", SHAPES, KINDS, class_map=given)
    assert [row[1:].index(max(row[1:])) for row in rows[1:]] == [2, 0, 1]
    with pytest.raises(InputError, match="numbered 0, 1, 2, but the codes of the classes are 1, 2, 3"):
        submit("image,0,1,2\nt0,0,0,0\nt1,0,0,0\nt2,0,0,0\n", SHAPES, KINDS, class_map="1")


def test_numbered_columns_of_numbered_classes(submit: Maker) -> None:
    answers = {f"t{k}.jpg": str(k) for k in (1, 2, 10)}
    lines = "".join(f"t{k},0,0,0\n" for k in (1, 2, 10))
    rows = submit(f"image,1,10,2\n{lines}", answers, ("1", "10", "2"))
    assert [row[1:].index(max(row[1:])) for row in rows[1:]] == [0, 2, 1]
    with pytest.raises(InputError, match="“0”, which is none of them"):
        submit(f"image,0,1,2\n{lines}", answers, ("1", "10", "2"))
    rows = submit(f"image,0,1,2\n{lines}", answers, ("1", "10", "2"), class_map="0")
    assert [row[1:].index(max(row[1:])) for row in rows[1:]] == [0, 1, 2]


def test_zeros_and_ones_mean_what_their_pattern_says(submit: Maker) -> None:
    hot = "image,cross,disc,square\nt0,0,1,0\nt1,1,0,0\nt2,1,0,0\n"
    assert [row[1:] for row in submit(hot, SHAPES, KINDS)[1:]] == [["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"]]
    assert float(submit(hot, SHAPES, KINDS, wanted=Says.PROBABILITY)[1][1]) == pytest.approx(0.9)
    assert submit("image,cross,disc,square\nt0,0,0,0\nt1,0,0,0\nt2,0,0,0\n", SHAPES, KINDS,
                  wanted=Says.ONE_HOT)[1][1:] == ["1", "0", "0"]


def test_a_label_beside_the_columns_is_written_too(submit: Maker) -> None:
    template = "id,prediction,confidence,p_cat,p_dog\n7,dog,0,0,0\n8,dog,0,0,0\n10,dog,0,0,0\n"
    rows = submit(template, PETS, ("cat", "dog"))
    assert [row[1] for row in rows[1:]] == ["cat", "dog", "cat"]
    assert [float(cell) for cell in rows[2][2:]] == pytest.approx([0.89, 0.11, 0.89], abs=1e-6)


@pytest.mark.parametrize(("template", "kinds", "expected"), [
    ("id,label\nt0,0.5\nt1,0.5\nt2,0.5\n", "square=1,cross=0,disc=0", [0.05, 0.055, 0.88]),
    ("id,label\nt0,0.5\nt1,0.5\nt2,0.5\n", "square=1,cross=1,disc=0", [0.95, 0.11, 0.94]),
    ("id,disc\nt0,0.5\nt1,0.5\nt2,0.5\n", None, [0.05, 0.89, 0.06]),
    ("id,probability_of_disc\nt0,\nt1,\nt2,\n", None, [0.05, 0.89, 0.06]),
])
def test_one_probability_of_several_classes(
    submit: Maker, template: str, kinds: str | None, expected: list[float]
) -> None:
    given = parse_class_map(kinds) if kinds else None
    rows = submit(template, SHAPES, KINDS, class_map=given)
    assert [float(row[1]) for row in rows[1:]] == pytest.approx(expected, abs=1e-6)
    assert submit.made.form.words.code == "submission.form.probability"


def test_one_against_all_others_by_the_title(submit: Maker) -> None:
    assert [row[1] for row in submit("id,is_disc\nt0,0\nt1,0\nt2,0\n", SHAPES, KINDS)[1:]] == ["0", "1", "0"]
    assert submit.made.form.words.code == "submission.form.class"
    assert list(map(str, submit.made.notes)) == [
        text("submission.shared_code", names="“cross”, “square”", code="0")]


@pytest.mark.parametrize(("classes", "word"), [(("negative", "positive"), "positive"), (("0", "1"), "1")])
def test_one_probability_of_two_classes_is_of_code_1_and_says_so(
    submit: Maker, classes: tuple[str, str], word: str
) -> None:
    answers = {"a.jpg": classes[1], "b.jpg": classes[0]}
    rows = submit("id,target\na,0.5\nb,0.5\n", answers, classes)
    assert [float(row[1]) > 0.5 for row in rows[1:]] == [True, False]
    assert str(submit.made.form.words) == text("submission.form.probability", column="“target”", names=word)
    assert word in str(submit.made.form.codes.reason)


def test_what_a_column_of_zeros_means_can_be_said(submit: Maker) -> None:
    template = "id,label\n7,0\n8,0\n10,0\n"
    assert [row[1] for row in submit(template, PETS, ("cat", "dog"))[1:]] == ["0", "1", "0"]
    said = submit(template, PETS, ("cat", "dog"), wanted=Says.PROBABILITY)
    assert [float(row[1]) for row in said[1:]] == pytest.approx([0.1, 0.89, 0.12], abs=1e-6)
    assert submit("id,label\n7,0.5\n8,0.5\n10,0.5\n", PETS, ("cat", "dog"), wanted=Says.CLASS)[2] == ["8", "1"]
    wide = submit(None, PETS, ("cat", "dog"), wanted=Says.PROBABILITY)
    assert wide[0] == ["ID", "cat", "dog"] and float(wide[2][2]) == pytest.approx(0.89)


def test_a_map_that_a_template_does_not_need_is_said(submit: Maker) -> None:
    given = parse_class_map("cross=0,disc=1,square=2")
    submit("image,cross,disc,square\nt0,0,0,0\nt1,0,0,0\nt2,0,0,0\n", SHAPES, KINDS, class_map=given)
    assert submit.made.notes == (
        Message("submission.map_not_used", reason=Message("submission.titles_name_classes")),)


T = "id,label\n"
THREE = "t0,{0}\nt1,{0}\nt2,{0}\n"


@pytest.mark.parametrize(("template", "code", "words"), [
    (T + THREE.format("0.5"), "probability_of_which_of_many", "“cross”, “disc”"),
    ("id,probability\n" + THREE.format("0"), "probability_of_which_of_many", "“cross”, “disc”"),
    ("id,cross,disc\n" + THREE.format("0,0"), "class_without_column", "none for “square”"),
    ("id,cross,disc,square,star\n" + THREE.format("0.25,0.25,0.25,0.25"), "column_of_unknown_class", "“star”"),
    ("id,cross,disc,square,star\nt0,0,0,0,1\nt1,1,0,0,0\nt2,1,0,0,0\n", "column_of_unknown_class", "“star”"),
    ("id,cross,disc,square\n" + THREE.format("33.3,33.3,33.3"), "no_probability", "“33.3”"),
    ("id,cross,disc,square\n" + THREE.format("no,no,no"), "no_probability", "“no”"),
    ("id,0,1,2,3\n" + THREE.format("0,0,0,0"), "other_number_of_columns",
     "4 numbered columns (“0”, “1”, “2” and 1 more)"),
    ("id,cross,p_cross,disc,square\n" + THREE.format("0,0,0,0"), "two_columns_of_class", "“cross”"),
    (THREE.format("0,0,0"), "columns_without_titles", "3"),
    ("id,width,height\n" + THREE.format("10,20"), "answer_column_unclear", "“width” or “height”"),
    ("id,label,class\n" + THREE.format("0,0"), "answer_column_unclear", "“label” or “class”"),
    ("id,class,probability\n" + "".join(f"t{i},{k},0\n" for i in range(3) for k in ("cross", "disc")),
     "missing_row", "“t0” and the class “square”"),
    ("id,class,probability\n" + "".join(f"t{i},{k},0\n" for i in range(3) for k in ("cross", "disc", "disc")),
     "doubled_row", "2 lines for “t0” and the class “disc”"),
    ("id,class,probability\n" + "".join(f"t{i},{k},0\n" for i in range(3) for k in (*KINDS, "star")),
     "rows_of_unknown_classes", "“star”"),
    (T + THREE.format("cross") + "t2,disc\n", "ids_twice", "“t2”"),
    ("id,cross,disc,square,star\n" + THREE.format("0,0,0,0"), "column_of_unknown_class", "“star”"),
    ("id,cross,disc,square,star\n" + THREE.format(",,,"), "column_of_unknown_class", "“star”"),
    ("id,cross,disc,square\n" + THREE.format("-1.1,-1.1,-1.1"), "no_probability", "“-1.1”"),
    ("id,label,label2\n" + THREE.format("disc,disc"), "two_answer_columns", "“label” and “label2”"),
    ("id,cross,label\n" + THREE.format("0.5,disc"), "two_answer_columns", "“label” and “cross”"),
    ("id,cross,not_cross\n" + THREE.format("0.5,0.5"), "two_answer_columns", "“cross” and “not_cross”"),
    ("id,label,label_name\n" + THREE.format("0,disc"), "two_answer_columns", "“label_name” and “label”"),
    ("id,label,xmin,ymin,xmax,ymax\n" + THREE.format("disc,0,0,1,1"), "other_task", "“xmin”"),
    ("id,EncodedPixels\n" + THREE.format(""), "column_of_other_task", "“EncodedPixels”"),
    ("id,PredictionString\n" + THREE.format("0"), "column_of_other_task", "“PredictionString”"),
    ("id,p\n" + "".join(f"t{i}_{k},0\n" for i in range(3) for k in KINDS if (i, k) != (1, "disc")),
     "missing_row", "“t1” and the class “disc”"),
    (T + "t0,yes\nt1,no\nt2,no\n", "yes_of_which_class", "“yes”, “no”"),
    ("id,name\n" + "a,b\n" * 3, "no_id_column", "“template.csv”"),
    ("id\nt0\nt1\n", "one_column_only", "template.csv"),
    ("", "one_column_only", "template.csv"),
    ("id,label\n", "no_lines", "template.csv"),
    (T + "t0,cross\nt1\nt2,disc\n", "uneven_lines", "2 cells, and the line of “t1” has 1"),
])
def test_what_cannot_be_understood_is_refused_by_name(
    submit: Maker, template: str, code: str, words: str
) -> None:
    with pytest.raises(InputError) as refused:
        submit(template, SHAPES, KINDS)
    assert refused.value.message.code == f"submission.{code}" and words in refused.value.sentence
    assert refused.value.hint
    assert not submit.out.exists()


def test_a_column_that_may_be_either_is_asked_about(submit: Maker) -> None:
    with pytest.raises(InputError, match="can stand for a class or for a probability"):
        submit("id,label\n7,0.0\n8,0.0\n10,0.0\n", PETS, ("cat", "dog"))
    assert submit("id,label\n7,0.0\n8,0.0\n10,0.0\n", PETS, ("cat", "dog"), wanted=Says.CLASS)[2] == ["8", "1.0"]


def test_a_form_that_has_no_room_for_what_is_wanted(submit: Maker) -> None:
    with pytest.raises(InputError, match="no room for one-hot"):
        submit(T + THREE.format("0"), SHAPES, KINDS, wanted=Says.ONE_HOT)
    with pytest.raises(InputError, match="a class cannot be written into them"):
        submit("id,cross,disc,square\n" + THREE.format("0,0,0"), SHAPES, KINDS, wanted=Says.CLASS)


def test_a_score_beside_the_class_is_its_probability(submit: Maker) -> None:
    for title in ("score", "probability", "prob"):
        rows = submit(f"id,label,{title}\n7,cat,0.5\n8,cat,0.5\n10,cat,0.5\n", PETS, ("cat", "dog"))
        assert [(row[1], float(row[2])) for row in rows[1:]] == [
            ("cat", pytest.approx(0.9)), ("dog", pytest.approx(0.89)), ("cat", pytest.approx(0.88))]


def test_one_probability_of_a_class_that_the_run_does_not_know_is_refused(submit: Maker) -> None:
    table = "id,{}\n7,0.5\n8,0.5\n10,0.5\n"
    for title in ("bird", "p_bird", "is_bird"):
        with pytest.raises(InputError, match="its title names neither “cat” nor “dog”"):
            submit(table.format(title), PETS, ("cat", "dog"))
    rows = submit(table.format("bird"), PETS, ("cat", "dog"), class_map={"cat": "1", "dog": "0"})
    assert float(rows[1][1]) == pytest.approx(0.9)


@pytest.mark.parametrize("title", [
    "label", "target", "probability", "score", "Predicted", "Expected", "prediction_score", "class_probability", "p1",
])
def test_titles_that_name_no_class_mean_the_class_with_code_1(submit: Maker, title: str) -> None:
    rows = submit(f"id,{title}\n7,0.5\n8,0.5\n10,0.5\n", PETS, ("cat", "dog"))
    assert float(rows[1][1]) == pytest.approx(0.1)


def test_columns_that_are_kept_are_said(submit: Maker) -> None:
    submit("id,label,Usage,fold\n7,cat,Public,0\n8,cat,Public,0\n10,cat,Public,0\n", PETS, ("cat", "dog"))
    assert list(map(str, submit.made.notes)) == [text("submission.kept", columns="“Usage”, “fold”")]
    lines = "".join(f"{i},{k},0\n" for i in (7, 8, 10) for k in ("cat", "dog"))
    submit("id,class,p\n" + lines, PETS, ("cat", "dog"))
    assert submit.made.notes == ()


def test_columns_of_numbers_may_lack_the_leading_zeros_of_the_classes(submit: Maker) -> None:
    classes = tuple(f"{i:02d}" for i in range(1, 13))
    answers = {f"t{name}.jpg": name for name in classes}
    titles = sorted(str(i) for i in range(1, 13))
    lines = "".join(f"t{name},{','.join('0' * 12)}\n" for name in classes)
    rows = submit(f"id,{','.join(titles)}\n{lines}", answers, classes)
    assert [titles[max(range(12), key=lambda i: float(row[i + 1]))] for row in rows[1:]] == [
        str(i) for i in range(1, 13)]
    with pytest.raises(InputError, match="“0”, which is none of them"):
        submit(f"id,{','.join(str(i) for i in range(12))}\n{lines}", answers, classes)


@pytest.mark.parametrize(("answer", "expected"), [
    ("False", ["True", "False", "True"]), ("TRUE", ["TRUE", "FALSE", "TRUE"]), ("no", ["yes", "no", "yes"]),
    ("f", ["t", "f", "t"]),
])
def test_one_word_everywhere_under_the_title_of_a_class(submit: Maker, answer: str, expected: list[str]) -> None:
    rows = submit(f"id,is_cat\n7,{answer}\n8,{answer}\n10,{answer}\n", PETS, ("cat", "dog"))
    assert [row[1] for row in rows[1:]] == expected
