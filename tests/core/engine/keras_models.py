"""Backbones in Keras for the tests of what is built from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.backbones.backbone import Backbone
from core.backbones.weights import locate_weights
from core.engine.network import build_backbone


def load_keras_backbone(backbone: Backbone, *, weights: Path | None = None) -> Any:
    """With the published weights, or those of a file."""
    return build_backbone(backbone, locate_weights(backbone, weights=weights))
