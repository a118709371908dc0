"""Undoing all of a random history gives back the beginning, redoing all of it the end, whatever was done."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from core.errors import InputError
from core.jobs import JobContext
from core.project.classes import add_class, delete_class, list_classes, merge_classes, rename_class
from core.project.exclusion import exclude_images, include_images
from core.project.label_csv import export_labels, import_labels
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.removal import list_removed, remove_images, remove_source, return_images
from core.project.rows import list_sources
from core.project.tag_names import FLAG, FLAGS, TAG
from core.project.tags import change_tags, rename_tag
from core.workflow.history import BEGINNING, carry_out, list_history, plan_jump, redo, undo
from core.workflow.image_acts import relocate_source
from core.workflow.trashing import move_to_trash

TAGS = ("night", "Blurry", "a, b", "=1+1", "ñ")

_SEEN = (
    "SELECT id, path, split FROM source", "SELECT id, path, split FROM removed_source",
    "SELECT id, name, color, key, position FROM class WHERE deleted = 0",
    *("SELECT id, source_id, path, name, sort_key, content_hash, split, class_id, status, reason, label_content, "
      f"excluded FROM {table}" for table in ("image", "removed_image")),
    "SELECT i.image_id, t.kind, t.folded FROM image_tag i JOIN tag t ON t.id = i.tag_id",
)


def seen(project: Project) -> list[list[tuple[object, ...]]]:
    """All that undo must bring back."""
    return [sorted(project.catalog.rows(sql), key=repr) for sql in _SEEN]


def one_act(project: Project, tmp_path: Path, chance: random.Random) -> str:
    """Do something by chance that a person may do; what it was."""
    there, sources = image_ids(project, ImageFilter(status=None)).tolist(), list_sources(project)
    good, classes = image_ids(project).tolist(), [row.id for row in list_classes(project)]
    some = chance.sample(there, min(3, len(there)))
    acts = {
        "label": lambda: set_labels(project, some, chance.choice([*classes, None])),
        "add class": lambda: add_class(project, chance.choice("abc")),
        "rename class": lambda: rename_class(project, chance.choice(classes), name=chance.choice("abcd")),
        "merge": lambda: merge_classes(project, classes[0], into_id=classes[-1]),
        "delete class": lambda: delete_class(project, chance.choice(classes)),
        "exclude": lambda: exclude_images(project, some, chance.choice(["outlier", "no", "a;b"])),
        "include": lambda: include_images(project, some),
        "flag": lambda: change_tags(project, some, add=[(FLAG, chance.choice(FLAGS))]),
        "tag": lambda: change_tags(project, some, add=[(TAG, chance.choice(TAGS))],
                                   remove=[(TAG, chance.choice(TAGS)), (FLAG, "star")]),
        "rename tag": lambda: rename_tag(project, *chance.sample(TAGS, 2)),
        "table": lambda: (export_labels(project, tmp_path / "t.csv"), chance.random() < 0.5 and undo(project),
                          import_labels(project, tmp_path / "t.csv")),
        "remove": lambda: remove_images(project, some),
        "remove source": lambda: remove_source(project, sources[0].id),
        "return": lambda: return_images(project, [one.id for one in list_removed(project)][:3]),
        "relocate": lambda: relocate_source(
            project, sources[0].id, tmp_path / chance.choice(["pictures", "other", "less"]), JobContext()),
        "trash": lambda: move_to_trash(project, [tuple(chance.sample(good, 2))]),
        "undo": lambda: undo(project), "redo": lambda: redo(project),
        "jump": lambda: carry_out(project, plan_jump(project, chance.choice(
            [BEGINNING, *(one.entry.id for one in list_history(project))]))),
    }
    name = chance.choice([*acts, "undo", "relocate", "tag", "remove"])
    try:
        acts[name]()
    except (InputError, IndexError, ValueError) as error:  # nothing there to do it to
        return f"({name}: {type(error).__name__})"
    return name


def make_places(tmp_path: Path) -> None:
    """The same folder once more, and with a file less and another name."""
    shutil.copytree(tmp_path / "pictures", tmp_path / "other")
    shutil.copytree(tmp_path / "pictures", tmp_path / "less")
    (tmp_path / "less" / "red" / "red_1.png").unlink()
    (tmp_path / "less" / "red" / "red_2.png").rename(tmp_path / "less" / "red" / "red_0 again.png")


@pytest.mark.parametrize("seed", range(4))
def test_the_beginning_and_the_end_come_back(project: Project, tmp_path: Path, seed: int) -> None:
    make_places(tmp_path)
    chance, done = random.Random(seed), list[str]()
    carry_out(project, plan_jump(project, BEGINNING))
    start = seen(project)
    while len(done) < 25:
        done.append(one_act(project, tmp_path, chance))
    while redo(project) is not None:
        pass
    end = seen(project)
    for goal, step in ((start, undo), (end, redo), (start, undo)):
        while step(project) is not None:
            pass
        assert seen(project) == goal, (step.__name__, done)
