"""The registry of backbone families, and the job `list-backbones`; imports no engine library.

To add a family: a module beside this one with a subclass of `Backbone` and `list_family`, a module of
`core.engine` that builds its networks, and one entry here.
"""

from __future__ import annotations

import difflib
from functools import cache
from typing import Any

from core.backbones import efficientnet_lite, keras_applications
from core.backbones.backbone import Backbone
from core.errors import InputError
from core.jobs import JobContext

FAMILIES = (efficientnet_lite, keras_applications)
"""Modules with `list_family`; those that need no download first."""

DEFAULT = "efficientnet-lite0"
"""What nobody chooses otherwise."""

JOINED_BY = " + "
"""Between the names of backbones whose features a run has side by side; the first is its main one."""


@cache
def list_backbones() -> tuple[Backbone, ...]:
    """The backbones of all families."""
    return tuple(backbone for family in FAMILIES for backbone in family.list_family())


def find_backbone(name: str) -> Backbone:
    """The backbone of that name; capitals, spaces and underscores do not matter.

    Raises:
        InputError: There is none; the hint names similar ones.
    """
    wanted = name.strip().lower().replace("_", "-").replace(" ", "-")
    by_name = {backbone.name: backbone for backbone in list_backbones()}
    if wanted in by_name:
        return by_name[wanted]
    similar = difflib.get_close_matches(wanted, by_name, n=3, cutoff=0.5)
    similar = similar or [backbone.name for backbone in list_backbones() if not backbone.download_mb]
    raise InputError("backbones.unknown", name=name, similar=tuple(similar))


def list_inventory(_: None, context: JobContext) -> list[dict[str, Any]]:
    """All backbones as JSON values: name, side_px, n_features, top1, licence, download_mb, is_here."""
    context.check()
    return [
        {"name": b.name, "side_px": b.side_px, "n_features": b.n_features, "top1": b.top1, "licence": b.licence,
         "source": b.source, "download_mb": b.download_mb, "is_here": b.is_here()}
        for b in list_backbones()
    ]
