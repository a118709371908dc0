"""Which image a cell means: tails of paths, ids, names of other alphabets and computers, train against test."""

from __future__ import annotations

import random
import unicodedata
from urllib.parse import quote

import pytest

from core.project.label_tables.parts import SplitUnclear
from core.project.label_tables.spelling import find_code_page, reduced, spellings, tail_of, unmangled
from core.project.label_tables.finder import TailIndex
from tests.core.project.label_tables.conftest import MakeDesk


def rows(cells: object, label: str = "cat") -> str:
    return "path,label\n" + "".join(f'"{cell}",{label}\n' for cell in cells)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("names", "cell", "meant"), [
    (["a/1.jpg", "b/1.jpg"], r"C:\Users\ana\train\b\1.jpg", "b/1.jpg"),
    (["a/1.jpg", "b/1.jpg"], "/home/ana/a/1.jpg", "a/1.jpg"),
    (["a/1.jpg", "b/1.jpg"], "B/1.JPG", "b/1.jpg"),
    (["a/b/1.jpg", "b/1.jpg"], "x/b/1.jpg", None),
    (["a/b/1.jpg", "b/1.jpg"], "b/1.jpg", "b/1.jpg"),
    (["a/b/1.jpg", "b/1.jpg"], "train/b/1.jpg", "b/1.jpg"),
    (["1.jpg", "a/1.jpg"], "1.jpg", "1.jpg"),
    (["IMG_1.JPG"], "img_1.jpg", "IMG_1.JPG"),
    (["IMG_1.JPG", "img_1.jpg"], "img_1.jpg", "img_1.jpg"),
    (["IMG_1.JPG", "img_1.jpg"], "Img_1.jpg", None),
    (["0007.jpg"], "7", "0007.jpg"), (["7.jpg"], "0007", "7.jpg"), (["0007.jpg", "7.jpg"], "7", "7.jpg"),
    (["0007.jpg", "007.jpg"], "7", None), (["0007.jpg"], "7.jpg", "0007.jpg"), (["7.jpg"], "7.0", "7.jpg"),
    (["a.jpg.jpg"], "a", "a.jpg.jpg"), (["a.jpg.jpg"], "a.jpg", "a.jpg.jpg"), (["v1.2.jpg"], "v1.2", "v1.2.jpg"),
    (["v1.2.jpg", "v1.jpg"], "v1", "v1.jpg"), (["a.jpg"], "a.png", "a.jpg"), (["a.jpg", "a.png"], "a.png", "a.png"),
    (["a.jpg", "a.png"], "a", None), (["a.png"], "a.dcm", "a.png"),
    (["a, b.jpg"], "a, b.jpg", "a, b.jpg"), (["it's.jpg"], "it's.jpg", "it's.jpg"),
    (["niño.jpg"], unicodedata.normalize("NFD", "niño.jpg"), "niño.jpg"),
    ([unicodedata.normalize("NFD", "niño.jpg")], "niño", "niño.jpg"),
    (["niño.jpg"], "niÃ±o.jpg", "niño.jpg"), (["ni├▒o.jpg"], "niño.jpg", "ni├▒o.jpg"),
    (["写真 1.jpg"], quote("写真 1.jpg"), "写真 1.jpg"), (["a b.jpg"], "a+b.jpg", "a b.jpg"),
    (["100%.jpg"], "100%.jpg", "100%.jpg"), (["a%20b.jpg", "a b.jpg"], "a%20b.jpg", "a%20b.jpg"),
    (["a.jpg"], "https://host:8080/data/upload/3/0a1b2c3d-a.jpg", "a.jpg"),
    (["0a1b2c3d-a.jpg", "a.jpg"], "0a1b2c3d-a.jpg", "0a1b2c3d-a.jpg"),
    (["a.jpg"], "https://bucket.s3.amazonaws.com/x/a.jpg?X-Amz-Date=1&X=2", "a.jpg"),
    (["a/b c.jpg", "b c.jpg"], "/data/local-files/?d=disk/a/b%20c.jpg", "a/b c.jpg"),
    (["a.jpg"], "file:///C:/x/a.jpg", "a.jpg"), (["a.jpg"], "gs://b/x/a.jpg", "a.jpg"),
    (["a.jpg"], r"\\NAS\fotos\a.jpg", "a.jpg"), (["a.jpg"], " a.jpg ", "a.jpg"), (["a.jpg"], "../x/a.jpg", "a.jpg"),
    (["cats/1.jpg", "dogs/2.jpg"], "dogs/1.jpg", None), (["cats/1.jpg"], "dogs/1.jpg", "cats/1.jpg"),
    (["cats/1.jpg", "dogs/2.jpg"], "C:/x/dogs/1.jpg", None), (["a/1.jpg", "b/2.jpg"], "upload/1.jpg", "a/1.jpg"),
    (["a.jpg"], "b.jpg", None), (["a.jpg"], "aa.jpg", None), (["10.jpg"], "1", None), (["a.jpg"], "", None),
    (["a.jpg"], "/", None), (["a.jpg"], "\x00", None),
])
def test_a_cell_means_the_image_that_a_person_would_take(
    make_desk: MakeDesk, names: list[str], cell: str, meant: str | None
) -> None:
    desk = make_desk(names)
    summary = desk.read("path,label\n" + f'"{cell}",cat\n')
    assert list(desk.labels()) == ([meant] if meant else [])
    assert summary.n_labelled + len(summary.unknown) + len(summary.ambiguous) == 1


