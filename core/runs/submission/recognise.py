"""Tells which form of answer a template wants: a class, a probability, a column or a line for each class."""

from __future__ import annotations

from collections.abc import Sequence

from core.runs.submission.class_columns import find_class_columns
from core.runs.submission.class_rows import find_class_rows
from core.runs.submission.codes import ClassMap
from core.runs.submission.form import Form, Says
from core.runs.submission.one_column import find_one_column
from core.runs.submission.template import Template


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
    if template.row_labels or len(set(template.ids)) < len(template.ids):
        return find_class_rows(template, classes, given=given, wanted=wanted)
    found = find_class_columns(template, classes, given=given, wanted=wanted)
    return found or find_one_column(template, classes, given=given, wanted=wanted)
