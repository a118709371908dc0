"""Which columns of a table hold image and label, by title and by what stands in them; and what is no label."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.project.classes import list_classes
from core.project.label_tables.rows import ColumnsUnclear
from core.project.label_tables.titles import means_image, means_label, plain_title
from core.text import Message
from tests.core.project.label_tables.conftest import MakeDesk

NAMES = tuple(f"{i:04d}a.jpg" for i in range(24))
LABELS = {name: ("disc", "square")[i // 12] for i, name in enumerate(NAMES)}


def table(titles: str, line: str) -> str:
    """A row for each image; `{n}` is the number, `{id}` the name without ending, `{label}` the label."""
    lines = [line.format(n=i, id=name[:-4], file=name, label=label, code=("disc", "square").index(label))
             for i, (name, label) in enumerate(LABELS.items())]
    return "\n".join([*([titles] if titles else []), *lines]) + "\n"


@pytest.mark.parametrize(("titles", "line"), [
    ("id,breed", "{id},{label}"), ("Id,Category", "{file},{label}"), ("ID CODE;Diagnosis", "{id};{label}"),
    ("label,id", "{label},{id}"), ("Image Index,Finding Labels", "{file},{label}"), ("image_id,dx", "{id},{label}"),
    ("filename|target", "{file}|{label}"), ("\ufeffNombre de archivo;Categoría", "{file};{label}"),
    ("imagen;etiqueta", "{id};{label}"), ("foto\tclase", "{file}\t{label}"),
    (",filename,label", "{n},{file},{label}"),
    ("Unnamed: 0,id,label", "{n},{id},{label}"), ("external_id,ground_truth", "{file},{label}"),
    ("uri,y", "x/{file},{label}"),
    ("pictures,kind of thing", "{file},{label}"), ("foo,bar", "{id},{label}"), ("bar,foo", "{label},{file}"),
    ("", "{file},{label}"), ("", "{label},{file}"), ("", "{id};{label}"), ("", "{n},{file},{label}"),
    ("a,b,c", "{n},{id},{label}"), ("id,image,label", "{n},{file},{label}"), ("id,name", "{id},{label}"),
    ("image,label,width,height", "{file},{label},96,96"), ("name,species,confidence", "{file},{label},0.{n}"),
    ("image_name,is_valid,shape", "{file},True,{label}"), ("path,labels", "{file},['{label}']"),
    ("path,labels", '{file},"[""{label}""]"'), ("image,class_id,class_name", "{id},{code},{label}"),
    ("image,category_id,category", "{id},{code},{label}"), ("id,label,name", "{id},{code},{label}"),
    ("id,target,what", "{id},{code}.0,{label}"), ("image,label,tag,note", "{file},{label},t{n},x"),
    ("image,split,shape", "{file},train,{label}"), ("TRAIN", "TRAIN,{file},{label}"),
    ("filename,xmin,xmax,class", "{file},1,2,{label}"),
    ("image,choice,annotator", '{file},"{{""choices"": [""{label}""]}}",1'),
    ("filename,file_attributes", '{file},"{{""class"":""{label}""}}"'),
    ("path;label;comment", "{file};{label};a, b"),
])
def test_each_table_labels_all_images(make_desk: MakeDesk, titles: str, line: str) -> None:
    desk = make_desk(NAMES)
    summary = desk.read(table(titles, line) if titles != "TRAIN" else table("", line))
    assert desk.labels() == LABELS
    assert (summary.n_rows, summary.unknown, summary.without_label, len(summary.new_classes)) == (24, (), (), 2)


@pytest.mark.parametrize(("titles", "line", "said"), [
    ("image,species,breed", "{id},{label},{label}{file[2]}", "image, species, breed"),
    ("image,colour,shape", "{id},c{code},{label}", "image, colour, shape"),
    ("left,right,label", "{file},0003a.jpg,{label}", "left, right, label"),
    ("image,photo,label", "{id},0003a,{label}", "image, photo, label"),
    ("image,noisy_labels_0,noisy_labels_1", "{id},{label},n{code}", "noisy_labels_0"),
    ("", "{file},{label},c{code}", "untitled"), ("image,width,height", "{file},9{n},96", "width"),
    ("path,prediction,confidence", "{file},{label},0.{n}", "predictions"),
    ("image,prediction", "{id},{label}", "pred"),
    ("image,label", "{id},{n}", "a different value"), ("image,target", "{id},0.{n}1", "decimal"),
    ("image,patient,text", "{file},P{n},{label} {n}", "unclear"),
])
def test_where_it_is_unclear_the_user_is_asked(make_desk: MakeDesk, titles: str, line: str, said: str) -> None:
    desk = make_desk(NAMES)
    with pytest.raises(ColumnsUnclear, match=said) as caught:
        desk.read(table(titles, line))
    assert "--columns" in caught.value.hint and len(caught.value.rows) == 6 and desk.labels() == {}
    assert caught.value.has_titles == bool(titles)


@pytest.mark.parametrize("columns", ["image,shape", "1,3", "IMAGE, Shape", '"image","shape"'])
def test_columns_that_the_user_names(make_desk: MakeDesk, columns: str) -> None:
    desk = make_desk(NAMES)
    summary = desk.read(table("image,colour,shape", "{id},c{code},{label}"), columns=columns)
    assert desk.labels() == LABELS and summary.table.columns == ("image", "shape")


def test_columns_by_number_without_titles_and_in_any_order(make_desk: MakeDesk) -> None:
    desk = make_desk(NAMES)
    desk.read(table("", "{label},c{code},{file}"), columns="3,1")
    assert desk.labels() == LABELS
    desk.read(table("", "{label},c{code},{file}"), columns="3,2")
    assert set(desk.labels().values()) == {"c0", "c1"}


@pytest.mark.parametrize("columns", [
    "", "image", "image,none", "image,image", "0,1", "1,9", "image,shape,colour", ",", '"',
])
def test_columns_that_are_not_there(make_desk: MakeDesk, columns: str) -> None:
    desk = make_desk(NAMES)
    with pytest.raises(InputError, match="unclear" if not columns else "does not name two columns") as caught:
        desk.read(table("image,colour,shape", "{id},c{code},{label}"), columns=columns)
    assert "shape" in str(caught.value)
    with pytest.raises(InputError, match="has no columns"):
        desk.read("a.jpg cat\nb.jpg dog\n", columns="1,2")


def test_classes_of_the_project_tell_the_column(make_desk: MakeDesk) -> None:
    desk = make_desk(NAMES)
    desk.read(table("path,label", "{file},{label}"))
    desk.project.catalog.db.execute("UPDATE image SET class_id = NULL")
    desk.read(table("image,colour,shape", "{id},c{code},{label}"))
    assert desk.labels() == LABELS and len(list_classes(desk.project)) == 2


@pytest.mark.parametrize("first", ["0099a,disc", "0099a.jpg,disc", "0099a.jpg,unique"])
def test_a_first_row_of_data_is_no_row_of_titles(make_desk: MakeDesk, first: str) -> None:
    line = "{file},{label}" if "jpg" in first else "{id},{label}"
    summary = make_desk(NAMES).read(f"{first}\n{table('', line)}")
    assert summary.unknown == (first.partition(",")[0],) and summary.n_labelled == 24


@pytest.mark.parametrize(("cells", "several"), [
    (["cat", "dog", "cat dog"], True), (["cat|dog", "cat"], True), (["cat;dog", "cat"], True),
    (["cat, dog", "cat", "dog"], True), (["haze primary", "agriculture clear primary water", "clear primary"], True),
    (["person car", "car dog"], True), (['["cat", "dog"]', "cat"], True),
    (["golden retriever", "flat coated retriever", "poodle"], False),
    (["tench, Tinca tinca", "shark, a fish"], False),
    (["red fox", "fox", "white shark"], False), (["class 1", "class 2", "class 3"], False),
    (["cat|cat", "dog"], False),
])
def test_several_labels_in_a_cell(make_desk: MakeDesk, cells: list[str], several: bool) -> None:
    desk = make_desk(NAMES)
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    text = "image_name,labels\n" + "".join(f"{name},{quoted[i % len(quoted)]}\n" for i, name in enumerate(NAMES))
    if several:
        with pytest.raises(InputError, match=r"\d+ of 24 rows of the table “table.csv” have several labels"):
            desk.read(text)
        assert desk.labels() == {}
    else:
        desk.read(text)
        assert set(desk.labels().values()) == {cell.partition("|")[0] for cell in cells}


def test_a_class_of_the_project_is_one_label_whatever_it_is_called(make_desk: MakeDesk) -> None:
    desk = make_desk(NAMES)
    desk.read("path,label\n" + f"{NAMES[0]},light house\n")
    assert desk.read(f"path,label\n{NAMES[1]},light house\n{NAMES[2]},light\n{NAMES[3]},house\n").n_labelled == 3


def test_a_slip_among_many_rows_is_left_out_and_reported(make_desk: MakeDesk) -> None:
    desk = make_desk(NAMES)
    marks = {name: (int(label == "disc"), int(label == "square")) for name, label in LABELS.items()}
    marks |= {NAMES[3]: (1, 1), NAMES[4]: (0, 0)}
    summary = desk.read("image,disc,square\n" + "".join(f"{name},{a},{b}\n" for name, (a, b) in marks.items()))
    assert (summary.several_labels, summary.without_label, summary.n_labelled) == ((NAMES[3],), (NAMES[4],), 22)
    assert NAMES[3] not in desk.labels() and NAMES[4] not in desk.labels()


@pytest.mark.parametrize("yes_no", [
    ("1", "0"), ("1.0", "0.0"), ("True", "False"), ("x", ""), ("yes", "no"), ("1", "-1"),
])
def test_one_column_a_class(make_desk: MakeDesk, yes_no: tuple[str, str]) -> None:
    desk = make_desk(NAMES)
    lines = [",".join([name, "P1", *(yes_no[label != kind] for kind in ("disc", "square", "ring")), "0.5"])
             for name, label in LABELS.items()]
    desk.read("\n".join(["image,patient_id, disc, square,ring,age", *lines]))
    assert desk.labels() == LABELS and "ring" not in {c.name for c in list_classes(desk.project)}


@pytest.mark.parametrize("empty", ["", " ", "nan", "NaN", "NULL", "<NA>", "#N/A", "/"])
def test_a_cell_without_a_label_labels_nothing(make_desk: MakeDesk, empty: str) -> None:
    desk = make_desk(NAMES)
    summary = desk.read(f"path,label\n{NAMES[0]},{empty}\n{NAMES[1]},none\n")
    assert desk.labels() == {NAMES[1]: "none"} and summary.without_label == (NAMES[0],)


def test_whole_numbers_lose_the_point_that_pandas_gave_them(make_desk: MakeDesk) -> None:
    desk = make_desk(NAMES)
    desk.read(table("id,label", "{id},{code}.0"))
    assert set(desk.labels().values()) == {"0", "1"}


def test_boxes_of_different_labels_are_several(make_desk: MakeDesk) -> None:
    boxes = "".join(f"{name},1,1,9,9,{label}\n{name},1,1,9,9,hand\n" for name, label in LABELS.items())
    with pytest.raises(InputError, match="24 of 24 rows"):
        make_desk(NAMES).read(f"image,xmin,ymin,xmax,ymax,label\n{boxes}")


@pytest.mark.parametrize(("text", "said"), [
    ('{"a": 1', "damaged"), ("[1, 2]", "JSON .* unknown structure"), ('{"x": 1.5}', "JSON .* unknown structure"),
    ("[" * 100_000, "damaged"), ("<html><body></body></html>", "unknown structure: “html”"), ("<a", "damaged"),
    ('<!DOCTYPE x [<!ENTITY e "1">]><annotations/>', "own entities"),
    ("<annotation><object/></annotation>", "annotation"),
    ("a.jpg\nb.jpg\n", "not have two columns"), ("{}", "unknown structure"), ("[]", "unknown structure"),
    ('[{"a": 1}]', "not have two columns"),
])
def test_what_cannot_be_understood_is_refused_by_name(make_desk: MakeDesk, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        make_desk(NAMES[:2]).read(text)


@pytest.mark.parametrize("text", [
    "0000a 0 3\n0001a 1 3\n", '{"0000a.jpg": ["a", "b"], "0001a.jpg": ["c", "d"]}',
])
def test_several_labels_in_lists_and_json(make_desk: MakeDesk, text: str) -> None:
    with pytest.raises(InputError, match="2 of 2 rows" if text[0] == "0" else "."):
        make_desk(NAMES).read(text)


@pytest.mark.parametrize("line", [
    "{file} {label}", "/home/ana/mis fotos/{file} {label}", "{id} {label}", "{n} {file} {label}", "{file}   {label}",
    "{label} {file}", "{file}\t{label}", '"{id}" {label}',
])
def test_lists(make_desk: MakeDesk, line: str) -> None:
    desk = make_desk(NAMES)
    assert desk.read(table("", line)).unknown == () and desk.labels() == LABELS
    desk.read(table("", line.replace("{label}", "big {label}")) if "{file} {label}" == line else "")
    desk.read("# made by hand\n" + table("filename label", line))
    assert desk.labels() == LABELS


def test_names_beside_a_list_of_numbers(make_desk: MakeDesk) -> None:
    desk = make_desk(NAMES)
    (desk.folder / "synsets.txt").write_text("disc\nsquare\n")
    assert "synsets.txt" in str(desk.read(table("", "{file} {code}")).table.notes[0])
    assert desk.labels() == LABELS


@pytest.mark.parametrize("text", [
    '{{"{0}": {{"label": "disc"}}, "{1}": {{"label": "square"}}}}', '[["{0}", "disc"], ["{1}", "square"]]',
    '[["file", "label"], ["{0}", "disc"], ["{1}", "square"]]', '{{"disc": ["{0}"], "square": ["{1}"]}}',
    '{{"data": [{{"img": "{0}", "cls": "disc"}}, {{"img": "{1}", "cls": "square"}}], "version": 1}}',
    '[{{"image": "{0}", "taxonomy": [["disc"]]}}, {{"image": "{1}", "taxonomy": [["square"]]}}]',
    '{{"_via_img_metadata": {{"a": {{"filename": "{0}", "file_attributes": {{"label": "disc"}}}}, '
    '"b": {{"filename": "{1}", "file_attributes": {{"label": "square"}}}}}}}}',
])
def test_json_of_other_forms(make_desk: MakeDesk, text: str) -> None:
    desk = make_desk(NAMES[:2])
    desk.read(text.format(*NAMES))
    assert desk.labels() == {NAMES[0]: "disc", NAMES[1]: "square"}


def test_one_image_of_labelme(make_desk: MakeDesk) -> None:
    desk = make_desk(NAMES)
    desk.read('{"flags": {"disc": true, "ring": false}, "shapes": [], "imagePath": "..\\\\x\\\\0003a.jpg"}')
    assert desk.labels() == {"0003a.jpg": "disc"}


def test_numbers_that_are_no_classes_and_one_label_for_all(make_desk: MakeDesk) -> None:
    desk = make_desk(NAMES)
    with pytest.raises(InputError, match="Each of the 24 rows"):
        desk.read(table("", "{n} {file}"))
    assert desk.read(table("id,label", "{id},0")).table.notes == (Message("tables.one_label_only", label="0"),)


def test_titles_by_meaning() -> None:
    for title in ("image", "Image_ID", "imageid", "id_code", "img", "File Name", "filepath", "photo", "picture",
                  "uri", "name", "external_id", "Ruta de la imagen".replace("de la ", ""), "fname", "imágenes"[:6]):
        assert means_image(title), title
    for title in ("label", "Labels", "class_name", "classname", "breed", "category_name", "diagnosis", "Clase",
                  "ETIQUETA", "Categoría", "y", "annotation", "ground truth", "answer", "especie"):
        assert means_label(title), title
    assert plain_title(" Categoría_1 ") == "categoria1" and not means_label("annotation_id")


def test_an_id_that_numbers_the_rows_is_no_image_beside_the_file(make_desk: MakeDesk) -> None:
    desk = make_desk([f"{i}.jpg" for i in range(10)])
    desk.read("id,file,label\n" + "".join(f"{i},{9 - i},{'ab'[i // 5]}\n" for i in range(10)))
    assert desk.labels() == {f"{9 - i}.jpg": "ab"[i // 5] for i in range(10)}


def test_two_columns_that_name_the_same_image_are_no_doubt(make_desk: MakeDesk) -> None:
    desk = make_desk(NAMES)
    desk.read(table("image,path,label", "{file},C:\\\\x\\\\{file},{label}"))
    assert desk.labels() == LABELS
