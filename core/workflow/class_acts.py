"""The command `classes`: lists the classes of a project, and adds, renames, merges or deletes them by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.project.journal import ClassRow
from core.project.label_history import former_names
from core.project.classes import (
    add_class, class_key, clean_name, delete_class, list_classes, merge_classes, rename_class, similar_class_names,
)
from core.project.project import Project
from core.text import Message
from core.text.render import shell_word


def change_classes(folder: Path, act: str, names: Sequence[str], *, into: str | None = None) -> Mapping[str, Any]:
    """Do what the command asks; each change is one step for undo.

    Args:
        act: "list", "add", "rename", "merge" or "delete".
        names: The classes that it is about: OLD and NEW for "rename".
        into: For "merge", the class that stays.

    Returns:
        `project, said` (a message or None), `images` (how many labels changed), and `classes, test_classes,
        similar_classes` as they are afterwards.

    Raises:
        InputError: There is no such act or class, or a name cannot be used.
        ProjectError, StorageError: The project cannot be opened or written.
    """
    if act not in _ACTS:
        near = get_close_matches(act, _ACTS, 1)
        hint = Message("imports.did_you_mean", name=near[0]) if near else Message("imports.acts", acts=tuple(_ACTS))
        raise InputError("imports.no_such_act", hint, act=act)
    if into is not None and act != "merge":
        raise InputError("imports.into_is_for_merge", _usage("merge"), act=act)
    with Project.open(folder, read_only=act == "list") as project:
        n_images, said = _ACTS[act](project, names, into)
        return {"project": str(folder), "said": said, "images": n_images, **_describe(project)}


def _describe(project: Project) -> dict[str, Any]:
    rows = project.catalog.rows(
        "SELECT class_id, split, count(*) FROM image WHERE class_id IS NOT NULL AND status = 'ok' GROUP BY 1, 2")
    counts = {(class_id, split): n for class_id, split, n in rows}
    found = list_classes(project)
    return {
        "classes": {row.name: counts.get((row.id, "train"), 0) for row in found},
        "test_classes": {row.name: counts.get((row.id, "test"), 0) for row in found},
        "similar_classes": similar_classes(project),
    }


def similar_classes(project: Project) -> list[list[str]]:
    """Groups of classes that differ only in spelling, the one with most images first."""
    sql = ("SELECT c.name, count(i.id) FROM class c LEFT JOIN image i ON i.class_id = c.id WHERE c.deleted = 0 "
           "GROUP BY c.id ORDER BY c.position, c.id")
    counts = dict(project.catalog.rows(sql))
    groups = similar_class_names(counts)
    return [sorted(group, key=lambda name: (-counts[name], name != name.lower())) for group in groups]


def renamed_classes(project: Project, names: Sequence[str]) -> list[Message]:
    """A sentence for each of these classes whose name another class had before, with the command that joins them."""
    with project.catalog.transaction() as db:
        former = former_names(db)
    present = {c.id: c.name for c in list_classes(project)}
    return [Message("imports.former_name", name=name, now=present[class_id], project=shell_word(str(project.folder)),
                    merged=shell_word(name), target=shell_word(present[class_id]))
            for name in names for class_id, old in former.items()
            if name in old and present.get(class_id, name) != name]


def _list(project: Project, names: Sequence[str], into: str | None) -> _Done:
    if names:
        raise InputError("imports.list_takes_no_names", _usage("list"))
    return 0, None


def _add(project: Project, names: Sequence[str], into: str | None) -> _Done:
    (name,) = _require_names(names, "add", 1)
    return 0, Message("imports.class_added", name=add_class(project, name).name)


def _rename(project: Project, names: Sequence[str], into: str | None) -> _Done:
    old, new = _require_names(names, "rename", 2)
    row, name = find_class(project, old), clean_name(new)
    if any(other.name == name and other.id != row.id for other in list_classes(project)):
        raise InputError("imports.class_exists", name=name, other=row.name)
    rename_class(project, row.id, name=name)
    return 0, Message("imports.class_renamed", name=row.name, new=name)


def _merge(project: Project, names: Sequence[str], into: str | None) -> _Done:
    if not names or into is None:
        raise InputError("imports.merge_needs_names", _usage("merge"))
    target = find_class(project, into)
    rows = [row for row in dict.fromkeys(find_class(project, name) for name in names) if row.id != target.id]
    if not rows:
        raise InputError("project.merge_with_itself")
    n = sum(merge_classes(project, row.id, into_id=target.id) for row in rows)
    return n, Message("imports.classes_merged", names=tuple(row.name for row in rows), target=target.name, n=n)


def _delete(project: Project, names: Sequence[str], into: str | None) -> _Done:
    (name,) = _require_names(names, "delete", 1)
    row = find_class(project, name)
    n = delete_class(project, row.id)
    return n, Message("imports.class_deleted", name=row.name, n=n)


def find_class(project: Project, name: str) -> ClassRow:
    """The class of a name; capitals count, the form of accents and stray spaces do not.

    Raises:
        InputError: There is none; the nearest name is proposed.
    """
    found, wanted = list_classes(project), clean_name(name)
    for row in found:
        if row.name == wanted:
            return row
    keys = {row.name: class_key(row.name) for row in found}
    near = [n for n, key in keys.items() if key == class_key(wanted)] or [
        n for n, key in keys.items() if key in get_close_matches(class_key(wanted), keys.values(), 1)]
    if near:
        raise InputError("imports.no_such_class", Message("imports.did_you_mean", name=near[0]), name=wanted)
    listed = Message("imports.classes_are", names=tuple(keys)[:10]) if keys else Message("imports.no_class_yet")
    raise InputError("imports.no_such_class", listed, name=wanted)


def _require_names(names: Sequence[str], act: str, n: int) -> Sequence[str]:
    if len(names) != n:
        raise InputError("imports.wrong_number_of_names", _usage(act), act=act, n=n, given=len(names))
    return names


def _usage(act: str) -> Message:
    return Message(f"imports.usage_{act}")


_Done = tuple[int, Message | None]
"""How many labels changed, and what was done."""

_ACTS: Mapping[str, Callable[[Project, Sequence[str], str | None], _Done]] = {
    "list": _list, "add": _add, "rename": _rename, "merge": _merge, "delete": _delete,
}
