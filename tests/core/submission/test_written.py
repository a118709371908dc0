"""A submission is read back before it gets its name; images without a prediction are named or answered as chosen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import numpy as np
import pytest

from core.errors import InputError, StorageError
from core.files.user_files import open_to_replace
from core.submission import (
    Missing, Says, SubmissionInput, make_submission, parse_class_map, write_submission, written,
)
from core.submission.form import decimals
from core.text import Message
from core.text import text
from core.types import Skipped
from tests.core.submission.conftest import Maker

PETS = {"test/7.jpg": "cat", "test/8.jpg": "dog", "test/10.jpg": "cat"}
BROKEN = Skipped(Path("/x/test/9.jpg"), Message("The file is cut off."))
WITH_BROKEN = "id,label\n7.jpg,cat\n8.jpg,cat\n9.jpg,cat\n10.jpg,cat\n"


@pytest.mark.parametrize(("wrong", "sentence"), [
    (lambda text: text.replace("8.jpg,dog", "8.jpg,cat"), "its line 2"),
    (lambda text: text.replace("7.jpg", "8.jpg", 1), "its line 1"),
    (lambda text: text.removesuffix("10.jpg,cat\n"), "the number of its lines"),
    (lambda text: text.replace("id,", "ID,"), "its titles"),
    (lambda text: "", "its titles"),
])
def test_what_the_disk_changes_is_found_and_the_old_file_stays(
    submit: Maker, monkeypatch: pytest.MonkeyPatch, wrong: object, sentence: str
) -> None:
    """A disk that gives back something else than was written."""
    submit.out.write_text("the old one")

    @contextmanager
    def tampered(path: Path) -> Iterator[TextIO]:
        with open_to_replace(path) as file:
            flush = file.flush

            def flush_wrongly() -> None:
                flush()
                draft = Path(file.name)
                draft.write_text(wrong(draft.read_text()))  # type: ignore[operator]

            monkeypatch.setattr(file, "flush", flush_wrongly, raising=False)
            yield file

    monkeypatch.setattr(written, "open_to_replace", tampered)
    with pytest.raises(StorageError, match=f"was not written: {sentence}"):
        submit("id,label\n7.jpg,cat\n8.jpg,cat\n10.jpg,cat\n", PETS, ("cat", "dog"))
    assert submit.out.read_text() == "the old one"
    assert [path.name for path in submit.folder.iterdir() if "unfinished" in path.name] == []


@pytest.mark.parametrize("template", [
    "id,label\n7,cat\n8,cat\n10,cat\n", "id,label,confidence\n7,cat,0\n8,cat,0\n10,cat,0\n",
    "id,cat,dog\n7,0,0\n8,0,0\n10,0,0\n", "id,cat,dog\n7,1,0\n8,1,0\n10,1,0\n", "id,label\n7,0.5\n8,0.5\n10,0.5\n",
])
def test_cells_that_do_not_say_what_the_run_predicts_are_found(submit: Maker, template: str) -> None:
    """The meaning is worked out from the probabilities: a fault in filling the cells is found too."""
    submit(template, PETS, ("cat", "dog"))
    text = submit.out.read_text()
    written.check_text(text, submit.made, submit.out)
    other = replace(submit.made, probabilities=submit.made.probabilities[:, ::-1])
    with pytest.raises(StorageError, match="the value in its line 1"):
        written.check_text(text, other, submit.out)


def test_decimals_sum_to_one_and_keep_the_order() -> None:
    rng = np.random.default_rng(0)
    table = rng.dirichlet(np.full(120, 0.05), 50)
    units = decimals(table)
    assert (units.sum(axis=1) == 10**9).all() and (units >= 0).all()
    assert np.abs(units / 1e9 - table).max() <= 1e-9
    assert (units[np.arange(50), table.argmax(axis=1)] == units.max(axis=1)).all()
    assert (decimals(np.full((1, 3), 1 / 3)) == [[333333334, 333333333, 333333333]]).all()


def test_without_a_template_what_cannot_be_read_has_no_line_unless_chosen(submit: Maker) -> None:
    assert [row[0] for row in submit(None, PETS, ("cat", "dog"), skipped=(BROKEN,))] == [
        "ID", "7.jpg", "8.jpg", "10.jpg"]
    assert submit(None, PETS, ("cat", "dog"), skipped=(BROKEN,), missing=Missing.MAJORITY)[3] == ["9.jpg", "0"]
    assert submit.made.guessed == ("9.jpg",)
    with pytest.raises(InputError, match="“9.jpg” cannot be read"):
        submit(None, PETS, ("cat", "dog"), skipped=(BROKEN,), missing=Missing.FAIL)


def test_a_template_that_wants_a_line_for_it_is_refused_with_the_reason(submit: Maker) -> None:
    for missing in (None, Missing.FAIL):
        with pytest.raises(InputError) as refused:
            submit(WITH_BROKEN, PETS, ("cat", "dog"), skipped=(BROKEN,), missing=missing)
        assert "“9.jpg” cannot be read (The file is cut off.)" in refused.value.sentence
        assert "--missing majority or --missing mean" in refused.value.hint
        assert refused.value.message.code == "submission.images_without_prediction"


def test_an_id_of_no_image_is_another_thing(submit: Maker) -> None:
    with pytest.raises(InputError, match="“9.jpg”, but there is no such predicted image"):
        submit(WITH_BROKEN, PETS, ("cat", "dog"))
    assert submit(WITH_BROKEN, PETS, ("cat", "dog"), missing=Missing.MAJORITY)[3] == ["9.jpg", "cat"]


def test_the_majority_is_that_of_the_labels(submit: Maker) -> None:
    rows = submit(WITH_BROKEN, PETS, ("cat", "dog"), skipped=(BROKEN,), missing=Missing.MAJORITY, majority=1)
    assert rows[3] == ["9.jpg", "dog"] and submit.made.guessed == ("9.jpg",)


def test_the_mean_is_that_of_all_other_images(submit: Maker) -> None:
    template = "id,cat,dog\n" + "".join(f"{k},0,0\n" for k in (7, 8, 9, 10))
    rows = submit(template, PETS, ("cat", "dog"), skipped=(BROKEN,), missing=Missing.MEAN)
    assert float(rows[3][1]) == pytest.approx((0.9 + 0.11 + 0.88) / 3, abs=1e-6)
    assert submit(WITH_BROKEN, PETS, ("cat", "dog"), skipped=(BROKEN,), missing=Missing.MEAN)[3] == ["9.jpg", "cat"]


def test_images_without_a_line_are_refused(submit: Maker) -> None:
    with pytest.raises(InputError, match="The template has no line for “10.jpg”."):
        submit("id,label\n7.jpg,cat\n8.jpg,cat\n", PETS, ("cat", "dog"))


def test_shared_codes_are_said(submit: Maker) -> None:
    rows = submit(None, PETS, ("cat", "dog"), class_map=parse_class_map("cat=1,dog=1"))
    assert [row[1] for row in rows[1:]] == ["1", "1", "1"]
    assert list(map(str, submit.made.notes)) == [
        text("submission.shared_code", names="“cat”, “dog”", code="1")]


def test_no_images_at_all() -> None:
    with pytest.raises(InputError, match="no predicted test image"):
        make_submission(SubmissionInput((), np.zeros((0, 2), np.float32), ("a", "b")))


@pytest.mark.parametrize("template", [
    "\ufeffID;Ground_Truth\r\nimg0.jpg;\r\nimg2.jpg;\r\nimg10.jpg;\r\n",
    "sep=;\nID;Ground_Truth\nimg0;0\nimg2;0\nimg10;1\n",
    "ID\tGround_Truth\nimg0.jpg\t0\nimg2.jpg\t0\nimg10.jpg\t1\n",
    "\ufeffID,Ground_Truth\r\nimg0.jpg,\r\nimg2.jpg,\r\nimg10.jpg,\r\n",
])
def test_a_template_that_a_spreadsheet_saved_gives_commas_again(submit: Maker, template: str) -> None:
    answers = {"test/img10.jpg": "pistol", "test/img2.jpg": "smartphone", "test/img0.jpg": "smartphone"}
    rows = submit(template, answers, ("smartphone", "pistol"))
    assert rows[0] == ["ID", "Ground_Truth"] and [row[1] for row in rows[1:]] == ["1", "1", "0"]


def test_the_real_competition_file(tmp_path: Path, shared_data: Path) -> None:
    folder = shared_data / "guns-smartphones"
    paths = tuple(sorted(map(str, (folder / "test").iterdir())))
    template = folder / "reference_submission.csv"
    lines = template.read_text().splitlines()
    answers = dict(line.split(",") for line in lines[1:])
    said = np.array([[1 - int(answers[Path(p).name]), int(answers[Path(p).name])] for p in paths], np.float32)
    for given in (template, None):
        out = tmp_path / "out.csv"
        made = write_submission(SubmissionInput(paths, said, ("pistol", "smartphone"), template=given), out)
        assert out.read_text().splitlines() == lines
        assert len(made.rows) == 799 and made.form.codes.codes == {"pistol": "0", "smartphone": "1"}
    with pytest.raises(InputError, match="0 of 799 agree with the predictions, and 799 would with pistol = 1"):
        write_submission(SubmissionInput(paths, said[:, ::-1], ("pistol", "smartphone"), template=template), out)


def test_lines_without_an_answer_are_empty_or_a_word_and_read_back(submit: Maker) -> None:
    template = "id,label\n7.jpg,cat\n8.jpg,cat\n10.jpg,cat\n"
    decided = np.array([0, -1, 1])
    assert submit(template, PETS, ("cat", "dog"), decided=decided)[1:] == [["7.jpg", "cat"], ["8.jpg", ""], [
        "10.jpg", "dog"]]
    assert submit(template, PETS, ("cat", "dog"), decided=decided, unsure="?")[2] == ["8.jpg", "?"]
    with pytest.raises(InputError, match="“dog” is the code of a class"):
        submit(template, PETS, ("cat", "dog"), decided=decided, unsure="dog")
    hot = submit("id,cat,dog\n7.jpg,1,0\n8.jpg,0,1\n10.jpg,1,0\n", PETS, ("cat", "dog"), decided=decided,
                 wanted=Says.ONE_HOT)
    assert hot[1:] == [["7.jpg", "1", "0"], ["8.jpg", "0", "0"], ["10.jpg", "0", "1"]]


def test_probabilities_are_written_whatever_is_decided_and_that_is_said(submit: Maker) -> None:
    template = "id,cat,dog\n7.jpg,0.1,0.9\n8.jpg,0.2,0.8\n10.jpg,0.5,0.5\n"
    plain = submit(template, PETS, ("cat", "dog"))
    assert submit(template, PETS, ("cat", "dog"), decided=np.array([-1, -1, 0])) == plain
    assert "submission.decision_not_written" in [note.code for note in submit.made.notes]
