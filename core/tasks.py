"""The table of all jobs by name; the only door to `core.engine`.

A job is named here and imported when it is asked for, so that neither the window nor a
command that trains nothing pays for the engine's libraries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from core.jobs import JobContext

Job = Callable[[Any, JobContext], Any]

TASKS: Mapping[str, str] = {
    "list-folders": "core.workflow.planning:list_folders",
    "scan": "core.project.importer:scan_folder",
    "embed": "core.embeddings.embed:embed_images",
    "train": "core.training.train:train",
    "predict": "core.training.predict_run:predict_run",
    "list-backbones": "core.backbones.inventory:list_inventory",
    "inspect": "core.embeddings.inspect:inspect_image",
    "answer": "core.workflow.answers:answer_images",
    "write-predictions": "core.workflow.predicting:write_table_job",
    "write-review": "core.workflow.review_page:write_review_page",
    "read-imagenet": "core.imagenet.readings:read_images",
    "check-health": "core.checks.job:check_health",
    "describe": "core.embeddings.describe:describe_images",
    "counter-test": "core.checks.counter_test_job:run_counter_test",
    "suggest-class-map": "core.imagenet.suggest_map:suggest_map",
    "preview-recipe": "core.images.preview:preview_recipe",
    "augment-variants": "core.training.augment_preview:preview_augment",
    "find-learning-rate": "core.engine.lr_finder:find_learning_rate",
    "time-training": "core.training.training_time:time_training",
    "draw-sample": "core.sample.job:draw_sample_job",
}


def resolve(name: str, table: Mapping[str, str] = TASKS) -> Job:
    """The job function of that name, imported now.

    Raises:
        KeyError: No job has that name (a fault of the program).
    """
    module_name, function_name = table[name].split(":")
    job: Job = getattr(import_module(module_name), function_name)
    return job


def run_here(name: str, inputs: Any, context: JobContext | None = None) -> Any:
    """Run a job in this process, as the command line and the tests do."""
    return resolve(name)(inputs, context or JobContext())
