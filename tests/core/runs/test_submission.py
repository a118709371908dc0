"""Competition files: the template's own ids, order and codes; nothing is written when ids do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.errors import InputError
from core.runs.submission import SubmissionInput, default_class_map, parse_class_map, read_template, write_submission

NAMES = ("test/img10.jpg", "test/img2.jpg", "test/img0.jpg")
PREDICTIONS = ("pistol", "smartphone", "smartphone")
CLASSES = ("smartphone", "pistol")


def submit(
    tmp_path: Path, template: str | None = None, *, names: tuple[str, ...] = NAMES,
    predictions: tuple[str, ...] = PREDICTIONS, class_map: Mapping[str, str] | None = None,
) -> str:
    path = None
    if template is not None:
        path = tmp_path / "template.csv"
        path.write_text(template, encoding="utf-8")
    out = tmp_path / "out.csv"
    write_submission(SubmissionInput(names, predictions, CLASSES, path, class_map), out)
    return out.read_text(encoding="utf-8")


def test_without_a_template_ids_are_in_natural_order(tmp_path: Path) -> None:
    assert submit(tmp_path) == "ID,Ground_Truth\nimg0.jpg,1\nimg2.jpg,1\nimg10.jpg,0\n"


def test_a_template_keeps_its_columns_order_and_other_cells(tmp_path: Path) -> None:
    found = submit(tmp_path, "fold,Id,label\nx,img2,0\ny,img10,0\nz,img0,0\n")
    assert found == "fold,Id,label\nx,img2,1\ny,img10,0\nz,img0,1\n"


def test_an_answer_before_the_id_is_found(tmp_path: Path) -> None:
    assert submit(tmp_path, "label,file\n0,img0.jpg\n0,img2.jpg\n0,img10.jpg\n").splitlines()[1] == "1,img0.jpg"


def test_a_template_with_a_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    found = submit(tmp_path, "\ufeffID,Ground_Truth\r\nimg0.jpg,\r\nimg2.jpg,\r\nimg10.jpg,\r\n")
    assert found.splitlines()[0] == "ID,Ground_Truth" and found.splitlines()[3] == "img10.jpg,0"


@pytest.mark.parametrize("template", [
    "\ufeffID;Ground_Truth\r\nimg0.jpg;\r\nimg2.jpg;\r\nimg10.jpg;\r\n",
    "sep=;\nID;Ground_Truth\nimg0;0\nimg2;0\nimg10;1\n",
    "ID\tGround_Truth\nimg0.jpg\t0\nimg2.jpg\t0\nimg10.jpg\t1\n",
])
def test_a_template_that_a_spreadsheet_saved_gives_commas_again(tmp_path: Path, template: str) -> None:
    found = submit(tmp_path, template).splitlines()
    assert found[0] == "ID,Ground_Truth" and [line[-2:] for line in found[1:]] == [",1", ",1", ",0"]


def test_a_template_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match="template.*spreadsheet"):
        read_template(tmp_path / "t.xlsx", NAMES)
    with pytest.raises(InputError, match="template.*cannot be read"):
        read_template(tmp_path, NAMES)


def test_a_map_given_by_hand_wins(tmp_path: Path) -> None:
    assert submit(tmp_path, class_map={"pistol": "gun", "smartphone": "7"}).splitlines()[1] == "img0.jpg,7"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("ID,T\nimg0.jpg,0\nimg2.jpg,0\n", "no line for “img10.jpg”"),
        ("ID,T\nimg0.jpg,0\nimg2.jpg,0\nimg10.jpg,1\nimg11.jpg,1\n", "names “img11.jpg”, and there is no such"),
        ("ID,T\nimg0.jpg,0\nimg2.jpg,0\nimg10.jpg,1\nimg10.jpg,1\n", "names “img10.jpg” twice"),
        ("ID\nimg0.jpg\n", "not a table"),
        ("ID,T\nimg0.jpg\n", "not a table"),
        ("", "not a table"),
        ("ID,T\nimg0.jpg,yes\nimg2.jpg,no\nimg10.jpg,no\n", "neither classes nor numbers"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_written(tmp_path: Path, template: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        submit(tmp_path, template)
    assert not (tmp_path / "out.csv").exists()


def test_two_pictures_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Two test pictures are named “a.jpg”"):
        submit(tmp_path, names=("x/a.jpg", "y/a.jpg", "b.jpg"))
    with pytest.raises(InputError, match="Two test pictures are named “a”"):
        submit(tmp_path, "ID,T\na,0\nb,0\n", names=("a.jpg", "a.png", "b.jpg"))


def test_no_pictures_at_all(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no predicted test picture"):
        submit(tmp_path, names=(), predictions=())


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((), {"b": "1", "a": "0"}),
        (("0", "0"), {"b": "1", "a": "0"}),
        (("2", "1"), {"b": "2", "a": "1"}),
        (("A", "A"), {"b": "b", "a": "A"}),
    ],
)
def test_codes_suggested_by_the_template(answers: tuple[str, ...], expected: dict[str, str]) -> None:
    assert default_class_map(("b", "a"), answers) == expected


def test_a_class_map_is_read() -> None:
    assert parse_class_map(" pistol=0, smart=phone=1,") == {"pistol": "0", "smart=phone": "1"}


@pytest.mark.parametrize("text", ["", "pistol", "=1", "pistol=", "a=1,a=2"])
def test_a_class_map_that_cannot_be_read(text: str) -> None:
    with pytest.raises(InputError, match="class map"):
        parse_class_map(text)


@pytest.mark.parametrize("class_map", [{"pistol": "0"}, {"pistol": "0", "smartphone": "1", "tank": "2"}])
def test_a_class_map_must_fit_the_run(tmp_path: Path, class_map: dict[str, str]) -> None:
    with pytest.raises(InputError, match="class map"):
        submit(tmp_path, class_map=class_map)


def test_the_real_competition_file(tmp_path: Path, shared_data: Path) -> None:
    folder = shared_data / "guns-smartphones"
    names = tuple(sorted(path.name for path in (folder / "test").iterdir()))
    template = folder / "reference_submission.csv"
    lines = template.read_text().splitlines()
    answers = dict(line.split(",") for line in lines[1:])
    predictions = tuple(("pistol", "smartphone")[int(answers[name])] for name in names)
    for given in (template, None):
        out = tmp_path / "out.csv"
        result = write_submission(SubmissionInput(names, predictions, CLASSES, given), out)
        assert out.read_text().splitlines() == lines
        assert result.n_rows == 799 and result.class_map == {"pistol": "0", "smartphone": "1"}
