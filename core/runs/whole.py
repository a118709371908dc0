"""The record and the predictions of a run, read together and checked against each other."""

from __future__ import annotations

from pathlib import Path

from core.errors import RunError
from core.runs.folder import RunPredictions, read_predictions, read_run
from core.runs.record import RunRecord
from core.runs.sums import CHOOSE_ANOTHER


def read_whole(folder: Path) -> tuple[RunRecord, RunPredictions]:
    """What a run was and what it says.

    Raises:
        RunError: Either is missing or damaged, or they do not belong together.
    """
    record = read_run(folder)  # first: without its record nothing else of the run is of use
    said = read_predictions(folder)
    shape = said.probabilities.shape
    if len(shape) != 2 or shape[1] != len(record.classes):
        raise RunError(f"The run “{folder.name}” is damaged: its predictions are not of its classes.", CHOOSE_ANOTHER)
    return record, said
