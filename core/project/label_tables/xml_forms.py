"""Label tables in XML: CVAT for images, where an image has tags, or boxes with a label."""

from __future__ import annotations

from xml.etree import ElementTree

from core.errors import InputError
from core.project.label_tables.rows import LabelRow, LabelTable

FORM = "CVAT for images, XML"
HINT = "Export the labels as a table with the columns path and label."


def read_xml(text: str, name: str) -> LabelTable:
    """The labels of CVAT's own form.

    Raises:
        InputError: It is no XML, or XML of another form.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputError(f"The table “{name}” cannot be read: it is XML or HTML that defines its own signs.", HINT)
    try:
        root = ElementTree.fromstring(_with_its_encoding(text))
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise InputError(f"The table “{name}” cannot be read: it looks like XML and is damaged ({error}).",
                         "Export it again.") from error
    images = root.findall("image") if root.tag == "annotations" else []
    if not images:
        raise InputError(f"The table “{name}” is XML of another form: “{root.tag}” holds no labels of images.", HINT)
    return LabelTable(FORM, tuple(LabelRow(image.get("name", ""), _labels(image)) for image in images))


def _with_its_encoding(text: str) -> str | bytes:
    """The text, or the bytes of a file that is not UTF-8: its first line says what they are."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")
    return text


def _labels(image: ElementTree.Element) -> tuple[str, ...]:
    """The tags of an image; those of its shapes where it has no tag."""
    tags = [shape.get("label", "") for shape in image if shape.tag == "tag"]
    shapes = [shape.get("label", "") for shape in image]
    return tuple(dict.fromkeys(filter(None, tags or shapes)))
