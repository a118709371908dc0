"""Bringing in pictures and labels, and taking labels out: the questions, and the answers in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core.errors import AppError, InputError
from core.project.importer import ImportSummary
from core.project.label_csv import export_labels
from core.cli.sentences import plural
from core.workflow.planning import ListedFolders, plan_import
from gui import messages
from gui.library.plan_dialog import PlanDialog
from gui.library.taking_labels import take_labels
from gui.session import Session
from gui.session_jobs import SessionJobs

SPLITS = ("train", "test")


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

    def ask_for_pictures(self, split: str = "train") -> None:
        """Let the user choose a folder of training or test pictures."""
        title = self.tr("A folder of training pictures; folders inside it become classes")
        if split == "test":
            title = self.tr("A folder of test images; nothing is learnt from them")
        folder = QFileDialog.getExistingDirectory(self._window, title)
        if folder:
            self.plan_folder(Path(folder), split)

    def plan_folder(self, folder: Path, split: str) -> None:
        """Show what an import of a folder would do, and do it if the user wants it."""
        project = self._session.project

        def show(listed: ListedFolders) -> None:
            if self._session.is_open and self._session.project is project:
                self._show_plan(listed, split)

        self._jobs.list_folders(folder, None, show)

    def _show_plan(self, listed: ListedFolders, split: str) -> None:
        if not listed.source.n_images:
            messages.warn(no_pictures(listed.source.folder))
            return
        project = self._session.project
        dialog = PlanDialog(lambda wishes: plan_import(project, listed, wishes, use=split), self._window,
                            can_choose=split == "train", is_known=self._knows(listed.source.folder))
        dialog.accepted.connect(lambda: self._jobs.import_plans(dialog.plans, follow=dialog.follow.currentData()))
        dialog.open()

    def _knows(self, folder: Path) -> bool:
        return any(folder in (source.path, *source.path.parents) for source in self._session.sources)

    def add_folder(self, folder: Path, split: str) -> None:
        """Add what is new in a folder that the project knows."""
        self._jobs.import_pictures(folder, split=split)

    def add_dropped(self, folders: Sequence[Path]) -> None:
        """Ask what the dropped folders are, and add them."""
        split = self._ask_split(folders)
        for folder in folders if split else ():
            self.plan_folder(folder, split)

    def ask_for_table(self) -> None:
        """Let the user choose a table of labels."""
        path, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("A table of labels, or an export of another labelling program"), "",
            self.tr("Tables (*.csv *.tsv *.txt *.json *.jsonl *.xml *.manifest);;All files (*)"))
        if path:
            self.take_labels(Path(path))

    def take_labels(self, path: Path) -> None:
        """Label images from a table."""
        take_labels(self._session, path, self._window)

    def ask_where_to_export(self) -> None:
        """Let the user choose where the labels go."""
        first = str(self._session.project.folder.parent / f"{self._session.project_name}-labels.csv")
        path, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Write the labels to"), first, self.tr("Tables (*.csv)"))
        if path:
            self.export(Path(path))

    def export(self, path: Path) -> None:
        """Write all pictures and their labels."""
        try:
            n = export_labels(self._session.project, path)
        except AppError as error:
            messages.warn(error)
            return
        messages.tell(self.tr("{0} with their labels are in “{1}”.").format(plural(n, "picture"), path))

    def _ask_split(self, folders: Sequence[Path]) -> str:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Add pictures"))
        names = ", ".join(f"“{folder.name}”" for folder in folders)
        box.setText(self.tr("What are the pictures in {0}?").format(names))
        box.setInformativeText(self.tr(
            "Training pictures are for learning; folders inside become classes. "
            "Test pictures are predicted, and never learnt from."))
        train = box.addButton(self.tr("Training pictures"), QMessageBox.ButtonRole.AcceptRole)
        test = box.addButton(self.tr("Test pictures"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(train)
        box.exec()
        clicked = box.clickedButton()
        return "train" if clicked is train else "test" if clicked is test else ""


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
            folders = dropped_folders(event)
            if folders:
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    self._importing.add_dropped(folders)
                return True
        return False


def no_pictures(folder: Path) -> InputError:
    """What to say of a folder without images."""
    return InputError(f"There are no pictures in “{folder}”.", "Choose a folder that holds photographs.")


def dropped_folders(event: QDropEvent) -> list[Path]:
    """The folders that are being dropped."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.is_dir()]


def say_import(summary: ImportSummary) -> None:
    """The result of reading a folder in the message bar."""
    n_resettled = summary.n_moved_to_test + summary.n_moved_to_train
    parts = [
        f"{n:,} {words}" for n, words in (
            (summary.n_added, "new"), (summary.n_moved - n_resettled, "found at another place"),
            (summary.n_moved_to_test, "moved to the test images"),
            (summary.n_moved_to_train, "moved to the training images"), (summary.n_unchanged, "as before"),
            (summary.n_returned, "back again"),
        ) if n
    ]
    n_files = summary.n_found + summary.n_unreadable
    sentence = f"{plural(n_files, 'image')} in the folder" + (f": {', '.join(parts)}." if parts else ".")
    if summary.new_classes:
        sentence += f" New classes: {_some(summary.new_classes)}."
    sentence += _say_changed(summary) + _say_refiled(summary)
    if summary.n_unreadable:
        messages.doubt(sentence + f" {plural(summary.n_unreadable, 'file')} cannot be read.",
                       "Find them at the left under “Cannot be read”.")
    elif summary.n_missing:
        messages.doubt(sentence + f" {plural(summary.n_missing, 'picture')} no longer there.",
                       "Their labels are kept, and nothing is learnt from them until they come back.")
    else:
        has_followed = summary.refiling.n_followed or summary.refiling.renamed
        messages.tell(sentence, "Ctrl+Z takes the moved labels back." if has_followed else "")


def _say_changed(summary: ImportSummary) -> str:
    """Which images show something else now, and whose labels are no longer learnt from."""
    if not summary.n_changed:
        return ""
    told = f" {plural(summary.n_changed, 'image')} changed since the last import ({_some(summary.changed)}): "
    told += f"predictions for {'it' if summary.n_changed == 1 else 'them'} are computed anew."
    if summary.n_marked:
        told += (f" {plural(summary.n_marked, 'label')} given to an earlier version: kept, but not learnt from until "
                 "given again.")
    return told


def _say_refiled(summary: ImportSummary) -> str:
    """Which labels and classes followed their folders, and which did not."""
    found, told = summary.refiling, ""
    for old, new in found.renamed:
        told += f" The class “{old}” is now called “{new}”, as its folder is."
    if found.n_followed:
        told += f" {plural(found.n_followed, 'label')} followed the image to another class folder."
    if found.made:
        told += f" Folders that are classes now: {_some(found.made)}."
    if found.n_unsettled:
        told += (f" {plural(found.n_unsettled, 'label')} stayed although the folder says something else; "
                 "add the folder again to settle it.")
    return told


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:3]) + (" …" if len(words) > 3 else "")
