"""Makes the lines of a submission: the form told from the template, ids matched to images, predictions filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.submission.class_columns import find_class_columns
from core.submission.class_rows import find_class_rows
from core.submission.codes import ClassMap, MapSource, say_codes, shared_codes
from core.submission.evidence import compare_examples, require_agreement
from core.submission.form import Form, Missing, Says, fill, guess, refuse_missing
from core.submission.names import ImageFinder, doubled, match_ids, readable, shown
from core.submission.one_column import find_one_column
from core.submission.template import Template, plain_template, read_template
from core.submission.columns import names_other_task
from core.text import Message
from core.types import Skipped


@dataclass(frozen=True, slots=True)
class SubmissionInput:
    """What a submission is made from.

    Attributes:
        paths: Path of every test image with a prediction, parts joined by "/"; the last part is its name.
        probabilities: (n_images, n_classes) float32, in the same order.
        classes: All classes of the run, in the order of the columns.
        skipped: Test images without a prediction, and why.
        template: The competition's example file, or None for `ID,Ground_Truth` in natural order.
        class_map: Code for each class, or None to take it from the template.
        wanted: What to write where the template could want several things.
        missing: What is done about an image without a prediction; None refuses where a template has a line for it,
            and else leaves it out.
        majority: Place of the class with the most labels, or None if that is not known.
        decided: Place of the class that each image is answered with, negative for no answer, (n_images,) int64; None
            for the likeliest.
        unsure: What is written in the place of a class where there is no answer.
    """

    paths: tuple[str, ...]
    probabilities: NDArray[np.float32]
    classes: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()
    template: Path | None = None
    class_map: ClassMap | None = None
    wanted: Says | None = None
    missing: Missing | None = None
    majority: int | None = None
    decided: NDArray[np.int64] | None = None
    unsure: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission that is not written yet.

    Attributes:
        titles: First line, or empty if the file has none.
        rows: Cells of every line.
        form: What stands in which column.
        classes: All classes, in the order of the probabilities.
        probabilities: What each line says, (n_rows, n_classes) float64, rows sum to 1.
        guessed: Ids of lines without a prediction, and what was written.
        notes: What the user should know, one sentence each.
        decided: Place of the class of each line, negative where none is answered, (n_rows,) int64; None for the
            likeliest.
        unsure: What is written in the place of a class where none is answered.
    """

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    form: Form
    classes: tuple[str, ...]
    probabilities: NDArray[np.float64]
    guessed: tuple[str, ...] = ()
    notes: tuple[Message, ...] = ()
    decided: NDArray[np.int64] | None = None
    unsure: str = ""


def propose_form(inputs: SubmissionInput) -> Form:
    """The form and the codes as the template suggests them, whatever map is given.

    Raises:
        InputError: No images, a template that cannot be read, or answers that suggest nothing.
    """
    return find_form(_template_of(inputs, _finder(inputs)), inputs.classes, wanted=inputs.wanted)


def make_submission(inputs: SubmissionInput) -> Submission:
    """Match the images with the template and make the lines of the submission.

    Raises:
        InputError: No images; ids that are missing, doubled or unknown; a template or map that does not fit.
    """
    finder = _finder(inputs)
    template = _template_of(inputs, finder)
    form = find_form(template, inputs.classes, given=inputs.class_map, wanted=inputs.wanted)
    images = _images_of(template, finder, inputs)
    probabilities, guessed = _what_lines_say(images, template, inputs)
    notes = [*_about_codes(form, inputs), *_about_kept(template, form),
             *_about_examples(form, inputs, probabilities, images), *_about_decisions(form, inputs)]
    decided = _decisions_of(images, probabilities, inputs)
    rows = fill(template.rows, form, inputs.classes, probabilities, decided, inputs.unsure)
    titles = template.titles if template.has_titles else ()
    return Submission(
        titles, rows, form, inputs.classes, probabilities, guessed, tuple(notes), decided, inputs.unsure)


def _finder(inputs: SubmissionInput) -> ImageFinder:
    if not inputs.paths:
        raise InputError("submission.no_test_image")
    return ImageFinder([*inputs.paths, *(str(s.path) for s in inputs.skipped)], len(inputs.paths))


def _template_of(inputs: SubmissionInput, finder: ImageFinder) -> Template:
    if inputs.template:
        codes = inputs.class_map.values() if isinstance(inputs.class_map, dict) else ()
        endings = [*inputs.classes, *map(str, range(len(inputs.classes) + 1)), *codes]
        return read_template(inputs.template, finder, endings)
    is_guessed = inputs.missing in (Missing.MAJORITY, Missing.MEAN)
    paths = [*inputs.paths, *(str(s.path) for s in inputs.skipped if is_guessed)]
    is_wide = inputs.wanted in (Says.PROBABILITY, Says.ONE_HOT)
    template = plain_template(paths, inputs.classes) if is_wide else plain_template(paths)
    if twice := doubled(template.ids):
        raise InputError("submission.same_name", names=shown(twice))
    return template