def test_rows_whose_own_image_is_not_there_take_none_of_another(make_desk: MakeDesk) -> None:
    desk = make_desk(["cats/1.jpg", "x.jpg", "7.jpg"])
    summary = desk.read("path,label\ndogs/1.jpg,dog\ncats/1.jpg,cat\nx.png,dog\nx.jpg,cat\n0007.jpg,dog\n7,cat\n")
    assert desk.labels() == {"7.jpg": "cat", "cats/1.jpg": "cat", "x.jpg": "cat"}
    assert summary.unknown == ("dogs/1.jpg", "x.png", "0007.jpg")


def test_two_paths_that_may_both_mean_an_image_label_it_only_if_they_agree(make_desk: MakeDesk) -> None:
    desk = make_desk(["1.jpg", "2.jpg"])
    summary = desk.read("path,label\na/1.jpg,cat\nb/1.jpg,dog\na/2.jpg,cat\nb/2.jpg,cat\n")
    assert desk.labels() == {"2.jpg": "cat"}
    assert summary.ambiguous == ("a/1.jpg", "b/1.jpg") and summary.contradicting == ()


@pytest.mark.parametrize(("train", "test", "cells", "split"), [
    (range(1, 25), range(1, 9), range(1, 25), "train"), (range(1, 9), range(1, 25), range(1, 25), "test"),
    (range(1, 25), range(1, 25), range(1, 25), "train"), (range(1, 25), range(1, 9), range(1, 5), "train"),
    (range(1, 25), range(1, 9), range(1, 9), None), (range(1, 5), range(1, 5), range(1, 4), "train"),
    (range(1, 5), range(3, 9), range(3, 9), "test"),
])
def test_a_table_is_of_one_part(
    make_desk: MakeDesk, train: range, test: range, cells: range, split: str | None
) -> None:
    desk = make_desk([f"{i}.png" for i in train], [f"{i}.png" for i in test])
    text = rows(f"{i}.png" for i in cells)
    if split is None:
        with pytest.raises(SplitUnclear, match="test images"):
            desk.read(text)
        assert desk.read(text, split="test").n_labelled_test == len(cells)
        return
    summary = desk.read(text)
    other = "test" if split == "train" else "train"
    assert desk.labels(split) == {f"{i}.png": "cat" for i in cells} and desk.labels(other) == {}
    assert (summary.found.split, summary.n_labelled) == (split, len(cells))


def test_a_training_image_that_is_gone_labels_no_test_image_of_its_name(make_desk: MakeDesk) -> None:
    desk = make_desk([f"{i}.png" for i in range(1, 25) if i != 3], [f"{i}.png" for i in range(1, 9)])
    summary = desk.read(rows(f"{i}.png" for i in range(1, 25)))
    assert desk.labels("test") == {} and len(desk.labels()) == 23
    assert summary.unknown == ("3.png",) and summary.found.n_in_other == 1


