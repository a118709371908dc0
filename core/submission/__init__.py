"""Submissions (competition files): the template understood, codes of classes, lines, written and read back.

    template.py, names.py        the example file; which test image each of its ids means
    form.py, columns.py          which form it is, of one_column.py, class_columns.py, class_rows.py
    codes.py                     the code of each class
    evidence.py                  whether the template's example answers contradict the codes
    make.py, written.py          the lines; the file, read back and compared
"""

from core.submission.codes import ClassCodes, ClassMap, MapSource, make_codes, parse_class_map, say_codes
from core.submission.form import Form, Missing, Says
from core.submission.make import Submission, SubmissionInput, make_submission, propose_form
from core.submission.written import write_submission

__all__ = [
    "ClassCodes", "ClassMap", "Form", "MapSource", "Missing", "Says", "Submission", "SubmissionInput", "make_codes",
    "make_submission", "parse_class_map", "propose_form", "say_codes", "write_submission",
]
