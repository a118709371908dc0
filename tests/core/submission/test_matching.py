"""Ids of templates found among test images, however they are written; what is unclear is refused by name."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.submission.names import ImageFinder, match_ids
from tests.core.submission.conftest import Maker


@pytest.mark.parametrize(("paths", "ids", "expected"), [
    (["/x/a.jpg", "/x/b.jpg"], ["b.jpg", "a.jpg"], [1, 0]),
    (["/x/a.jpg", "/x/b.jpg"], ["b", "a"], [1, 0]),
    (["/x/a.jpg"], ["test/a.jpg"], [0]),
    (["/x/a.jpg"], ["./images/a"], [0]),
    (["/x/a.jpg"], ["C:\\data\\test\\a.jpg"], [0]),
    (["/x/a b.jpg"], ["a%20b.jpg"], [0]),
    (["/x/a%20b.jpg", "/x/a b.jpg"], ["a%20b.jpg", "a b.jpg"], [0, 1]),
    (["/x/A.JPG"], ["a.jpg"], [0]),
    (["/x/a.jpg", "/x/A.jpg"], ["A.jpg", "a.jpg"], [1, 0]),
    (["/x/a.jpg"], [" a.jpg "], [0]),
    (["/x/ a.jpg", "/x/a.jpg"], [" a.jpg", "a.jpg"], [0, 1]),
    (["/x/a.jpeg"], ["a.tif"], [0]),
    (["/x/a.v2.jpg"], ["a.v2"], [0]),
    (["/x/0007.jpg", "/x/0010.jpg"], ["7", "10"], [0, 1]),
    (["/x/0007.jpg", "/x/0010.jpg"], ["7.0", "10.0"], [0, 1]),
    (["/x/7.jpg"], ["0007.png"], [0]),
    (["/x/s1/7.jpg", "/x/s2/8.jpg"], ["s2/7.jpg", "s2/8.jpg"], [None, 1]),
    (["/x/test/s1/7.jpg"], ["test/7.jpg"], [0]),
    (["/x/7.jpg", "/x/07.jpg"], ["7", "07"], [0, 1]),
    (["/x/s1/7.jpg", "/x/s2/7.jpg"], ["s2/7.jpg", "s1/7"], [1, 0]),
    (["/x/test/s1/7.jpg", "/x/test/s2/7.jpg"], ["data/test/s2/7.jpg", "data/test/s1/7.jpg"], [1, 0]),
    (["/x/s1/7.jpg"], ["s1/7.jpg", "s2/7.jpg"], [0, None]),
    (["/x/nin\u0303o.jpg"], ["ni\u00f1o.jpg"], [0]),
    (["/x/ni\u00f1o.jpg"], ["nin\u0303o"], [0]),
    (["/x/ni\udcf1o.jpg"], ["ni\u00f1o.jpg"], [0]),
    (["/x/ni\u00f1o.jpg"], ["ni\udcf1o.jpg"], [0]),
    (["/x/one, two.jpg", '/x/5" gun.jpg'], ["one, two.jpg", '5" gun'], [0, 1]),
    (["/x/a.jpg"], ["b.jpg"], [None]),
    (["/x/a.jpg"], [""], [None]),
])
def test_ids_find_their_images(paths: list[str], ids: list[str], expected: list[int | None]) -> None:
    assert match_ids(ids, ImageFinder(paths, len(paths))) == expected


@pytest.mark.parametrize(("paths", "ids", "sentence"), [
    (["/x/a.jpg", "/x/a.png"], ["a"], "Two test images are named “a”."),
    (["/x/s1/7.jpg", "/x/s2/7.jpg"], ["7.jpg"], "Two test images are named “7.jpg”."),
    (["/x/s1/7.jpg", "/x/s2/7.jpg"], ["s3/7.jpg"], "Two test images are named “s3/7.jpg”."),
    (["/x/a.jpg"], ["a.jpg", "a.jpg"], "The template names “a.jpg” twice."),
    (["/x/a.jpg"], ["a.jpg", " a.jpg"], "The ids “a.jpg”, “ a.jpg” of the template mean the same image."),
    (["/x/0007.jpg"], ["7", "07"], "The ids “7”, “07” of the template mean the same image."),
])
def test_ids_that_may_mean_several_things(paths: list[str], ids: list[str], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        match_ids(ids, ImageFinder(paths, len(paths)))
    assert refused.value.sentence == sentence


def test_of_two_that_fit_alike_the_one_with_a_prediction_is_meant() -> None:
    assert match_ids(["7.jpg"], ImageFinder(["/new/7.jpg", "/old/7.jpg"], 1)) == [0]
    assert match_ids(["old/7.jpg"], ImageFinder(["/new/7.jpg", "/old/7.jpg"], 1)) == [1]


def test_ids_are_written_as_the_template_has_them(submit: Maker) -> None:
    answers = {"/x/niño.jpg": "a", "/x/one, two.jpg": "b", '/x/say "hi".jpg': "a", "/x/=1.jpg": "b"}
    template = 'id,label\nnin\u0303o,a\n"one, two.jpg",a\n"say ""hi"".jpg",a\n=1.jpg,a\n'
    assert submit(template, answers, ("a", "b"))[1:] == [
        ["nin\u0303o", "a"], ["one, two.jpg", "b"], ['say "hi".jpg', "a"], ["=1.jpg", "b"]]


def test_the_column_that_names_most_images_is_that_of_the_ids(submit: Maker) -> None:
    answers = {f"{k}.jpg": "ab"[k % 2] for k in range(4)}
    template = "n,target,image\n0,0,3.jpg\n1,0,2.jpg\n2,0,1.jpg\n3,0,0.jpg\n"
    assert submit(template, answers, ("a", "b"))[1:] == [
        ["0", "1", "3.jpg"], ["1", "0", "2.jpg"], ["2", "1", "1.jpg"], ["3", "0", "0.jpg"]]


def test_classes_that_are_called_like_images_are_no_ids(submit: Maker) -> None:
    answers = {f"/x/{k}.png": str(k % 3 + 1) for k in (1, 2, 3)}
    rows = submit("class,id,p\n" + "".join(f"{c},{i},0\n" for i in (3, 1, 2) for c in range(1, 4)), answers, "123")
    assert [float(row[2]) > 0.5 for row in rows[1:4]] == [True, False, False], "3.png shows class 1"


def test_without_a_template_names_are_composed_as_the_competition_writes_them(submit: Maker) -> None:
    rows = submit(None, {"/x/img10.jpg": "b", "/x/nin\u0303o.jpg": "a", "/x/img2.jpg": "a"}, ("a", "b"))
    assert rows == [["ID", "Ground_Truth"], ["img2.jpg", "0"], ["img10.jpg", "1"], ["ni\u00f1o.jpg", "0"]]
    with pytest.raises(InputError, match="Several test images have the same name: “a.jpg”."):
        submit(None, {"x/a.jpg": "a", "y/a.jpg": "b"}, ("a", "b"))


def test_a_template_of_an_old_code_page(submit: Maker) -> None:
    template = "id,label\nniño,café\ntoro,té\n".encode("cp1252")
    rows = submit(template, {"/x/nin\u0303o.jpg": "té", "/x/toro.jpg": "cafe\u0301"}, ("cafe\u0301", "té"))
    assert [row[1] for row in rows[1:]] == ["té", "café"]
