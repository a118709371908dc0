"""The job `list-backbones`: which networks there are, and which need a download."""

from __future__ import annotations

from typing import Any

from core.backbones.registry import Backbone, list_backbones
from core.backbones.weights import keras_models_dir
from core.jobs import JobContext


def list_inventory(_: None, context: JobContext) -> list[dict[str, Any]]:
    """All backbones as JSON values: name, side_px, n_features, top1, licence, download_mb, is_here."""
    context.check()
    return [
        {"name": b.name, "side_px": b.side_px, "n_features": b.n_features, "top1": b.top1, "licence": b.licence,
         "source": b.source, "download_mb": b.download_mb, "is_here": is_here(b)}
        for b in list_backbones()
    ]


def is_here(backbone: Backbone) -> bool:
    """Whether its weights lie on this computer; they are checked when they are used."""
    names = [file.name for file in (backbone.weights, backbone.pooled_weights) if file is not None]
    return backbone.is_lite or any((keras_models_dir() / name).is_file() for name in names)
