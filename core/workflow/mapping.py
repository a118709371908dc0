"""The embedding map of a project: prepared for its job, read where it is kept, written as a picture or table."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.backbones.registry import DEFAULT, JOINED_BY, find_backbone
from core.embeddings.kept_map import METHODS, TSNE, map_path, read_map
from core.embeddings.map import MapInput, MapLayout, MapResult
from core.errors import InputError, StorageError
from core.files.tables import harmless, write_csv
from core.files.user_files import is_standard_output, require_place, write_bytes_to_replace
from core.images.files import CHANGED
from core.jobs import JobContext
from core.project.project import Project
from core.project.queries import ImageFilter
from core.project.rows import image_refs, image_rows, path_names
from core.project.runs import RunRow, find_run, latest_finished, list_runs
from core.review.map_picture import PNG_START, draw_map, read_size
from core.tasks import run_here
from core.text import Message, render
from core.types import Skipped
from core.workflow.map_groups import COLORINGS, NEEDS_RUN, Grouping, Traits, group_by, read_traits

HEADER = ("path", "x", "y", "label", "prediction", "confidence", "split", "placed")


@dataclass(frozen=True, slots=True)
class KnownMap:
    """What a project has kept of a map, as points of its images now.

    Attributes:
        layout: By image id; images without a point are left out.
        n_gone: Contents of the kept map that no image has any more.
    """

    layout: MapLayout
    n_gone: int


def map_backbone(run: RunRow | None) -> str:
    """Whose embeddings a map is made from: those of the run's main backbone, else the usual ones."""
    name = run.backbone.partition(JOINED_BY)[0] if run is not None and run.backbone else DEFAULT
    try:
        return find_backbone(name).name
    except InputError:  # of another version of this program
        return DEFAULT


def prepare_map(
    project: Project, run: RunRow | None, *, method: str = TSNE, seed: int = 0, is_anew: bool = False,
) -> MapInput:
    """The frozen snapshot that the job `map-images` works from; where nothing can be written, nothing is embedded."""
    can_write = os.access(project.folder, os.W_OK)
    return MapInput(
        image_refs(project, ImageFilter()), map_backbone(run), project.embeddings_path,
        maps_path(project) if can_write else None, method, seed, is_anew, embeds=can_write)


def maps_path(project: Project) -> Path:
    """Folder of the kept maps; made when first written, may be deleted at any time."""
    return project.folder / "maps"


def read_known_map(project: Project, run: RunRow | None) -> KnownMap | None:
    """The kept t-SNE map of a project; None where there is none."""
    kept = read_map(map_path(maps_path(project), map_backbone(run), TSNE))
    if kept is None:
        return None
    place = {content: at for at, content in enumerate(kept.hashes)}
    rows = project.catalog.rows(
        "SELECT id, content_hash FROM image WHERE status = 'ok' AND content_hash IS NOT NULL ORDER BY id")
    found = [(image_id, place[content]) for image_id, content in rows if content in place]
    pairs = np.array(found, np.int64).reshape(-1, 2)
    n_gone = len(kept.hashes) - len(np.unique(pairs[:, 1]))
    return KnownMap(MapLayout(pairs[:, 0], kept.xy[pairs[:, 1]]), n_gone)


def write_map(
    folder: Path, out: Path, context: JobContext, *, coloring: str = COLORINGS[0], method: str = TSNE,
    run_id: str | None = None, seed: int = 0, is_anew: bool = False,
) -> Mapping[str, Any]:
    """Map the images of a project and write the map as PNG or CSV; what was written is read back and compared.

    Returns:
        `out, method, backbone, color, run, points, placed, gone, is_kept, groups` (number of images by title),
        `skipped` and `notes`.

    Raises:
        InputError: No such method or colouring, or one that needs a run; the file can be no output.
        RunError: There is no such run.
        ProjectError, StorageError, WeightsError, EngineError: See `map_images`.
        JobCancelled: The caller asked to end.
    """
    is_table = _is_table(out)
    require_place(out, first_bytes=b"" if is_table else PNG_START)
    if not is_table and os.path.lexists(out) and read_size(out) is None:
        raise InputError("files.is_an_image", path=out)
    if method not in METHODS:
        raise InputError("embeddings.map.no_such_method", method=method, methods=METHODS)
    if coloring not in COLORINGS:
        raise InputError("embeddings.map.no_such_coloring", coloring=coloring, colorings=COLORINGS)
    with Project.open(folder, read_only=True) as project:
        run = _find_run(project, run_id, coloring)
        asked = prepare_map(project, run, method=method, seed=seed, is_anew=is_anew)
        made: MapResult = run_here("map-images", asked, context)
        layout, changed = _as_it_is_now(project, asked, made)
        if not len(layout.image_ids):
            raise InputError("embeddings.map.nothing")
        traits = read_traits(project, run.id if run is not None else None, image_ids=layout.image_ids)
        grouping = group_by(traits, coloring)
        if is_table:
            _write_table(project, out, layout, traits, made)
        else:
            _write_picture(out, layout, grouping)
    return {
        "out": str(out), "method": made.method, "backbone": map_backbone(run), "color": coloring,
        "run": run.id if run is not None else None, "points": len(layout.image_ids),
        "placed": int(np.isin(layout.image_ids, made.placed_ids).sum()),
        "gone": made.n_gone, "is_kept": made.is_kept,
        "groups": {_said(group.title): group.n for group in grouping.groups},
        "skipped": [one.to_json() for one in (*made.skipped, *changed)], "notes": list(made.notes),
    }


