"""What a catalog knows of a folder that is planned again: the options chosen for it, and how its classes are named.

What the catalog knows wins, so that an import never brings a second class for what has one already: images that came
with classes such as "disc/2021" keep that way of naming, and their folder is not divided into splits later.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.project.journal import class_states
from core.project.label_history import former_names, labelled_by_hand
from core.project.class_naming import WAYS, ClassNaming
from core.project.folder_tree import FolderListing
from core.project.layout import USES, ImportLayout, LayoutOptions, plan_layout
from core.project.catalog import read_meta, write_meta
from core.project.paths import source_bytes
from core.project.project import Project

_OPTIONS = "import_options"


def plan_known(
    project: Project, listing: FolderListing, asked: Mapping[str, Any], *, use: str = "train",
    known_classes: Collection[str] = (),
) -> ImportLayout:
    """Plan an import into a project that may know the folder.

    Args:
        project: Open, also for reading only.
        asked: Fields of `LayoutOptions` that a person chose now; the others are as they were chosen last.
        use: See `plan_layout`.
        known_classes: Classes that other parts of this import bring.
    """
    db = project.catalog.db
    options = replace(stored_options(db, listing.folder), **asked)
    states = class_states(db)
    classes = {state.name for state in states.values()} | set(known_classes)
    layout = plan_layout(listing, options, use=use, known_classes=classes)
    if uses := _known_uses(db, layout, asked):
        options = replace(options, uses={**options.uses, **uses})
        layout = plan_layout(listing, options, use=use, known_classes=classes)
    if layout.has_splits and _is_imported_whole(db, layout):
        options = replace(options, with_splits=False)
        known = "whole"
        layout = replace(plan_layout(listing, options, use=use, known_classes=classes), known=known)
    if not layout.has_splits:
        listing = _without_test_folders(db, listing, use)
        layout = replace(plan_layout(listing, options, use=use, known_classes=classes), known=layout.known)
    is_asked = "classes_from" in asked or options.classes_from != "auto"
    namings = {} if is_asked else _known_namings(db, layout)
    if not namings:
        return layout
    planned = plan_layout(listing, options, use=use, known_classes=classes, namings=namings)
    is_new = {name for part in layout.parts for name, _ in part.classes if part.folder in namings}
    return replace(planned, known=layout.known or ("labels" if is_new else ""))


def stored_options(db: sqlite3.Connection, folder: Path) -> LayoutOptions:
    """The options that were chosen for a folder; the defaults where none were, or what stands there is damaged."""
    found = read_meta(db, _OPTIONS, {}).get(os.fsdecode(source_bytes(folder)))
    if not isinstance(found, dict):
        return LayoutOptions()
    options = LayoutOptions()
    if str(found.get("classes_from")) in WAYS:
        options = replace(options, classes_from=str(found["classes_from"]))
    if str(found.get("valid")) in USES:
        options = replace(options, valid=str(found["valid"]))
    uses = found.get("uses")
    chosen = {str(name): str(use) for name, use in uses.items() if str(use) in USES} if isinstance(uses, dict) else {}
    return replace(options, with_splits=found.get("with_splits") is not False, uses=chosen)


def keep_options(project: Project, folder: Path, options: LayoutOptions) -> None:
    """Remember what was chosen for a folder.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    if options == stored_options(project.catalog.db, folder):
        return
    with project.catalog.transaction() as db:
        known = read_meta(db, _OPTIONS, {})
        write_meta(db, _OPTIONS, known | {os.fsdecode(source_bytes(folder)): options.as_json()})


def _known_uses(db: sqlite3.Connection, layout: ImportLayout, asked: Mapping[str, Any]) -> dict[str, str]:
    """The splits that parts have in the catalog, where the plan says otherwise and nobody asked for that."""
    splits = dict(db.execute("SELECT path, split FROM source"))
    found: dict[str, str] = {}
    for part in layout.parts:
        known = splits.get(source_bytes(layout.folder / os.fsdecode(part.folder)))
        is_asked = part.name in asked.get("uses", ()) or part.kind == "valid" and "valid" in asked
        if part.folder and known not in (None, part.use) and part.use != "skip" and not is_asked:
            found[part.name] = str(known)
    return found


def _is_imported_whole(db: sqlite3.Connection, layout: ImportLayout) -> bool:
    """Whether images in what looks like splits belong to the folder itself as a source."""
    paths = [path for path, in db.execute(
        "SELECT i.path FROM image i JOIN source s ON s.id = i.source_id WHERE s.path = ? AND i.status <> 'missing'",
        (source_bytes(layout.folder),))]
    inside = tuple(part.folder + b"/" for part in layout.parts if part.folder)
    present = {layout.folder / os.fsdecode(path) for path in paths if path.startswith(inside)}
    return any(path.exists() for path in sorted(present)[:20])


def _without_test_folders(db: sqlite3.Connection, listing: FolderListing, use: str) -> FolderListing:
    """Without the sub-folders that the project has for the other split."""
    root = source_bytes(listing.folder).rstrip(b"/") + b"/"
    apart = [path[len(root):] for path, in db.execute("SELECT path FROM source WHERE split <> ?", (use,))
             if path.startswith(root)]
    return listing.without(apart)


def _known_namings(db: sqlite3.Connection, layout: ImportLayout) -> dict[bytes, ClassNaming]:
    """Namings other than the planned ones that fit the labels which came from folders better."""
    found: dict[bytes, ClassNaming] = {}
    by_hand = labelled_by_hand(db)
    names = {class_id: {state.name} for class_id, state in class_states(db).items()}
    for class_id, former in former_names(db).items():
        names.setdefault(class_id, set()).update(former)
    for part in layout.parts:
        if part.use != "train" or part.naming.by == "none":
            continue
        folders = _labelled_folders(db, layout.folder / os.fsdecode(part.folder), by_hand)
        wrapper = part.naming.wrapper
        ways = [part.naming, ClassNaming("path"), *(ClassNaming(by, wrapper) for by in ("path", "top", "leaf"))]
        n_fitting = [_count_fitting(way, folders, names) for way in ways]
        if max(n_fitting) > n_fitting[0]:
            found[part.folder] = ways[n_fitting.index(max(n_fitting))]
    return found


def _labelled_folders(db: sqlite3.Connection, folder: Path, by_hand: set[int]) -> Mapping[tuple[bytes, int], int]:
    """How many images of a source have a label that nobody gave by hand, by folder and class."""
    counts: dict[tuple[bytes, int], int] = defaultdict(int)
    sql = ("SELECT i.id, i.path, i.class_id FROM image i JOIN source s ON s.id = i.source_id "
           "WHERE s.path = ? AND i.class_id IS NOT NULL")
    for image_id, path, class_id in db.execute(sql, (source_bytes(folder),)):
        if image_id not in by_hand:
            counts[path.rpartition(b"/")[0], class_id] += 1
    return counts


def _count_fitting(
    naming: ClassNaming, folders: Mapping[tuple[bytes, int], int], names: Mapping[int, Collection[str]]
) -> int:
    return sum(n for (folder, class_id), n in folders.items()
               if naming.class_of_folder(folder) in names.get(class_id, ()))
