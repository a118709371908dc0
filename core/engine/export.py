"""The child process that exports one Keras network to OpenVINO: `python -m core.engine.export`.

It ends when it is done, and takes TensorFlow's memory and import time with it.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

from core.backbones.registry import Backbone, find_backbone
from core.engine.exported import ARRAYS_NAME, DIGESTS_NAME, GRAPH_NAME, WEIGHTS_EXIT_CODE, digests_of
from core.engine.keras_backbone import build_backbone
from core.engine.openvino_quiet import import_openvino
from core.backbones.weights import LocatedWeights
from core.errors import WeightsDamaged
from core.files.writing import write_json


def export(backbone: Backbone, located: LocatedWeights, folder: Path) -> None:
    """Write a network as graph, arrays and digests.

    Args:
        backbone: Which network.
        located: Its weights.
        folder: Must exist and be empty.

    Raises:
        WeightsDamaged: The file is not of this backbone.
    """
    openvino = import_openvino()
    model = build_backbone(backbone, located)
    with warnings.catch_warnings():
        # the converter calls the model with a tuple, at which Keras 3.15 warns
        warnings.filterwarnings("ignore", message="The structure of `inputs`", category=UserWarning)
        converted = openvino.convert_model(model)
    openvino.save_model(converted, folder / GRAPH_NAME, compress_to_fp16=False)
    assert (folder / ARRAYS_NAME).is_file()
    write_json(folder / DIGESTS_NAME, digests_of(folder))


def main(name: str, weights: str, sha256: str, extent: str, folder: str) -> int:
    """Run by `core.engine.exported`; returns the exit code."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    located = LocatedWeights(Path(weights), sha256, extent == "whole")
    try:
        export(find_backbone(name), located, Path(folder))
    except WeightsDamaged as error:
        print(json.dumps([error.sentence, error.hint]))
        return WEIGHTS_EXIT_CODE
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
