"""Writes the predictions of a run for a project: as a table, or as a submission.

`write_table_job` is a job, which the window shares with the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from core.errors import InputError
from core.jobs import JobContext
from core.project.project import Project
from core.project.runs import find_run
from core.project.spared import remember_input, require_spared
from core.files.user_files import require_place
from core.review.decide import REASONS, Rule
from core.submission import ClassMap, Missing, Says, Submission, SubmissionInput, parse_class_map
from core.submission import write_submission as write_submission_file
from core.files.tables import write_predictions as write_table
from core.tasks import run_here
from core.workflow.answers import (
    AnswerJob, RunAnswers, answer_images, open_for_answers, place_for_embeddings, prepare_answers, record_answers,
)
from core.workflow.deciding import Wish, describe_unanswered, make_rule
from core.workflow.expected_words import expected_as_json
from core.workflow.expecting import read_expected

PLAIN, NO_WISH = Rule(), Wish()

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class TableJob:
    """Answers to be written as a table into the file `out`.

    Attributes:
        rule: How probabilities become answers.
    """

    answers: AnswerJob
    out: Path
    rule: Rule = PLAIN


def prepare_table(project: Project, run_id: str | None, out: Path, wish: Wish = NO_WISH) -> TableJob:
    """What is to be asked of a run about all readable images, and written as a table.

    Raises:
        InputError: A wish that cannot be met; see `make_rule`. Nothing can be written at `out`; see `require_spared`.
        RunError: The run is missing or damaged.
    """
    require_spared(project, out)
    asked = prepare_answers(project, run_id, None, has_none=wish.has_none)
    return TableJob(asked, out, make_rule(project, asked.classes, wish))


def write_table_job(job: TableJob, context: JobContext) -> RunAnswers:
    """Write `path,prediction,confidence,p_<class>…`, and `unanswered` where a rule may leave answers out.

    Returns:
        What was written.

    Raises:
        InputError: No image could be predicted; no file is written then.
        InputError, StorageError: The file cannot be written.
        RunError, WeightsError, JobCancelled: See `answer_images`.
    """
    answers = answer_images(job.answers, context)
    if not answers.names:
        if not answers.skipped:
            raise InputError("runs.nothing_predicted")
        first = answers.skipped[0]
        raise InputError("runs.first_not_predicted", name=first.path.name, reason=first.reason)
    decided = None if job.rule.is_plain else job.rule.decide(answers.probabilities, answers.is_unlike)
    write_table(job.out, answers.names, classes=answers.classes, probabilities=answers.probabilities, decided=decided,
                reasons=REASONS)
    return answers


def submission_of(
    answers: RunAnswers, *, template: Path | None = None, class_map: ClassMap | None = None,
    wanted: Says | None = None, missing: Missing | None = None, rule: Rule = PLAIN, unsure: str = "",
) -> SubmissionInput:
    """The submission that these predictions make; see `core.submission`.

    Raises:
        InputError: Classes of the run were deleted or merged since, and nobody said what is written for them.
    """
    if answers.gone and (class_map is None or isinstance(class_map, str)):
        names = tuple(answers.classes[at] for at in sorted(answers.gone))
        raise InputError("submission.classes_gone", n=len(names), names=names, codes=",".join(
            f"{name}=…" for name in answers.classes))
    return SubmissionInput(
        tuple(map(str, answers.paths)), answers.probabilities, answers.classes, answers.skipped, template, class_map,
        wanted, missing, answers.majority,
        None if rule.is_plain else rule.decide(answers.probabilities, answers.is_unlike), unsure,
    )


def write_predictions(
    folder: Path, out: Path, context: JobContext, *, run_id: str | None = None, split: str | None = None,
    wish: Wish = NO_WISH,
) -> Mapping[str, Any]:
    """Write `path,prediction,confidence,p_<class>…` for the images of a project.

    Where the project cannot be written, what is new is predicted all the same and not kept.

    Returns:
        `run, out, rows, skipped, changed, notes, expected`; `changed` names the images whose files changed after the
        last import, `expected` is the expected accuracy on images without labels (see `expected_as_json`) or None.
        With a wish also `sure, unsure, none_of_these, by_cost` (see `describe_unanswered`).

    Raises:
        InputError, ProjectError, RunError, WeightsError, StorageError: See `prepare_answers` and `write_table_job`.
        JobCancelled: The caller asked to end.
    """
    require_place(out)
    with open_for_answers(folder) as project, place_for_embeddings(project) as place:
        require_spared(project, out)
        asked = prepare_answers(project, run_id, split, embeddings=place, has_none=wish.has_none)
        if not asked.images:
            raise InputError("runs.no_images" if split is None else f"runs.no_{split}_images")
        job = TableJob(asked, out, make_rule(project, asked.classes, wish))
        answers: RunAnswers = run_here("write-predictions", job, context)
        record_answers(project, answers)
        expected = expected_as_json(project, read_expected(project, find_run(project, answers.run)))
    return {"run": answers.run, "out": str(out), "rows": len(answers.names),
            "skipped": [s.to_json() for s in answers.skipped], "changed": list(answers.changed),
            "notes": list(answers.notes), "expected": expected,
            **describe_unanswered(job.rule, answers)}


def write_submission(
    folder: Path, out: Path, context: JobContext, *, run_id: str | None = None, template: Path | None = None,
    class_map: str | None = None, wanted: str | None = None, missing: str | None = None, wish: Wish = NO_WISH,
    unsure: str = "",
) -> Mapping[str, Any]:
    """Write the submission for the test images.

    Args:
        run_id: A run, or None for the latest.
        template: The competition's example file.
        class_map: Codes as `parse_class_map` reads them; None takes them from the template.
        wanted: One of `Says`, where the template could want several things.
        missing: One of `Missing`.
        wish: What is asked of the answers.
        unsure: What is written in the place of a class where that leaves none.

    Returns:
        `run, out, rows, class_map, map_source, map_reason, form, is_checked, notes, guessed, skipped, changed,
        expected`; the last two as of `write_predictions`. With a wish also `unsure_word` and what
        `describe_unanswered` gives.

    Raises:
        InputError: Ids that are missing, doubled or unknown; a template or map that does not fit; no test images.
        ProjectError, RunError, WeightsError, StorageError: See `prepare_answers` and `answer_images`.
        JobCancelled: The caller asked to end.
    """
    codes = parse_class_map(class_map) if class_map is not None else None
    says, choice = _choice(Says, wanted, "--write"), _choice(Missing, missing, "--missing")
    inputs = (template,) if template else ()
    require_place(out, inputs=inputs)
    with open_for_answers(folder) as project, place_for_embeddings(project) as place:
        require_spared(project, out, inputs=inputs)
        if template:
            remember_input(project, template)
        asked = prepare_answers(project, run_id, "test", embeddings=place, has_none=wish.has_none)
        rule = make_rule(project, asked.classes, wish)
        answers: RunAnswers = run_here("answer", asked, context)
        record_answers(project, answers)
        expected = expected_as_json(project, read_expected(project, find_run(project, answers.run)))
    made = write_submission_file(submission_of(
        answers, template=template, class_map=codes, wanted=says, missing=choice, rule=rule, unsure=unsure), out)
    return {
        **_describe_file(made, answers), "out": str(out), "missing": str(choice) if choice else None,
        "expected": expected, **({} if rule.is_plain else {"unsure_word": unsure}),
        **describe_unanswered(rule, answers),
    }


def _describe_file(made: Submission, answers: RunAnswers) -> dict[str, Any]:
    """What stands in a submission, as JSON values."""
    codes = made.form.codes
    return {
        "run": answers.run, "rows": len(made.rows), "class_map": dict(codes.codes), "map_source": str(codes.source),
        "map_reason": codes.reason, "form": made.form.words, "is_checked": True,
        "notes": [*made.notes, *answers.notes], "guessed": list(made.guessed),
        "skipped": [s.to_json() for s in answers.skipped], "changed": list(answers.changed),
    }


def _choice(among: type[Choice], word: str | None, option: str) -> Choice | None:
    """The choice that a word means.

    Raises:
        InputError: There is none of that name.
    """
    if word is None:
        return None
    choices = {str(choice): choice for choice in among if choice is not Says.CONFIDENCE}
    if word.strip().casefold() not in choices:
        raise InputError("runs.no_such_choice", option=option, word=word, choices=tuple(choices))
    return choices[word.strip().casefold()]
