"""Making a project from folders of images, and taking labels from a table."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import AppError, InputError, StorageError
from core.jobs import JobContext
from core.project.backup_files import BACKUPS_NAME
from core.project.backups import keep_backup
from core.project.catalog import CATALOG_NAME
from core.project.classes import list_classes, similar_class_names
from core.project.discard import discard_unused
from core.project.folder_tree import require_folder
from core.images.reasons import read_reason
from core.project.importer import PASSED_OVER, PASSED_OVER_THEN, ImportSummary
from core.project.label_csv import LabelCsvSummary, import_labels
from core.project.label_tables.parts import OTHER
from core.project.layout import ImportLayout
from core.project.paths import display_text
from core.project.project import Project, require_place
from core.project.queries import count_all
from core.project.refiling import Refiling
from core.workflow.class_acts import renamed_classes, similar_classes
from core.text import Message
from core.workflow.plan_remarks import describe_layout
from core.workflow.planning import (
    ImportPlans, ImportWishes, ListedFolders, ListInput, import_layout, list_folders, plan_import,
    project_to_look_at,
)


_UNREADABLE = "SELECT name, reason FROM image WHERE status = 'unreadable' ORDER BY sort_key"
_MISSING = "SELECT name FROM image WHERE status = 'missing' AND coalesce(reason, '') NOT IN (?, ?) ORDER BY sort_key"
"""Not learnt from meanwhile."""


def new_project(
    folder: Path, source: Path, test: Path | None, context: JobContext, *, wishes: ImportWishes | None = None,
    is_dry_run: bool = False,
) -> Mapping[str, Any]:
    """Make a project from a folder of images, or add to it what is new there.

    Args:
        folder: The project's folder; made if missing.
        source: Images; their folders are planned by `core.project.layout`.
        test: Test images, or None; labelled where their folders are classes of the training images.
        wishes: What a person wants of the plan, and of labels that are not what their folders say.
        is_dry_run: Plan and write nothing at all.

    Returns:
        `plan, remarks, similar_classes`; if it is no dry run also `images, classes, test_images, test_classes,
        excluded, unreadable, missing` of the whole project, `added, moved, moved_to_test, moved_to_train, came_back,
        changed, changed_images` (the first), `removed_passed_over, brought_back, earlier_labels, relabelled,
        renamed_classes, kept_labels` of this import, and the copy of the catalog that was made (`backup, notes`).

    Raises:
        InputError: A folder is missing or holds no image, or a wish is none that there is.
        ProjectError, StorageError: The project cannot be opened or written.
        JobCancelled: The caller asked to end.
    """
    folder, wishes = folder.expanduser(), wishes or ImportWishes()
    wishes.asked()
    for images in filter(None, (source, test)):
        require_folder(images)
    listed = list_folders(ListInput(source, test), context)
    is_new = not (folder / CATALOG_NAME).is_file()
    if is_dry_run:
        if is_new:
            require_place(folder)
        return _plan_only(folder, listed, wishes)
    with Project.create(folder) if is_new else Project.open(folder) as project:
        try:
            plans = plan_import(project, listed, wishes)
            summaries = [summary for layout in plans.layouts for summary in _import(project, layout, wishes, context)]
        except BaseException:
            if is_new:
                with suppress(AppError):  # what went wrong is said, and not this
                    discard_unused(project)
            raise
        return _describe(project, summaries) | _describe_plans(plans) | back_up(project)


def _plan_only(folder: Path, listed: ListedFolders, wishes: ImportWishes) -> dict[str, Any]:
    with project_to_look_at(folder) as project:
        plans = plan_import(project, listed, wishes)
        known = [row.name for row in list_classes(project)] if project is not None else []
    named = [name for layout in plans.layouts for part in layout.parts for name, _ in part.classes]
    similar = [list(group) for group in similar_class_names([*named, *known])]
    return {"project": str(folder), "dry_run": True, **_describe_plans(plans), "similar_classes": similar}


def _describe_plans(plans: ImportPlans) -> dict[str, Any]:
    described = [describe_layout(layout) for layout in plans.layouts]
    remarks = list(dict.fromkeys(remark for plan in described for remark in plan["remarks"]))
    return {"plan": described, "remarks": remarks}


def _import(
    project: Project, layout: ImportLayout, wishes: ImportWishes, context: JobContext
) -> list[ImportSummary]:
    summaries = import_layout(project, layout, context, follow=wishes.follow)
    if any(summary.n_found for summary in summaries):
        return summaries
    if any(summary.n_unchanged for summary in summaries):
        raise InputError("imports.part_of_another_folder", folder=layout.folder)
    if any(summary.n_missing for summary in summaries):
        raise InputError("imports.all_gone", folder=layout.folder)
    if any(part.n_images for part in layout.parts if part.use == "skip"):
        raise InputError("imports.all_left_out", folder=layout.folder)
    raise InputError("imports.no_images", folder=layout.folder)


def _describe(project: Project, summaries: list[ImportSummary]) -> dict[str, Any]:
    counts = count_all(project)
    names = {row.id: row.name for row in list_classes(project)}
    labelled = {(i, split): n for i, split, n in project.catalog.rows(
        "SELECT class_id, split, count(*) FROM image WHERE status = 'ok' GROUP BY 1, 2")}
    return {
        "project": str(project.folder),
        "images": counts.by_split.get("train", 0),
        "classes": {name: labelled.get((i, "train"), 0) for i, name in names.items()},
        "test_images": counts.by_split.get("test", 0),
        "test_classes": {name: labelled[i, "test"] for i, name in names.items() if (i, "test") in labelled},
        "unreadable": [{"path": name, "reason": str(read_reason(reason)) if reason else ""} for name, reason in
                       project.catalog.rows(_UNREADABLE)],
        "missing": [name for name, in project.catalog.rows(_MISSING, (PASSED_OVER, PASSED_OVER_THEN))],
        "no_longer_used": project.catalog.rows(
            "SELECT count(*) FROM image WHERE reason IN (?, ?)", (PASSED_OVER, PASSED_OVER_THEN))[0][0],
        "excluded": counts.n_excluded, "removed_passed_over": sum(s.n_removed for s in summaries),
        "brought_back": sum(s.n_brought_back for s in summaries),
        "added": sum(s.n_added for s in summaries),
        "moved": sum(s.n_moved for s in summaries), "came_back": sum(s.n_returned for s in summaries),
        "moved_to_test": sum(s.n_moved_to_test for s in summaries),
        "moved_to_train": sum(s.n_moved_to_train for s in summaries),
        "changed": sum(s.n_changed for s in summaries),
        "changed_images": [name for s in summaries for name in s.changed],
        "earlier_labels": sum(s.n_marked for s in summaries),
        **_describe_refiling([s.refiling for s in summaries]),
        "new_classes": [name for s in summaries for name in s.new_classes],
        "similar_classes": similar_classes(project),
        "not_pictures": sum(s.n_not_images for s in summaries),
        "with_frames": [name for s in summaries for name in s.with_frames],
        "skipped_folders": [{"path": _shown(s.path), "reason": str(s.reason)} for x in summaries for s in x.skipped],
    }


def _describe_refiling(refilings: Sequence[Refiling]) -> dict[str, Any]:
    """Which labels and classes followed their folders, and which stayed."""
    unsettled = [one for r in refilings for one in r.unsettled]
    return {
        "relabelled": {"images": sum(r.n_followed for r in refilings),
                       "first": [asdict(one) for r in refilings for one in r.followed]},
        "renamed_classes": dict(pair for r in refilings for pair in r.renamed),
        "made_classes": [name for r in refilings for name in r.made],
        "removed_classes": [name for r in refilings for name in r.removed],
        "kept_labels": {"images": sum(one.n_images for one in unsettled),
                        "folders": [asdict(one) for one in unsettled]},
    }


def _shown(path: Path) -> str:
    return display_text(str(path).encode("utf-8", "surrogateescape"))


def label_from_csv(
    folder: Path, table: Path, *, columns: str | None = None, split: str | None = None
) -> Mapping[str, Any]:
    """Label images from a table of any form that is known.

    Args:
        columns: Titles or numbers of the columns of image and label, “IMAGE,LABEL”; None to find them.
        split: "train" or "test" to label images of this part only.

    Returns:
        `rows, labelled, labelled_train, labelled_test, tagged` (images that got other flags or tags), `unchanged,
        unknown, ambiguous, contradicting, new_classes, similar_classes, backup, notes`; `without_label` counts rows,
        `without_label_rows` and `several_labels` list them; `excluded, included` count images that the table excludes
        or lets take part again, `not_excluded` and `not_tagged` list what it excludes, flags or tags and cannot be
        found; `format` and `columns` say how the table was understood.

    Raises:
        InputError: The table cannot be read, or none of its rows names an image of the project.
        ProjectError, StorageError: The project cannot be opened or written.
    """
    if split not in (None, *OTHER):
        raise InputError("imports.no_such_split", split=split)
    with Project.open(folder) as project:
        summary = import_labels(project, table, columns=columns, split=split)
        had_names = any(not c.name.isdecimal() and c.name not in summary.new_classes for c in list_classes(project))
        similar, renamed = similar_classes(project), renamed_classes(project, summary.new_classes)
        backup = back_up(project) if summary.has_changed else {"backup": None, "notes": []}
    _require_rows(summary, table, split)
    return {
        "rows": summary.n_rows, "labelled": summary.n_labelled, "unchanged": summary.n_unchanged,
        "tagged": summary.n_tagged,
        "labelled_train": summary.n_labelled - summary.n_labelled_test, "labelled_test": summary.n_labelled_test,
        "without_label": len(summary.without_label), "without_label_rows": list(summary.without_label),
        "several_labels": list(summary.several_labels), "unknown": list(summary.unknown),
        "ambiguous": list(summary.ambiguous), "contradicting": list(summary.contradicting),
        "excluded": summary.excluded.n_excluded, "included": summary.excluded.n_included,
        "not_excluded": list(summary.excluded.not_applied), "not_tagged": list(summary.not_tagged),
        "other_part": list(summary.other_part),
        "new_classes": list(summary.new_classes), "format": summary.table.form,
        "columns": list(summary.table.columns), "similar_classes": similar, "project": str(folder), **backup,
        "notes": [*label_notes(summary, had_names=had_names), *renamed, *backup["notes"]],
    }


def _require_rows(summary: LabelCsvSummary, table: Path, split: str | None) -> None:
    """Refuse a table of which nothing could be used, with the reason."""
    if not summary.n_rows + summary.n_tagged + len(summary.not_tagged) + len(summary.excluded.wanted):
        raise InputError("imports.table_without_rows", table=table)
    if not summary.n_said:
        if summary.other_part and split is not None and not summary.unknown:
            raise InputError(f"imports.table_of_{OTHER[split]}", table=table, n=len(summary.other_part))
        first = (*summary.unknown, *summary.ambiguous, *summary.other_part, *summary.not_tagged, "")[0]
        raise InputError("imports.table_names_no_image", table=table, first=first)


def label_notes(summary: LabelCsvSummary, *, had_names: bool) -> list[Message]:
    """What a person should know of how a table was understood.

    Args:
        had_names: Whether the project has other classes whose names are no numbers.
    """
    found = summary.found
    notes = list(summary.table.notes)
    if found.split:
        notes.append(Message(f"imports.names_in_both_for_{found.split}"))
    if found.split and found.n_in_other:
        notes.append(Message(f"imports.rows_of_{OTHER[found.split]}_left_out", n=found.n_in_other))
    if found.n_loose:
        notes.append(Message("imports.names_differ", n=found.n_loose))
    if had_names and summary.new_classes and all(name.isdecimal() for name in summary.new_classes):
        notes.append(Message("imports.labels_are_numbers", name=summary.new_classes[0]))
    return notes


def back_up(project: Project) -> dict[str, Any]:
    """Copy the catalog, as after each import; where there is no room for that, the work is done all the same.

    Returns:
        `backup`, the path of the copy or None, and `notes`.
    """
    try:
        return {"backup": str(keep_backup(project.folder)), "notes": []}
    except StorageError:
        where = display_text(os.fsencode(project.folder / BACKUPS_NAME))
        return {"backup": None, "notes": [Message("imports.no_backup", folder=where)]}