def _images_of(template: Template, finder: ImageFinder, inputs: SubmissionInput) -> list[int | None]:
    """The image of each line, after checking that lines and images are the same set."""
    ids = list(dict.fromkeys(template.ids))
    if inputs.template is None and inputs.missing is Missing.FAIL:
        refuse_missing((), [(s.path.name, s) for s in inputs.skipped])
    by_id = dict(zip(ids, match_ids(ids, finder), strict=True))
    n = len(inputs.paths)
    if inputs.missing not in (Missing.MAJORITY, Missing.MEAN):
        refuse_missing([readable(i) for i, place in by_id.items() if place is None],
                       [(readable(i), inputs.skipped[p - n]) for i, p in by_id.items() if p is not None and p >= n])
    asked = set(by_id.values())
    if unasked := [path for place, path in enumerate(inputs.paths) if place not in asked]:
        names = [readable(path).rpartition("/")[2] for path in unasked]
        raise InputError("submission.image_without_line", names=shown(names))
    return [by_id[i] for i in template.ids]


def _what_lines_say(
    images: Sequence[int | None], template: Template, inputs: SubmissionInput
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Probabilities of each line, and the ids of those that are guessed."""
    n = len(inputs.paths)
    known = inputs.probabilities.astype(np.float64)
    known = known / known.sum(axis=1, keepdims=True)
    lacking = [line for line, place in enumerate(images) if place is None or place >= n]
    places = np.array([0 if place is None or place >= n else place for place in images], np.int64)
    said = known[places]
    if lacking and inputs.missing is not None:
        said[lacking] = guess(inputs.missing, inputs.probabilities, inputs.majority)
    return said, tuple(dict.fromkeys(readable(template.ids[line]) for line in lacking))


def _decisions_of(
    images: Sequence[int | None], probabilities: NDArray[np.float64], inputs: SubmissionInput
) -> NDArray[np.int64] | None:
    """What each line is answered with; a guessed line with its likeliest class."""
    if inputs.decided is None:
        return None
    decided, n = np.asarray(probabilities.argmax(axis=1), np.int64), len(inputs.paths)
    lines = [line for line, place in enumerate(images) if place is not None and place < n]
    decided[lines] = inputs.decided[[place for place in images if place is not None and place < n]]
    return decided


def _about_decisions(form: Form, inputs: SubmissionInput) -> list[Message]:
    """Whether answers that are left out, or chosen by cost, change the file at all; what stands for them is no code.

    Raises:
        InputError: What is written for no answer is the code of a class.
    """
    if inputs.decided is None:
        return []
    says = {filled.says for filled in form.columns}
    if Says.CLASS in says and inputs.unsure in form.codes.codes.values() and (inputs.decided < 0).any():
        raise InputError("submission.unsure_is_a_code", word=inputs.unsure)
    return [] if says & {Says.CLASS, Says.ONE_HOT} else [Message("submission.decision_not_written")]


def _about_codes(form: Form, inputs: SubmissionInput) -> list[Message]:
    notes = []
    if inputs.class_map is not None and form.codes.source is not MapSource.GIVEN:
        notes.append(Message("submission.map_not_used", reason=form.codes.reason))
    if any(filled.says is Says.CLASS for filled in form.columns):
        notes += [Message("submission.shared_code", names=shown(names), code=code)
                  for code, names in shared_codes(form.codes.codes).items()]
    return notes


def _about_kept(template: Template, form: Form) -> list[Message]:
    """Which columns are written as the template has them, but for that of a line's class."""
    kept = [index for index in template.others if index not in {filled.index for filled in form.columns}]
    if form.row_classes and not template.row_labels:
        kept = [index for index in kept if len(set(template.column(index))) != len(form.codes.codes)]
    return [Message("submission.kept", columns=tuple(map(template.title, kept)))] if kept else []


def _about_examples(
    form: Form, inputs: SubmissionInput, probabilities: NDArray[np.float64], images: Sequence[int | None]
) -> list[Message]:
    """What the template's example answers say about the codes; refused where they contradict them."""
    if not form.examples or form.row_classes:
        return []
    n = len(inputs.paths)
    predictions = [inputs.classes[i] for i in probabilities.argmax(axis=1)]
    examples = [example if place is not None and place < n else ""
                for example, place in zip(form.examples, images, strict=True)]
    found = compare_examples(form.codes, predictions, examples)
    if found is None:
        return []
    require_agreement(form.codes, found)
    agreement = {"n_agree": found.n_agree, "n_examples": found.n}
    if found.is_contradiction:
        return [Message("submission.examples_doubt", n_best=found.n_best, better=say_codes(found.best), **agreement)]
    return [Message("submission.examples_agree", **agreement)]


def _refuse_boxes(template: Template) -> None:
    """Refuse templates of detection and segmentation, also where they have a column for a class.

    Raises:
        InputError: A column beside others is titled “xmin”, “rle” or the like.
    """
    boxes = [index for index in template.others if names_other_task(template.titles[index])]
    if boxes and len(template.others) > 1:
        raise InputError(
            "submission.other_task", columns=tuple(map(template.title, boxes[:2])),
        )


def find_form(
    template: Template, classes: Sequence[str], *, given: ClassMap | None = None, wanted: Says | None = None
) -> Form:
    """What the template wants.

    Args:
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
