"""The job `draw-sample`."""

from __future__ import annotations

from core.jobs import JobContext
from core.training.job import DrawSampleInput
from core.sample.dataset import SampleSummary, draw_sample


def draw_sample_job(inputs: DrawSampleInput, context: JobContext) -> SampleSummary:
    """Draw the sample data set; see `draw_sample`."""
    return draw_sample(inputs.folder, seed=inputs.seed, context=context)
