"""The inspector over the real core."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from core.project.project import Project
from core.project.rows import image_row
from core.review.inspection import InspectInput, InspectResult
from gui import theme
from gui.inspector.prediction_sections import ChancesSection, ReadingSection
from gui.widgets.image_acts import exclude
from gui.widgets.class_picker import MAX_IN_MENU, ClassChooser, ask_for_class
from gui.inspector.file_sections import FileSection, NameSection, ReasonSection, show_folder
from gui.inspector.neighbours_section import NeighbourButton
from gui.inspector.section import Section
from gui.jobs import JobState
from gui.messages import Message
from tests.gui.inspector.conftest import Bench


def part(bench: Bench, kind: type) -> Section:
    return next(section for section in bench.inspector.sections if isinstance(section, kind))


def bars(bench: Bench) -> list[tuple[str, float, str]]:
    section = part(bench, ChancesSection)
    assert isinstance(section, ChancesSection)
    return [(bar.style.name, round(bar.p, 3), bar.note) for bar in section.bars.bars]


def wait_for_question(bench: Bench, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(bench.runner.current or bench.runner.waiting))


def answer(bench: Bench, qtbot: QtBot) -> InspectResult:
    """Let the engine answer what was asked last."""
    wait_for_question(bench, qtbot)
    with qtbot.waitSignal(bench.inspector.inquiry.answered) as answered:
        bench.runner.run_all()
    assert answered.args is not None
    result = answered.args[0]
    assert isinstance(result, InspectResult)
    return result


def shown_neighbours(bench: Bench) -> list[NeighbourButton]:
    return [b for b in bench.inspector.neighbours.buttons if b.tile is not None and b.isVisible()]


def click(button: NeighbourButton, qtbot: QtBot) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_without_an_image_it_says_so_calmly(bench: Bench) -> None:
    assert bench.inspector.empty.isVisible() and "Select an image" in bench.inspector.empty.text()
    assert not bench.inspector.image.isVisible()


def test_what_the_project_knows_is_there_at_once(bench: Bench) -> None:
    bench.choose("red/red_1.png")
    name, file = part(bench, NameSection), part(bench, FileSection)
    assert isinstance(name, NameSection) and isinstance(file, FileSection)
    assert name.name.text == "red_1.png" and name.figures.text.startswith("96 × 72 · ")
    assert name.figures.text.endswith("PNG")
    assert bench.inspector.label.badge.accessibleName() == "red" and bench.inspector.label.badge.isVisible()
    assert file.folder.text.endswith("/pictures/red") and "training image" in file.when.text()
    assert not bench.runner.started


def test_the_label_is_among_the_bars_however_unlikely(bench: Bench) -> None:
    bench.choose("red/red_1.png")
    assert [name for name, _, _ in bars(bench)] == ["blue", "green", "grey", "white", "red"]
    assert bars(bench)[0] == ("blue", 0.5, "") and bars(bench)[-1] == ("red", 0.001, "your label")
    section = part(bench, ChancesSection)
    assert isinstance(section, ChancesSection)
    assert "Differs from your label" in section.note.text() and "2 other classes share 0.05" in section.note.text()
    assert section.bars.accessibleName().endswith("red 0.0010, your label")


def test_without_a_run_it_asks_for_training(bench: Bench) -> None:
    bench.choose("red/red_1.png")
    bench.session.choose_run(None)
    section = part(bench, ChancesSection)
    assert isinstance(section, ChancesSection)
    assert bars(bench) == [] and "train first" in section.note.text()


def test_reading_and_neighbours_follow_from_the_engine(embedded: Project, bench: Bench, qtbot: QtBot) -> None:
    row = bench.choose("red/red_1.png")
    result = answer(bench, qtbot)
    reading = part(bench, ReadingSection)
    assert isinstance(reading, ReadingSection) and result.reading[0][0] in reading.words.text()
    assert reading.words.text().rstrip().endswith("%")
    shown = shown_neighbours(bench)
    assert len(shown) >= 4 and row.id not in [b.tile.id for b in shown]
    assert [b.tile.id for b in shown] == [n.image_id for n in result.neighbours[:len(shown)]]
    assert "similarity" in shown[0].accessibleName() and shown[0].toolTip()


def test_browsing_on_asks_once(bench: Bench, qtbot: QtBot) -> None:
    for name in ("red/red_1.png", "red/red_2.png", "red/red_3.png"):
        bench.choose(name)
    assert not bench.runner.started
    assert answer(bench, qtbot).image_id == bench.rows["red/red_3.png"].id
    assert len(bench.runner.started) == 1


def test_an_answer_about_another_image_is_not_shown(embedded: Project, bench: Bench, qtbot: QtBot) -> None:
    bench.choose("red/red_1.png")
    wait_for_question(bench, qtbot)
    bench.choose("red/red_2.png")
    heard: list[InspectResult] = []
    bench.inspector.inquiry.answered.connect(heard.append)
    bench.runner.run_all()
    assert heard == [] and shown_neighbours(bench) == []
    assert answer(bench, qtbot).image_id == bench.rows["red/red_2.png"].id


def test_while_a_training_runs_the_rest_is_shown_and_the_wait_is_said(bench: Bench, qtbot: QtBot) -> None:
    bench.runner.start("Training transfer", "train", 1)
    bench.choose("red/red_1.png")
    wait_for_question(bench, qtbot)
    reading = part(bench, ReadingSection)
    assert isinstance(reading, ReadingSection)
    qtbot.waitUntil(lambda: reading.words.text() == "After the training.")
    assert bench.inspector.neighbours.words.text() == "After the training." and bars(bench)
    (waiting,) = bench.runner.waiting
    bench.choose("red/red_2.png")
    assert waiting.state is JobState.CANCELLED and bench.runner.waiting == ()
    qtbot.waitUntil(lambda: len(bench.runner.waiting) == 1)
    asked = bench.runner.waiting[0].inputs
    assert isinstance(asked, InspectInput) and asked.image.id == bench.rows["red/red_2.png"].id


def test_an_answer_is_kept_for_coming_back(bench: Bench, qtbot: QtBot) -> None:
    bench.choose("red/red_1.png")
    answer(bench, qtbot)
    bench.choose("red/red_2.png")
    answer(bench, qtbot)
    bench.choose("red/red_1.png")
    assert not bench.inspector.inquiry.is_open and len(bench.runner.started) == 2
    bench.session.label([bench.rows["red/red_5.png"].id], None)
    bench.choose("red/red_2.png")
    assert bench.inspector.inquiry.is_open


def test_an_unreadable_picture_gives_reason_and_hint_and_asks_nothing(bench: Bench) -> None:
    row = bench.choose("blue/broken.jpg")
    section = part(bench, ReasonSection)
    assert isinstance(section, ReasonSection) and section.isVisible()
    assert section.reason.text() == str(row.reason) and "Copy it again" in section.reason.text()
    assert section.hint.text() == "Then import its folder again.", "the reason says what to do first"
    assert not bench.inspector.inquiry.is_open and not bench.inspector.neighbours.isVisible()
    assert bench.inspector.image.view._message


def test_the_picture_becomes_sharp(bench: Bench, qtbot: QtBot) -> None:
    bench.choose("red/turned.jpg")
    qtbot.waitUntil(lambda: bench.inspector.image.view.is_sharp)
    bench.choose("red/red_1.png")
    assert not bench.inspector.image.view.is_sharp
    qtbot.waitUntil(lambda: bench.inspector.image.view.is_sharp)


def test_a_label_given_elsewhere_is_shown_and_asks_the_engine_nothing(bench: Bench, qtbot: QtBot) -> None:
    row = bench.choose("red/red_1.png")
    answer(bench, qtbot)
    blue = next(c for c in bench.session.classes if c.name == "blue")
    bench.session.label([row.id], blue.id)
    bench.settle()
    assert bench.inspector.label.badge.accessibleName() == "blue"
    reading = part(bench, ReadingSection)
    assert isinstance(reading, ReadingSection) and "%" in reading.words.text()
    bench.session.label([row.id], None)
    bench.settle()
    assert bench.inspector.label.nothing.isVisible() and not bench.inspector.label.badge.isVisible()
    assert not bench.inspector.inquiry.is_open


def test_the_menu_labels_the_image(bench: Bench) -> None:
    row = bench.choose("red/red_1.png")
    bench.inspector.label.change.click()
    menu = bench.inspector.label.change.findChild(QMenu)
    assert menu is not None
    texts = [a.text() for a in menu.actions() if a.text()]
    assert texts[:2] == ["blue\t1", "red\t2"] and texts[-2] == "No label\tBackspace"
    next(a for a in menu.actions() if a.text().startswith("green")).trigger()
    menu.close()
    label = bench.session.find_class(_label_of(bench, row.id))
    assert label is not None and label.name == "green"


def _label_of(bench: Bench, image_id: int) -> int | None:
    return image_row(bench.session.project, image_id).class_id


def test_many_classes_are_searched_instead(bench: Bench) -> None:
    for i in range(MAX_IN_MENU):
        bench.session.add_class(f"further {i}")
    asked = ask_for_class(bench.session, "Label as", lambda _: None, parent=bench.inspector.label.change)
    assert isinstance(asked, ClassChooser)
    asked.close()


def test_several_images_are_summed_up_and_labelled_together(bench: Bench, qtbot: QtBot) -> None:
    chosen = [bench.rows[f"red/red_{i}.png"].id for i in range(3)] + [bench.rows["blue/grey.png"].id]
    bench.session.label(chosen[:1], None)
    bench.session.choose_image(chosen[0])
    bench.session.select(np.array(chosen))
    summary = bench.inspector.summary
    assert summary.isVisible() and summary.title.text() == "4 images" and not bench.inspector.image.isVisible()
    qtbot.waitUntil(lambda: bool(summary.bars.bars))
    assert {bar.style.name: bar.note for bar in summary.bars.bars} == {"red": "2", "blue": "1", "No label": "1"}
    assert not bench.inspector.inquiry.is_open
    summary.label.click()
    menu = summary.label.findChild(QMenu)
    assert menu is not None
    next(a for a in menu.actions() if a.text().startswith("green")).trigger()
    menu.close()
    green = next(c for c in bench.session.classes if c.name == "green")
    assert [_label_of(bench, i) for i in chosen] == [green.id] * 4
    qtbot.waitUntil(lambda: [bar.style.name for bar in summary.bars.bars] == ["green"])
    bench.session.select(np.array(chosen[:1]))
    assert not summary.isVisible() and bench.inspector.image.isVisible()


def test_a_neighbour_leads_there_and_back(embedded: Project, bench: Bench, qtbot: QtBot) -> None:
    row = bench.choose("red/red_1.png")
    answer(bench, qtbot)
    assert not bench.inspector.back.isVisible()
    button = shown_neighbours(bench)[0]
    wanted = button.tile.id
    click(button, qtbot)
    assert bench.session.image_id == wanted != row.id
    bench.inspector.back.click()
    assert bench.session.image_id == row.id and not bench.inspector.back.isVisible()


def test_choosing_elsewhere_forgets_the_way_back(embedded: Project, bench: Bench, qtbot: QtBot) -> None:
    bench.choose("red/red_1.png")
    answer(bench, qtbot)
    click(shown_neighbours(bench)[0], qtbot)
    bench.choose("red/niño.jpg")
    assert not bench.inspector.back.isVisible()


def test_a_double_click_asks_for_the_loupe_of_what_was_clicked_first(
    embedded: Project, bench: Bench, qtbot: QtBot
) -> None:
    bench.choose("red/red_1.png")
    answer(bench, qtbot)
    button = shown_neighbours(bench)[2]
    wanted, heard = button.tile.id, list[int]()
    bench.inspector.loupe_requested.connect(heard.append)
    click(button, qtbot)
    qtbot.mouseDClick(button, Qt.MouseButton.LeftButton)
    assert heard == [wanted] and button.tile is None


def test_neighbours_are_reached_by_keys(embedded: Project, bench: Bench, qtbot: QtBot) -> None:
    bench.choose("red/red_1.png")
    answer(bench, qtbot)
    button = shown_neighbours(bench)[1]
    wanted = button.tile.id
    assert button.focusPolicy() is Qt.FocusPolicy.TabFocus
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert bench.session.image_id == wanted


def test_labels_of_neighbours_follow(embedded: Project, bench: Bench, qtbot: QtBot) -> None:
    bench.choose("red/red_1.png")
    answer(bench, qtbot)
    button = shown_neighbours(bench)[0]
    assert button.tile is not None and "red" in button.accessibleName()
    green = next(c for c in bench.session.classes if c.name == "green")
    bench.session.label([button.tile.id], green.id)
    bench.settle()
    assert "green" in button.accessibleName()


def test_the_same_picture_elsewhere_is_said_and_leads_there(bench: Bench) -> None:
    bench.choose("red/red_0.png")
    twins = bench.inspector.label.twins
    assert twins.isVisible() and "Exact duplicate with a different label" in twins.text() and "blue" in twins.text()
    other = bench.rows["blue/same.png"].id
    twins.linkActivated.emit(str(other))
    assert bench.session.image_id == other and bench.inspector.back.isVisible()
    bench.choose("red/red_1.png")
    assert not twins.isVisible()


def test_the_path_is_copied(bench: Bench) -> None:
    row = bench.choose("red/niño.jpg")
    section = part(bench, FileSection)
    assert isinstance(section, FileSection)
    section.copy.click()
    assert QGuiApplication.clipboard().text() == str(row.path)


def test_a_folder_that_is_gone_is_said(bench: Bench, messages: list[Message]) -> None:
    show_folder(bench.rows["red/red_1.png"].path / "gone")
    assert getattr(messages[-1].said, "code", "") == "window_inspector.folder_gone" and messages[-1].hint


def test_without_a_file_manager_the_place_is_said(
    bench: Bench, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.inspector.file_sections.QDesktopServices.openUrl", lambda _: False)
    folder = bench.rows["red/red_1.png"].path.parent
    show_folder(folder)
    assert str(folder) in messages[-1].hint


def test_it_fits_the_narrowest_panel_in_both_themes(embedded: Project, bench: Bench, qtbot: QtBot) -> None:
    bench.session.rename_class(bench.session.classes[1].id, "arms/handguns/" + "long" * 30)
    bench.choose("red/red_0.png")
    answer(bench, qtbot)
    for choice in ("light", "dark"):
        theme.current().choose(choice)
        assert not bench.inspector.grab().isNull()
        assert bench.inspector.minimumSizeHint().width() <= 200


def test_closing_the_project_empties_it(bench: Bench) -> None:
    bench.choose("red/red_1.png")
    bench.session.close()
    assert bench.inspector.empty.isVisible() and not bench.inspector.inquiry.is_open


def test_an_excluded_image_says_why(bench: Bench) -> None:
    bench.choose("red/red_1.png")
    row = bench.rows["red/red_1.png"]
    reason = part(bench, ReasonSection)
    assert isinstance(reason, ReasonSection) and not reason.isVisible()
    exclude(bench.session, np.array([row.id]), "label_issue")
    bench.settle()
    assert reason.isVisible() and reason.reason.text() == "Excluded: label issue"
    bench.session.undo()
    bench.settle()
    assert not reason.isVisible()