def test_one_table_of_both_parts_labels_both(make_desk: MakeDesk) -> None:
    desk = make_desk([f"{i}.png" for i in range(9)], [f"{i}.png" for i in range(9)])
    summary = desk.read(rows([*(f"train/{i}.png" for i in range(9)), *(f"x/test/{i}.png" for i in range(9))]))
    assert (summary.n_labelled, summary.n_labelled_test, summary.found.split) == (18, 9, None)
    desk.read(rows([*(f"train/{i}" for i in range(9)), *(rf"D:\x\TEST\{i}.PNG" for i in range(9))], "dog"))
    assert set(desk.labels("test").values()) == set(desk.labels().values()) == {"dog"}


def test_place_name_and_word_of_the_user_tell_the_part(make_desk: MakeDesk) -> None:
    names = [f"{i}.png" for i in range(1, 9)]
    desk = make_desk(names, names)
    for name, options, split in (
        ("test/truth.csv", {}, "test"), ("train/truth.csv", {}, "train"), ("test_labels.csv", {}, "test"),
        ("labels.csv", {}, "train"), ("labels.csv", {"split": "test"}, "test"),
        ("test_labels.csv", {"split": "train"}, "train"),
    ):
        desk.read(rows(names, f"{name}{len(options)}{split}".replace("/", "-")), name, **options)
        changed = f"{name}{len(options)}{split}".replace("/", "-")
        assert set(desk.labels(split).values()) == {changed}, name
        assert changed not in desk.labels("train" if split == "test" else "test").values(), name
    assert desk.read(rows(["train/1.png"]), split="test").other_part == ("train/1.png",)


def test_names_in_folders_of_one_part_and_none_in_the_other(make_desk: MakeDesk) -> None:
    desk = make_desk([f"disc/{i}.png" for i in range(1, 25)], [f"{i}.png" for i in range(1, 9)], with_labels=True)
    assert desk.read(rows((f"{i}.png" for i in range(1, 25)), "x")).n_labelled_test == 0, "24 rows fit train"
    desk.read(rows((f"{i}.png" for i in range(1, 9)), "y"))
    assert set(desk.labels("test").values()) == {"y"} and "y" not in desk.labels().values(), "just these names"


@pytest.mark.parametrize("code_page", ["cp1252", "cp850", "cp437", "utf-8", "utf-16", "utf-16-le", "utf-8-sig"])
def test_code_pages_are_told_by_the_names_in_them(make_desk: MakeDesk, code_page: str) -> None:
    desk = make_desk(["niño.jpg", "señal.jpg", "café.jpg"])
    desk.read("ruta;etiqueta\r\nniño.jpg;pequeño\r\nseñal.jpg;añejo\r\ncafé.jpg;té\r\n".encode(code_page))
    assert desk.labels() == {"café.jpg": "té", "niño.jpg": "pequeño", "señal.jpg": "añejo"}


def test_code_pages_of_other_alphabets(make_desk: MakeDesk) -> None:
    desk = make_desk(["кошка 1.jpg", "собака 1.jpg"])
    desk.read("path;label\nкошка 1.jpg;кошка\nсобака 1.jpg;собака\n".encode("cp1251"))
    assert desk.labels() == {"кошка 1.jpg": "кошка", "собака 1.jpg": "собака"}


def test_without_a_known_name_letters_tell_the_code_page() -> None:
    texts = [text.encode("cp850").decode("utf-8", "surrogateescape") for text in ("señora", "mañana")]
    assert find_code_page(texts, lambda text: False) == "cp850"
    texts = [text.encode("cp1252").decode("utf-8", "surrogateescape") for text in ("señora", "Ñu", "café")]
    assert find_code_page(texts, lambda text: False) == "cp1252"
    assert find_code_page(["niño"], lambda text: False) == "cp1252"


def test_ways_to_write_a_path() -> None:
    assert tail_of("C:/a/./b//c.jpg") == "a/b/c.jpg" and tail_of("../a/x/../b.jpg") == "a/b.jpg"
    assert tail_of("a:b.jpg") == "a:b.jpg" and tail_of("file:C:/a.jpg") == "a.jpg"
    assert tail_of("...a.jpg") == "...a.jpg"
    assert "a/b c.jpg" in spellings("a%5Cb%20c.jpg") or "a\\b c.jpg" in spellings("a%5Cb%20c.jpg")
    assert unmangled("España") == "España" and unmangled("Â¡") == "¡" and unmangled("Ã") == "Ã"
    assert reduced("A/IMG 007.JPG") == "a/img_007" and reduced("x/000.png") == "x/0" and reduced("a/.jpg") == "a/.jpg"


