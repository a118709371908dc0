"""Label tables in XML: CVAT for images, where an image has tags, or boxes with a label."""

from __future__ import annotations

from xml.etree import ElementTree

from core.errors import InputError
from core.project.label_tables.rows import LabelRow, LabelTable
from core.text import Message

FORM = Message("tables.form.cvat")
HINT = Message("tables.export_as_table")


def read_xml(text: str, name: str) -> LabelTable:
    """The labels of CVAT's own form.

    Raises:
        InputError: It is no XML, or XML of another form.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputError("tables.xml_with_entities", HINT, name=name)
    try:
        root = ElementTree.fromstring(_with_its_encoding(text))
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise InputError("tables.damaged_xml", name=name, reason=str(error)) from error
    images = root.findall("image") if root.tag == "annotations" else []
    if not images:
        raise InputError("tables.unknown_xml", HINT, name=name, tag=root.tag)
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
