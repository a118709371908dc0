"""Bringing in images and labels, and taking labels out: the questions, and the answers in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from core.errors import InputError
from core.project.exclusion import count_excluded
from core.project.importer import ImportSummary
from core.project.label_csv import export_labels
from core.project.relocation import Relocation
from core.text import Message, text
from core.workflow.plan_remarks import list_some
from core.workflow.planning import ListedFolders, plan_import
from gui import messages
from gui.library.plan_dialog import PlanDialog
from gui.library.taking_labels import take_labels
from gui.one_at_a_time import open_in_turn
from gui.session import Session
from gui.session_jobs import SessionJobs
from gui.widgets.file_dialogs import ask_for_file, ask_for_folder, ask_where_to_save
from gui.widgets.questions import ask_split

MOST_SHOWN = 3
"""Names in the message bar."""


class Importing(QObject):
    """Asks for files and folders and hands them on; errors go to the message bar.

    Args:
        session: The open project.
        jobs: For reading folders.
        window: Parent of the dialogs.
    """

    def __init__(self, session: Session, jobs: SessionJobs, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._jobs, self._window = session, jobs, window

    def ask_for_images(self, split: str = "train") -> None:
        """Let the user choose a folder of training or test images."""
        folder = ask_for_folder(self._window, text(f"imports.choose_{split}_folder"), "images")
        if folder is not None:
            self.plan_folder(folder, split)

    def plan_folder(self, folder: Path, split: str) -> None:
        """Show what an import of a folder would do, and do it if the user wants it."""
        self._jobs.list_folders(folder, None, lambda listed: self._show_plan(listed, split))

    def _show_plan(self, listed: ListedFolders, split: str) -> None:
        if not listed.source.n_images:
            messages.warn(InputError("imports.no_images", folder=listed.source.folder), cause=messages.LISTS)
            return
        project = self._session.project
        dialog = PlanDialog(lambda wishes: plan_import(project, listed, wishes, use=split), self._window,
                            can_choose=split == "train", is_known=any(
                                listed.source.folder in (known.path, *known.path.parents)
                                for known in self._session.sources))
        dialog.accepted.connect(lambda: self._jobs.import_plans(dialog.plans, follow=dialog.follow.currentData()))
        self._session.project_changed.connect(dialog.reject)  # it was planned for this one
        open_in_turn(dialog)

    def add_folder(self, folder: Path, split: str) -> None:
        """Add what is new in a folder that the project knows."""
        self._jobs.import_images(folder, split=split)

    def relocate(self, source_id: int, folder: Path) -> None:
        """Look for the images of a source in another folder, and say how many are there."""
        with messages.warned():
            self._jobs.relocate(source_id, folder, say_relocation)

    def add_dropped(self, folders: Sequence[Path]) -> None:
        """Ask what the dropped folders are, and add them."""
        split = ask_split(
            self._window, text("imports.add_images"),
            text("imports.which_images", folders=tuple(folder.name for folder in folders)),
            text("imports.which_images_hint"),
        )
        for folder in folders if split else ():
            self.plan_folder(folder, split)

    def ask_for_table(self) -> None:
        """Let the user choose a table of labels."""
        path = ask_for_file(self._window, text("imports.choose_table"), "labels", text("imports.tables_to_read"))
        if path is not None:
            take_labels(self._session, path, self._window)

    def ask_where_to_export(self) -> None:
        """Let the user choose where the labels go."""
        proposed = self._session.project.folder.parent / f"{self._session.project_name}-labels.csv"
        path = ask_where_to_save(
            self._window, text("imports.export_to"), "output", proposed, text("imports.tables_to_write"))
        if path is not None:
            self.export(path)

    def export(self, path: Path) -> None:
        """Write all images and their labels."""
        with messages.warned():
            n = export_labels(self._session.project, path)
            n_excluded = count_excluded(self._session.project, is_readable=True)
            messages.tell(text("imports.exported", n=n, path=path),
                          text("imports.exported_excluded", n=n_excluded) if n_excluded else "")


class FolderDrop(QObject):
    """Takes folders that are dropped on a widget or anything in it."""

    def __init__(self, widget: QWidget, importing: Importing) -> None:
        super().__init__(widget)
        self._importing = importing
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDropEvent | QDragEnterEvent) and event.type() in (
            QEvent.Type.DragEnter, QEvent.Type.Drop,
        ):
            paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
            folders = [path for path in paths if path.is_dir()]
            if folders:
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    self._importing.add_dropped(folders)
                return True
        return False


def say_relocation(found: Relocation) -> None:
    """How many images of a source are in its new folder, and which are not."""
    said = [text("project.relocated", n=found.n_found)]
    if found.n_others:
        said.append(text("project.relocated.others", n=found.n_others))
    if found.missing:
        names = list_some(found.missing, MOST_SHOWN)
        messages.doubt(" ".join([*said, text("project.relocated.missing", n=len(found.missing)), str(names)]))
    else:
        messages.tell(" ".join(said))


def say_import(summary: ImportSummary) -> None:
    """The result of reading a folder in the message bar."""
    n_resettled = summary.n_moved_to_test + summary.n_moved_to_train
    counts = {
        "new": summary.n_added, "found_elsewhere": summary.n_moved - n_resettled,
        "moved_to_test": summary.n_moved_to_test, "moved_to_training": summary.n_moved_to_train,
        "as_before": summary.n_unchanged, "back": summary.n_returned,
    }
    parts = tuple(Message(f"imports.found_{what}", n=n) for what, n in counts.items() if n)
    code = "imports.found_with_parts" if parts else "imports.found"
    said = [text(code, n=summary.n_found + summary.n_unreadable, parts=parts)]
    if summary.new_classes:
        said.append(text("imports.new_classes", names=list_some(summary.new_classes, MOST_SHOWN)))
    said += _say_changed(summary) + _say_refiled(summary)
    for code, n in (("removed_passed_over", summary.n_removed), ("brought_back", summary.n_brought_back)):
        if n:
            said.append(text(f"imports.{code}", n=n))
    doubts = _find_doubts(summary)
    if doubts:
        messages.doubt(" ".join([*said, *(sentence for sentence, _ in doubts)]), doubts[0][1])
    else:
        has_followed = summary.refiling.n_followed or summary.refiling.renamed
        messages.tell(" ".join(said), text("imports.moved_labels_hint") if has_followed else "")


def _find_doubts(summary: ImportSummary) -> list[tuple[str, str]]:
    """What was not read or is not there, each with what can be done."""
    found = [(text(f"imports.{what}", n=n), text(f"imports.{what}_hint")) for what, n in (
        ("unreadable", summary.n_unreadable), ("missing", summary.n_missing)) if n]
    if summary.skipped:
        first = summary.skipped[0]
        found.append((text("imports.skipped_folders", n=len(summary.skipped), path=first.path, reason=first.reason),
                      text("imports.skipped_folders_hint")))
    return found


def _say_changed(summary: ImportSummary) -> list[str]:
    """Which images show something else now, and whose labels are no longer learnt from."""
    if not summary.n_changed:
        return []
    told = [text("imports.changed", n=summary.n_changed, names=list_some(summary.changed, MOST_SHOWN))]
    return told + ([text("imports.earlier_labels", n=summary.n_marked)] if summary.n_marked else [])


def _say_refiled(summary: ImportSummary) -> list[str]:
    """Which labels and classes followed their folders, and which did not."""
    found = summary.refiling
    told = [text("imports.class_followed", name=old, new=new) for old, new in found.renamed]
    if found.n_followed:
        told.append(text("imports.labels_followed", n=found.n_followed))
    if found.made:
        told.append(text("imports.folders_are_classes", names=list_some(found.made, MOST_SHOWN)))
    if found.unsettled:
        told.append(text("imports.labels_stayed", n=sum(one.n_images for one in found.unsettled)))
    return told
