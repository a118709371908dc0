"""Labels follow images to another class folder, and classes follow folders that were renamed or split.

A folder is how many people label: who drags an image from `cat/` to `dog/`, or renames `cat/` to `kitten/`, says
something. So a label that came from a folder, and that no person touched since, follows its image:
- to the class of the new folder, where there is one;
- where a whole class now lies in one new folder, the class takes the folder's name;
- where a part of a class lies in a new folder and the old one is still there, the new folder becomes a class.
All of it is one step for undo. A label that a person gave stays unless they ask (`follow="all"`), and what disagrees
is said by every import until they have decided.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.project.classes import new_state
from core.project.folder_labels import FolderLabel, FolderLabels, keep_folders, remember_against
from core.project.journal import ClassRow, write_entry
from core.text import Message

N_EXAMPLES = 10
FOLLOW = ("safe", "all", "none")
"""What follows a folder: labels that no person touched and that moved now; all; or none, and it is settled so."""


@dataclass(frozen=True, slots=True)
class Refiled:
    """One image in another class folder: its name, the class that the folder names, and the label it had."""

    name: str
    folder: str
    label: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Images whose label is not what their folder says: the folder's class, their label, and how many they are."""

    folder: str
    label: str
    n_images: int
    is_by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Refiling:
    """What became of labels whose images lie in the folder of another class.

    Attributes:
        n_followed: Labels that are now the class of the folder; those of renamed classes do not count.
        followed: The first `N_EXAMPLES` of them.
        renamed: Classes that took the name of their folder, old name and new.
        made: Classes that new folders brought.
        removed: Classes that have no image any more, for all of them followed.
        unsettled: What stays although the folder says something else.
    """

    n_followed: int = 0
    followed: tuple[Refiled, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    made: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unsettled: tuple[Unsettled, ...] = ()


def refile_labels(
    db: sqlite3.Connection, source_id: int, labels: FolderLabels, *, follow: str = "safe", makes_classes: bool = True
) -> Refiling:
    """Let labels and classes follow their folders where that is right.

    Args:
        labels: Its labels and folders as they will be.
        follow: One of `FOLLOW`.
        makes_classes: Whether classes may be made and renamed; False for test images.
    """
    found = labels.disagreeing()
    if not found:
        remember_against(db, source_id, ())
        return Refiling()
    changes = _Changes(labels, found, follow, makes_classes=makes_classes)
    first = changes.leaving[:N_EXAMPLES]
    names = labels.names([one.image_id for one in first])
    followed = tuple(Refiled(names[one.image_id], one.folder, _name(labels, one.class_id)) for one in first)
    changes.write(db)
    left = changes.find_left(found)
    if follow == "none":
        keep_folders(db, source_id, left)
        left = []
    remember_against(db, source_id, left)
    return Refiling(
        len(changes.leaving), followed, tuple((b.name, a.name) for b, a in changes.renamed.values()),
        tuple(state.name for state in changes.made), tuple(state.name for state in changes.removed),
        _group(labels, left),
    )


class _Changes:
    """What follows, decided class by class.

    Attributes:
        leaving: Images that get the label of their folder.
        renamed: Classes before and after, by id.
        made, removed: Classes that new folders bring, and those that nothing is left of.
    """

    def __init__(
        self, labels: FolderLabels, found: Sequence[FolderLabel], follow: str, *, makes_classes: bool
    ) -> None:
        self._labels, self._follow = labels, follow
        self._ids = {state.name: state.id for state in labels.states.values()}
        self.leaving: list[FolderLabel] = []
        self.renamed: dict[int, tuple[ClassRow, ClassRow]] = {}
        self.made: list[ClassRow] = []
        self.removed: list[ClassRow] = []
        self._wanted: list[str] = []
        groups: dict[int | None, list[FolderLabel]] = defaultdict(list)
        for one in found:
            if follow == "all" or follow == "safe" and one.is_moved and not one.is_by_hand:
                groups[one.class_id].append(one)
        for class_id, leaving in groups.items():
            known = [one for one in leaving if one.folder in self._ids]
            new = [one for one in leaving if one.folder not in self._ids]
            self.leaving += known
            if makes_classes and new:
                self._decide(class_id, new, has_known=bool(known))

    def _decide(self, class_id: int | None, new: list[FolderLabel], *, has_known: bool) -> None:
        """Rename a class whose images all lie in one new folder; else give those that left a class of their own."""
        targets = {one.folder for one in new}
        state = self._labels.states.get(class_id or 0)
        stays_by_folder, stays_by_hand = self._count_staying(class_id, targets)
        if state is not None and not stays_by_folder and len(targets) == 1 and not has_known:
            if not stays_by_hand or self._follow == "all":
                name = targets.pop()
                if name not in self._wanted:
                    self._wanted.append(name)
                    self.renamed[state.id] = (state, replace(state, name=name))
                    return
                self.leaving += new
        elif stays_by_folder or not stays_by_hand or self._follow == "all":
            self._wanted += dict.fromkeys(one.folder for one in new)
            self.leaving += new

    def _count_staying(self, class_id: int | None, targets: set[str]) -> tuple[int, int]:
        """Images that keep the label because a folder, or a person, gave it to them at another place."""
        if class_id is None:
            return 1, 0
        staying = self._labels.with_label(class_id, outside=targets)
        n_by_hand = sum(image_id in self._labels.by_hand for image_id in staying)
        return len(staying) - n_by_hand, n_by_hand

    def write(self, db: sqlite3.Connection) -> None:
        """Make the changes, as one entry of the journal."""
        if not self.leaving and not self.renamed:
            return
        taken = [after for _, after in self.renamed.values()]
        states = [*self._labels.states.values(), *taken]
        names = {state.name for state in taken} | set(self._ids)
        for name in dict.fromkeys(one.folder for one in self.leaving):
            if name not in names:
                self.made.append(new_state(db, name, [*states, *self.made]))
        ids = self._ids | {state.name: state.id for state in (*taken, *self.made)}
        pairs = [(one.image_id, ids[one.folder]) for one in self.leaving]
        self.removed = self._find_emptied(db)
        before = [*(b for b, _ in self.renamed.values()), *(replace(c, deleted=1) for c in self.made), *self.removed]
        after = [*taken, *self.made, *(replace(state, deleted=1) for state in self.removed)]
        entry = write_entry(db, self._title(), action="import", before=before, after=after)
        db.executemany("INSERT INTO journal_label SELECT ?, id, class_id, ? FROM image WHERE id = ?",
                       [(entry, class_id, image_id) for image_id, class_id in pairs])
        db.executemany("UPDATE image SET class_id = ? WHERE id = ?", [(c, i) for i, c in pairs])

    def find_left(self, found: Sequence[FolderLabel]) -> list[FolderLabel]:
        """Images whose label still is not what their folder says."""
        leaving = {one.image_id for one in self.leaving}
        renamed = {class_id: after.name for class_id, (_, after) in self.renamed.items()}
        return [one for one in found if one.image_id not in leaving and renamed.get(one.class_id or 0) != one.folder]

    def _find_emptied(self, db: sqlite3.Connection) -> list[ClassRow]:
        """Classes that every image leaves."""
        leaving = Counter(one.class_id for one in self.leaving if one.class_id is not None)
        labelled = "SELECT class_id FROM image UNION ALL SELECT class_id FROM removed_image"  # which may come back
        counts = dict(db.execute(
            f"SELECT class_id, count(*) FROM ({labelled}) WHERE class_id IS NOT NULL GROUP BY class_id"))
        gains = {self._ids.get(one.folder) for one in self.leaving}
        return [self._labels.states[class_id] for class_id, n in leaving.items()
                if n == counts.get(class_id) and class_id not in gains]

    def _title(self) -> Message:
        if self.renamed and not self.leaving:
            before, after = next(iter(self.renamed.values()))
            n_more = len(self.renamed) - 1
            code = "project.journal.follow_folders" if n_more else "project.journal.follow_folder"
            return Message(code, name=before.name, new=after.name, **({"n": n_more} if n_more else {}))
        return Message("project.journal.moved_images", n=len(self.leaving))


def _group(labels: FolderLabels, left: Iterable[FolderLabel]) -> tuple[Unsettled, ...]:
    counts = Counter((one.folder, _name(labels, one.class_id), one.is_by_hand) for one in left)
    return tuple(Unsettled(folder, label, n, by_hand) for (folder, label, by_hand), n in counts.most_common())


def _name(labels: FolderLabels, class_id: int | None) -> str:
    state = labels.states.get(class_id or 0)
    return state.name if state is not None else ""
