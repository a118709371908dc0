"""Plans the import of training and test folders before anything is written, and carries the plan out."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.jobs import JobContext
from core.project.catalog import CATALOG_NAME
from core.project.class_naming import WAYS
from core.project.folder_tree import FolderListing, list_folder, read_split_name
from core.project.importer import ImportSummary, mark_missing_sources, record_scan, scan_input
from core.project.known_layout import keep_options, plan_known
from core.project.layout import USES, ImportLayout, LayoutOptions, LayoutPart, plan_layout
from core.project.project import Project
from core.project.scan import ScanInput, scan_folder


@dataclass(frozen=True, slots=True)
class ImportWishes:
    """What a person wants of an import; None is as it was chosen last, or left to the program.

    Attributes:
        classes_from: One of `core.project.class_naming.WAYS`.
        valid: "train", "test" or "skip".
        with_splits: Whether train, valid and test side by side are splits.
        uses: "train", "test" or "skip" by the readable relative folder of a part.
        follow: One of `core.project.refiling.FOLLOW`.
    """

    classes_from: str | None = None
    valid: str | None = None
    with_splits: bool | None = None
    uses: Mapping[str, str] | None = None
    follow: str = "safe"

    def asked(self) -> dict[str, Any]:
        """The fields of `LayoutOptions` that were chosen.

        Raises:
            InputError: A value is none of those that there are.
        """
        for option, value, known in (("--classes-from", self.classes_from, WAYS), ("--valid", self.valid, USES)):
            if value is not None and value not in known:
                raise InputError("imports.no_such_value", option=option, value=value, known=tuple(known))
        fields = {"classes_from": self.classes_from, "valid": self.valid, "with_splits": self.with_splits,
                  "uses": self.uses}
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ListedFolders:
    """The folders of an import, as they were found.

    Attributes:
        source: The folder to import, for training unless its plan says otherwise.
        test: A folder of test images, or None.
    """

    source: FolderListing
    test: FolderListing | None = None


@dataclass(frozen=True, slots=True)
class ListInput:
    """The input of `list_folders`: folders that exist."""

    source: Path
    test: Path | None = None


@dataclass(frozen=True, slots=True)
class ImportPlans:
    """What an import would do, one plan a folder: the test folder last."""

    layouts: tuple[ImportLayout, ...] = field(default_factory=tuple)

    @property
    def n_images(self) -> int:
        return sum(part.n_images for layout in self.layouts for part in layout.imported)


def list_folders(inputs: ListInput, context: JobContext) -> ListedFolders:
    """The job that looks through the folders of an import; it decodes and writes nothing.

    Raises:
        InputError: A folder cannot be read, or the test folder is the source or lies around it.
        JobCancelled: The caller asked the job to end.
    """
    if inputs.test is None:
        return ListedFolders(list_folder(inputs.source, context))
    _require_apart(inputs.source, inputs.test)
    source, test = list_folder(inputs.source, context), list_folder(inputs.test, context)
    return ListedFolders(source.without([path for path in [_inside(source.folder, test.folder)] if path]), test)


def _require_apart(source: Path, test: Path) -> None:
    """Images for training cannot be test images as well; a folder called test inside the others is none of them."""
    if source.resolve() in test.resolve().parents and read_split_name(test.resolve().name) is None:
        raise InputError("imports.test_inside_training", test=test, source=source)
    if test.resolve() in (source.resolve(), *source.resolve().parents):
        raise InputError("imports.training_inside_test", test=test, source=source)


def _inside(outer: Path, inner: Path) -> bytes:
    """The path of one folder relative to another that it lies in; empty where it does not."""
    for one, other in ((outer, inner), (outer.resolve(), inner.resolve())):
        if one in other.parents:
            return os.fsencode(other.relative_to(one)).replace(os.fsencode(os.sep), b"/")
    return b""


def plan_import(
    project: Project | None, listed: ListedFolders, wishes: ImportWishes | None = None, *, use: str = "train"
) -> ImportPlans:
    """Plan an import.

    Args:
        project: Open, also for reading only; None where it does not exist yet.
        listed: What `list_folders` found.
        wishes: What a person wants.
        use: "test" where the source is of test images.

    Raises:
        InputError: A wish is none that there is.
    """
    asked = (wishes or ImportWishes()).asked()
    layouts = [_plan(project, listed.source, asked, use, ())]
    if listed.test is not None:
        classes = {name for part in layouts[0].parts if part.use == "train" for name, _ in part.classes}
        shared = {name: value for name, value in asked.items() if name == "classes_from"}
        layouts.append(_plan(project, listed.test, shared, "test", classes))
    return ImportPlans(tuple(layouts))


def _plan(
    project: Project | None, listing: FolderListing, asked: Mapping[str, Any], use: str, classes: set[str] | tuple[()]
) -> ImportLayout:
    if project is None:
        return plan_layout(listing, LayoutOptions(**asked), use=use, known_classes=classes)
    return plan_known(project, listing, asked, use=use, known_classes=classes)


@contextmanager
def project_to_look_at(folder: Path) -> Iterator[Project | None]:
    """A project for looking only, or None where there is none yet; its folder is left as it was.

    Raises:
        ProjectError, StorageError: It cannot be read.
    """
    catalog = folder / CATALOG_NAME
    if not catalog.is_file():
        yield None
        return
    had_journal = catalog.with_name(CATALOG_NAME + "-wal").exists()
    with Project.open(folder, read_only=True) as project:
        yield project
    if not had_journal:  # a connection that only reads leaves SQLite's behind; the last that may write removes it
        with suppress(sqlite3.Error), closing(sqlite3.connect(catalog, timeout=0.1)) as db:
            db.execute("SELECT count(*) FROM meta").fetchone()


def part_input(project: Project, layout: ImportLayout, part: LayoutPart) -> ScanInput:
    """The input of the scan of one part.

    Raises:
        InputError: The folder is in the project with the other split.
    """
    inside = part.folder + b"/" if part.folder else b""
    others = [*(other.folder for other in layout.parts if other is not part), *layout.excluded]
    excluded = [other[len(inside):] for other in others if other and other.startswith(inside)]
    folder = layout.folder / os.fsdecode(part.folder) if part.folder else layout.folder
    return scan_input(project, folder, split=part.use, with_labels=part.naming.by != "none", naming=part.naming,
                      excluded=excluded)


def import_layout(
    project: Project, layout: ImportLayout, context: JobContext, *, follow: str = "safe"
) -> list[ImportSummary]:
    """Import the parts of a plan that are not left out, and remember what was chosen for the folder.

    Raises:
        InputError: A folder cannot be read, or is in the project with the other split.
        JobCancelled: The caller asked to end; parts that were recorded stay.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    inputs = [part_input(project, layout, part) for part in layout.imported]
    summaries = [record_scan(project, scan_folder(one, context), context=context, follow=follow) for one in inputs]
    finish_layout(project, layout)
    return summaries


def finish_layout(project: Project, layout: ImportLayout) -> None:
    """Once its parts are imported: remember the choices, and what was imported from folders that are gone by now.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    keep_options(project, layout.folder, layout.options)
    unseen = [path for s in layout.skipped if (path := _inside(layout.folder, s.path))]
    # a part directly in a folder with splits is what lies beside them: it says nothing of the folders
    parts = [part.folder for part in layout.parts if part.folder or not layout.has_splits]
    mark_missing_sources(project, layout.folder, parts=[*parts, *layout.excluded, *unseen])