def _as_it_is_now(project: Project, asked: MapInput, made: MapResult) -> tuple[MapLayout, tuple[Skipped, ...]]:
    """The points by image id, without those of images that another process changed while the map was made."""
    ids, xy = made.layout.image_ids, made.layout.xy
    has_point = np.asarray(np.isfinite(xy).all(axis=1))
    now = {image.id: image.content_hash for image in image_refs(project, ImageFilter())}
    changed = [image for image, has in zip(asked.images, has_point.tolist(), strict=True)
               if has and now.get(image.id) != image.content_hash]
    order = np.flatnonzero(has_point & ~np.isin(ids, [image.id for image in changed]))
    order = order[np.argsort(ids[order])]
    return MapLayout(ids[order], xy[order]), tuple(Skipped(image.path, Message(CHANGED)) for image in changed)


def _is_table(out: Path) -> bool:
    ending = out.suffix.lower()
    if ending not in (".png", ".csv") and not is_standard_output(out):
        raise InputError("embeddings.map.ending", path=out)
    return ending != ".png"


def _find_run(project: Project, run_id: str | None, coloring: str) -> RunRow | None:
    """The run whose predictions are shown; none is needed where nothing of a run is."""
    if run_id is None and coloring not in NEEDS_RUN and latest_finished(list_runs(project)) is None:
        return None
    return find_run(project, run_id)


def _said(title: str | Message) -> str:
    return render(title) if isinstance(title, Message) else title


def _write_picture(out: Path, layout: MapLayout, grouping: Grouping) -> None:
    png = draw_map(
        layout.xy, grouping.of_image, [(_said(g.title), g.n, g.color, g.sign) for g in grouping.groups])
    write_bytes_to_replace(out, png)
    if out.read_bytes() != png or read_size(out) is None:
        raise StorageError("embeddings.map.read_back", path=out)


def _write_table(project: Project, out: Path, layout: MapLayout, traits: Traits, made: MapResult) -> None:
    rows = {row.id: row for row in image_rows(project, layout.image_ids)}
    names = dict(zip(rows, path_names(tuple(rows.values())), strict=True))
    classes = {row.id: row.name for row in traits.classes}
    placed = frozenset(made.placed_ids.tolist())
    lines = [
        [harmless(names[image_id]), f"{x:.6f}", f"{y:.6f}", harmless(classes.get(label, "")),
         harmless(classes.get(said, "")), "" if np.isnan(sure) else f"{sure:.6f}", "test" if is_test else "train",
         "yes" if image_id in placed else ""]
        for image_id, (x, y), label, said, sure, is_test in zip(
            layout.image_ids.tolist(), layout.xy.tolist(), traits.labels.tolist(), traits.predicted.tolist(),
            traits.confidence.tolist(), traits.is_test.tolist(), strict=True)
    ]
    write_csv(out, HEADER, lines)
    if not is_standard_output(out):
        _require_same(out, [list(map(str, line)) for line in lines])


def _require_same(out: Path, lines: list[list[str]]) -> None:
    try:
        with out.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            found = list(csv.reader(file))
    except (OSError, ValueError) as error:
        raise StorageError("embeddings.map.read_back", path=out) from error
    if found != [list(HEADER), *lines]:
        raise StorageError("embeddings.map.read_back", path=out)
