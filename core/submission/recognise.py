"""Tells which form of answer a template wants: a class, a probability, a column or a line for each class."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import InputError
from core.submission.class_columns import find_class_columns
from core.submission.class_rows import find_class_rows
from core.submission.codes import ClassMap
from core.submission.form import Form, Says
from core.submission.one_column import find_one_column
from core.submission.template import Template
from core.submission.titles import names_other_task


def _refuse_boxes(template: Template) -> None:
    """Refuse templates of detection and segmentation, also where they have a column for a class.

    Raises:
        InputError: A column beside others is titled “xmin”, “rle” or the like.
    """
    boxes = [index for index in template.others if names_other_task(template.titles[index])]
    if boxes and len(template.others) > 1:
        raise InputError(
            f"The template asks for boxes or masks: {' and '.join(map(template.title, boxes[:2]))}.",
            "The run predicts one class for each image. Take these columns out of the template if they are not "
            "needed.",
        )


def find_form(
    template: Template, classes: Sequence[str], *, given: ClassMap | None = None, wanted: Says | None = None
) -> Form:
    """What the template wants.

    Args:
        template: The competition's example file.
        classes: All classes of the run, in the order of its probabilities.
        given: Codes that a person gave.
        wanted: What a person wants written, where the template could want several things.

    Raises:
        InputError: What the template wants cannot be told; the sentence names what is unclear.
    """
    _refuse_boxes(template)
    if template.row_labels or len(set(template.ids)) < len(template.ids):
        return find_class_rows(template, classes, given=given, wanted=wanted)
    found = find_class_columns(template, classes, given=given, wanted=wanted)
    return found or find_one_column(template, classes, given=given, wanted=wanted)