def test_the_longest_tail_as_found_by_looking_at_every_path() -> None:
    chance = random.Random(3)
    for _ in range(300):
        paths = sorted({"/" + "/".join(chance.choice("ab") for _ in range(chance.randrange(1, 6))) for _ in range(8)})
        asked = "/".join(chance.choice("abc") for _ in range(chance.randrange(1, 6)))
        lengths = []
        for path in paths:
            n, mine, theirs = 0, path.split("/"), asked.split("/")
            while n < min(len(mine), len(theirs)) and mine[-n - 1] == theirs[-n - 1]:
                n += 1
            lengths.append(n)
        best = max(lengths)
        meant = [i for i, n in enumerate(lengths) if n == best] if best else []
        assert TailIndex(paths).find(asked) == (best, meant), (paths, asked)


def test_rows_of_both_parts_are_labelled_where_no_name_stands_twice(make_desk: MakeDesk) -> None:
    desk = make_desk(["a.png"], ["b.png"])
    summary = desk.read(rows(["a.png", "b.png"]))
    assert (summary.n_labelled, summary.n_labelled_test) == (2, 1)
    of_test = desk.read(rows(["a.png", "b.png"], "dog"), split="test")
    assert of_test.other_part == ("a.png",) and of_test.unknown == ()


def test_a_column_of_parts_tells_training_from_test(make_desk: MakeDesk) -> None:
    desk = make_desk([f"{i}.png" for i in range(6)], [f"{i}.png" for i in range(4)])
    lines = [*(f"{i}.png,{('train', 'Validation')[i % 2]},cat" for i in range(6)),
             *(f"{i}.png,TEST,dog" for i in range(4))]
    summary = desk.read("filename,split,label\n" + "\n".join(lines))
    assert set(desk.labels().values()) == {"cat"} and set(desk.labels("test").values()) == {"dog"}
    assert (summary.n_labelled, summary.n_labelled_test, summary.contradicting) == (10, 4, ())
    desk.read("\n".join(f"{part},gs://b/{i}.png,{part}" for i in range(4) for part in ("TEST", "TRAIN")))
    assert list(desk.labels("test").values()) == ["TEST"] * 4 and list(desk.labels().values())[:4] == ["TRAIN"] * 4


def test_folders_with_other_capitals_tell_the_part(make_desk: MakeDesk) -> None:
    desk = make_desk(["1.png", "2.png"], ["1.png", "2.png"])
    desk.read(rows([r"C:\Fotos\Test\1.png", r"C:\Fotos\TRAIN\2.png"]))
    assert list(desk.labels("test")) == ["1.png"] and list(desk.labels()) == ["2.png"]


@pytest.mark.parametrize(("names", "text", "meant"), [
    (["a, b.jpg", "a.jpg"], "path,label\na, b.jpg,cat\na.jpg,dog\n", {"a, b.jpg": "cat", "a.jpg": "dog"}),
    (["a, b, c.jpg", "x.jpg"], "label,path\ncat,a, b, c.jpg\ndog,x.jpg\n", {"a, b, c.jpg": "cat", "x.jpg": "dog"}),
    (["a.jpg", "b.jpg"], "path,label\na, c.jpg,cat\nb.jpg,dog\n", {"b.jpg": "dog"}),
    (["a.jpg", "b.jpg"], "path,label,note\na.jpg,cat,well, well\nb.jpg,dog,\n", {"a.jpg": "cat", "b.jpg": "dog"}),
    (["a;b.jpg", "c.jpg"], "a;b.jpg;cat\nc.jpg;dog\n", {"a;b.jpg": "cat", "c.jpg": "dog"}),
    (['6" pipe.jpg', "c.jpg"], 'path,label\n6" pipe.jpg,cat\nc.jpg,dog\n', {'6" pipe.jpg': "cat", "c.jpg": "dog"}),
    (["a_b-c.jpg"], "filename,label\na_b-c_jpg.rf.0123456789abcdef0123456789abcdef.jpg,cat\n", {"a_b-c.jpg": "cat"}),
])
def test_names_that_were_written_without_quotes(
    make_desk: MakeDesk, names: list[str], text: str, meant: dict[str, str]
) -> None:
    desk = make_desk(names)
    summary = desk.read(text)
    assert desk.labels() == meant
    assert set(summary.new_classes) == set(meant.values())
