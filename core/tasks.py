"""The table of all jobs by name, and how one is run; the only door to `core.engine`.

A job is named here and imported when it is asked for, so that neither the window nor a
command that trains nothing pays for the engine's libraries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from core.errors import AppError, EngineError
from core.jobs import JobCancelled, JobContext

Job = Callable[[Any, JobContext], Any]

TASKS: Mapping[str, str] = {
    "list-folders": "core.workflow.planning:list_folders",
    "scan": "core.project.scan:scan_folder",
    "embed": "core.embeddings.embed:embed_images",
    "train": "core.training.job:train",
    "predict": "core.training.job:predict",
    "list-devices": "core.engine.devices:list_devices",
    "list-backbones": "core.backbones.registry:list_inventory",
    "inspect": "core.review.inspection:inspect_image",
    "explain": "core.heat_maps.explain:explain_images",
    "find-similar": "core.review.similar_images:find_similar",
    "rank-contributions": "core.training.rank_contributions:rank_contributions",
    "answer": "core.workflow.answers:answer_images",
    "write-predictions": "core.workflow.predicting:write_table_job",
    "write-review": "core.workflow.review_page:write_review_page",
    "map-images": "core.embeddings.map:map_images",
    "read-imagenet": "core.imagenet.readings:read_images",
    "check-health": "core.checks.job:check_health",
    "describe": "core.checks.describe:describe_images",
    "counter-test": "core.checks.counter_test_job:run_counter_test",
    "suggest-class-map": "core.imagenet.class_map:suggest_map",
    "preview-recipe": "core.training.preview:preview_recipe",
    "augment-variants": "core.training.preview:preview_augment",
    "find-learning-rate": "core.engine.lr_finder:find_learning_rate",
    "learning-curve": "core.training.learning_curve:measure_learning_curve",
    "time-training": "core.training.trials:time_training",
    "copy-project": "core.project.copying:copy_project",
    "copy-sample": "core.workflow.sample:copy_sample",
    "back-up": "core.project.backup_jobs:back_up",
    "list-copies": "core.project.backup_jobs:list_copies",
    "restore": "core.project.backup_jobs:restore",
}


class ProgramFault(EngineError):
    """Something that nobody foresaw: a fault of the program, with details to copy.

    Args:
        details: Traceback or last words of a process, for whoever mends it.
    """

    def __init__(self, code: str, /, *, details: str = "", **params: Any) -> None:
        super().__init__(code, **params)
        self.details = details


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The job came to its end; `result` is what it returned."""

    result: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """The job did not come to its end; a `ProgramFault` if nobody foresaw it."""

    error: AppError


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The job ended because it was asked to."""


Outcome = Succeeded | Failed | Cancelled


def resolve(name: str, table: Mapping[str, str] = TASKS) -> Job:
    """The job function of that name, imported now.

    Raises:
        KeyError: No job has that name (a fault of the program).
    """
    module_name, function_name = table[name].split(":")
    job: Job = getattr(import_module(module_name), function_name)
    return job


def run_job(name: str, inputs: Any, context: JobContext, *, tasks: Mapping[str, str] = TASKS) -> Outcome:
    """Run a job in this process, be it the engine process, a command or a test; never raises."""
    def work() -> Any:
        context.check()
        return resolve(name, tasks)(inputs, context)

    return conclude(work)


def conclude(work: Callable[[], Any]) -> Outcome:
    """Do some work of a job and tell how it ended; the one place that turns exceptions into outcomes."""
    try:
        return Succeeded(work())
    except JobCancelled:
        return Cancelled()
    except AppError as error:
        return Failed(error)
    except MemoryError:
        return Failed(EngineError("jobs.no_memory"))
    except Exception as error:  # the job runner: whatever a job raises must reach the one who waits for it
        return Failed(describe_fault(error))


def result_of(outcome: Outcome) -> Any:
    """The result of a job.

    Raises:
        JobCancelled: It was cancelled.
        AppError: What ended it.
    """
    if isinstance(outcome, Succeeded):
        return outcome.result
    raise outcome.error if isinstance(outcome, Failed) else JobCancelled


def run_here(name: str, inputs: Any, context: JobContext | None = None) -> Any:
    """Run a job in this process for its result, as commands do and jobs that need another.

    Raises:
        JobCancelled: It was cancelled.
        AppError: What it foresaw; anything else that it raises comes as it is.
    """
    outcome = run_job(name, inputs, context or JobContext())
    if isinstance(outcome, Failed) and isinstance(outcome.error, ProgramFault) and outcome.error.__cause__:
        raise outcome.error.__cause__
    return result_of(outcome)


def describe_fault(error: BaseException) -> ProgramFault:
    """An unforeseen exception as an error with its traceback in `details`."""
    import traceback

    fault = ProgramFault("jobs.fault", details="".join(traceback.format_exception(error)))
    fault.__cause__ = error
    return fault
