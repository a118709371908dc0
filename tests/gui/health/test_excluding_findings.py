"""What is found is excluded with its reason, and no label is lost by it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.project.exclusion import excluded_ids
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_row
from core.text import Message, text
from gui.health.health_page import HealthPage
from gui.health.remedies import Remedy
from gui.messages import Message as Said
from gui.pages import PageContext
from tests.gui.health.conftest import GiveEmbeddings, draw_reds_and_blues
from tests.gui.conftest import RunnerNow
from tests.gui.health import test_health_page as base
from tests.project_acts import import_folder

context, page = base.context, base.page


@pytest.fixture
def project_folder(tmp_path: Path, give_embeddings: GiveEmbeddings) -> Path:
    """Twelve reds and twelve blues, one red among the blues; two of the reds are in the test set too."""
    train, test = tmp_path / "train", tmp_path / "test"
    draw_reds_and_blues(train)
    test.mkdir()
    for i in (1, 2):
        shutil.copy(train / "red" / f"red_{i}.png", test / f"t{i}.png")
    with Project.create(tmp_path / "drawn.catalejo") as project:
        import_folder(project, train)
        import_folder(project, test, split="test", with_labels=False)
        give_embeddings(project)
    return tmp_path / "drawn.catalejo"


def remedy(page: HealthPage, key: str, name: str) -> Remedy:
    page.list.choose(key)
    assert page.finding is not None and page.finding.key == key
    return next(one for one in page.remedies.offered(page.finding) if one.name == name)


def test_training_images_of_a_leak_are_excluded_and_keep_their_labels(
    page: HealthPage, context: PageContext, runner_now: RunnerNow, messages: list[Said]
) -> None:
    session = context.session
    labels = dict(session.counts.by_class)
    remedy(page, "leak:same", "exclude").act()
    out = excluded_ids(session.project)
    rows = [image_row(session.project, i) for i in sorted(out)]
    assert [(row.name, row.split, row.excluded) for row in rows] == [
        (f"red/red_{i}.png", "train", Message("project.excluded.duplicate")) for i in (1, 2)]
    assert session.counts.by_class == labels and session.counts.n_excluded == 2
    assert messages[-1].sentence == "Excluded: 2 training images." and str(session.undo_title) == "Exclude 2 images"
    page.watch.check()
    runner_now.run_all()
    assert page.watch.find("leak:same") is None, "what is excluded is found no more"
    session.undo()
    assert not excluded_ids(session.project)
    assert page.watch.is_stale


def test_a_label_issue_is_excluded_and_leaves_the_list(page: HealthPage, context: PageContext) -> None:
    stray = next(i for i in image_ids(context.session.project, ImageFilter()).tolist()
                 if image_row(context.session.project, i).name == "blue/stray.png")
    act = remedy(page, "label errors", "exclude_selected")
    assert int(page.browser.model.ids[0]) == stray and act.title == text("window_health.remedy.exclude_selected")
    page.browser.selection.set_current_row(0)
    act.act()
    row = image_row(context.session.project, stray)
    assert row.excluded == Message("project.excluded.label_issue") and row.class_id is not None
    assert all(stray not in f.image_ids for f in page.watch.findings if f.key == "label errors")
