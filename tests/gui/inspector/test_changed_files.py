"""A file that changed in the open window: grid and inspector show nothing that was said of another content."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.images.files import hash_file
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import ImageRow
from gui.inspector.prediction_sections import ChancesSection, ReadingSection
from gui.inspector.neighbours_section import NeighboursSection
from gui.inspector.file_sections import ReasonSection
from gui.widgets.tile import catalog_tiles
from tests.conftest import draw_picture
from tests.gui.inspector.conftest import Bench
from tests.project_acts import import_folder

NAME = "red/red_0.png"


@pytest.fixture
def reason(bench: Bench) -> ReasonSection:
    return next(s for s in bench.inspector.sections if isinstance(s, ReasonSection))


def replace_pixels(row: ImageRow, seed: int = 700) -> bytes:
    draw_picture(seed, "blue").save(row.path)
    return hash_file(row.path)


def import_again(bench: Bench, drawn: Project, row: ImageRow) -> None:
    import_folder(drawn, row.path.parents[1])
    bench.session.images_were_changed()


def test_before_an_import_the_inspector_says_that_the_file_changed(bench: Bench, reason: ReasonSection) -> None:
    row = bench.choose(NAME)
    assert reason.isHidden() and bench.inspector._subject is not None and bench.inspector._subject.look.chances
    replace_pixels(row)
    bench.inspector.refresh()
    assert reason.reason.text() == "This file changed after the last import." and not reason.isHidden()
    assert bench.inspector._subject.look.chances == ()
    for kind in (ChancesSection, ReadingSection, NeighboursSection):  # all of an earlier version
        assert next(s for s in bench.inspector.sections if isinstance(s, kind)).isHidden()
    assert not bench.inspector.inquiry.is_open


def test_after_it_nothing_of_the_old_content_is_left(
    bench: Bench, drawn: Project, reason: ReasonSection, qtbot: QtBot
) -> None:
    row = bench.choose(NAME)
    tiles = partial(catalog_tiles, bench.session)
    assert tiles(np.array([row.id]))[0].prediction is not None
    content_hash = replace_pixels(row)
    import_again(bench, drawn, row)
    tile = tiles(np.array([row.id]))[0]
    assert (tile.content_hash, tile.prediction, tile.confidence) == (content_hash, None, None)
    assert reason.isHidden(), "the label came from the folder, which still says it"
    subject = bench.inspector._subject
    assert subject is not None and subject.look.chances == () and subject.look.row.content_hash == content_hash
    qtbot.waitUntil(lambda: bench.inspector.image.view.is_sharp)
    shown = bench.inspector.image.view._pyramid
    assert shown is not None and shown.levels[0].pixelColor(9, 9).blue() > 110, "the new pixels"


def test_a_label_of_an_earlier_version_is_said_and_confirmed(
    bench: Bench, drawn: Project, reason: ReasonSection
) -> None:
    row = bench.choose(NAME)
    blue = next(c.id for c in bench.session.classes if c.name == "blue")
    bench.session.label([row.id], blue)
    replace_pixels(row)
    import_again(bench, drawn, row)
    assert reason.reason.text() == "This label was given to an earlier version of the file." and not reason.isHidden()
    assert image_ids(drawn, ImageFilter(is_of_earlier_version=True)).tolist() == [row.id]
    assert reason.hint.text().startswith("It is not used for training")
    with drawn.catalog.transaction() as db:
        db.execute("UPDATE image SET split = 'test' WHERE id = ?", (row.id,))
    bench.inspector.refresh()
    assert reason.hint.text().startswith("It counts in no figure"), "nothing is ever learnt from a test image"
    assert bench.session.label([row.id], blue) == 1
    bench.settle()
    assert reason.isHidden()
    bench.session.undo()
    bench.settle()
    assert not reason.isHidden()
    bench.session.redo()
    bench.settle()
    assert reason.isHidden()
