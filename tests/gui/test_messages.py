"""One door for everything that the user is told, and hooks that lead every fault to it."""

from __future__ import annotations

import logging
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer, Signal, qCritical, qWarning
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.errors import TrainingDataError
from core.tasks import ProgramFault
from gui import faults
from gui import messages as door
from gui.faults import FaultDialog
from gui.message_bar import MOST_MS, SLIP_MS, MessageBar, lifetime_ms
from gui.message_list import MessageList
from gui.message_log import MAX_KEPT, MAX_OPEN, MessageLog
from gui.messages import Message, MessageDoor, Tone


@pytest.fixture
def log(qapp: QApplication) -> MessageLog:
    return MessageLog(MessageDoor())


@pytest.fixture
def bar(qtbot: QtBot, log: MessageLog) -> MessageBar:
    message_bar = MessageBar(log)
    qtbot.addWidget(message_bar)
    message_bar.show()
    return message_bar


def wrong(sentence: str, details: str = "") -> Message:
    return Message(Tone.WRONG, sentence, "Do this.", details)


def test_each_kind_of_word_has_its_tone(messages: list[Message]) -> None:
    door.tell("It is done.")
    door.doubt("It may be wrong.", "Look again.")
    door.warn(TrainingDataError("Too few labels.", "Label more."))
    assert [m.tone for m in messages] == [Tone.NOTE, Tone.DOUBT, Tone.WRONG]
    assert messages[2].sentence == "Too few labels." and messages[2].hint == "Label more."
    assert not any(m.is_fault for m in messages)


def test_a_fault_is_logged_and_has_details(
    messages: list[Message], expected_warnings: pytest.LogCaptureFixture
) -> None:
    door.report(ZeroDivisionError("by nought"))
    door.warn(ProgramFault("jobs.fault", details="traceback"))
    assert all(m.is_fault for m in messages)
    assert "by nought" in messages[0].details and messages[1].details == "traceback"
    assert [r.levelno for r in expected_warnings.records] == [logging.ERROR] * 2


def note(sentence: str) -> Message:
    return Message(Tone.NOTE, sentence)


def test_messages_that_nobody_watches_wait() -> None:
    early = MessageDoor()
    early.post(wrong("Early."))
    log = MessageLog(early)
    early.post(wrong("Late."))
    assert [m.sentence for m in log.open] == ["Late.", "Early."]


def test_the_newest_is_shown_at_once_and_the_one_before_comes_back(bar: MessageBar, log: MessageLog) -> None:
    assert not bar._close.isVisible() and bar.property("tone") == ""
    log.add(wrong("First."))
    log.add(wrong("Second."))
    assert bar.accessibleName() == "Second. Do this." and bar.property("tone") == "wrong"
    assert bar._count.text() == "1 of 2"
    bar.close_first()
    assert bar.accessibleName() == "First. Do this."
    bar._close.click()
    assert not bar._close.isVisible() and bar.property("tone") == "" and bar.messages == ()
    bar.close_first()


def test_a_click_that_meant_the_message_before_closes_nothing(
    bar: MessageBar, log: MessageLog, qtbot: QtBot
) -> None:
    log.add(wrong("First."))
    log.add(wrong("Second."))
    bar._close.click()
    assert [m.sentence for m in bar.messages] == ["Second.", "First."]
    qtbot.waitUntil(lambda: bar._replaced.elapsed() > SLIP_MS)
    bar._close.click()
    assert [m.sentence for m in bar.messages] == ["First."]
    bar._close.click()
    assert bar.messages == ()


def test_the_same_message_is_shown_once_and_there_is_an_end(log: MessageLog) -> None:
    for _ in range(3):
        log.add(wrong("Again."))
    assert len(log.open) == 1 and len(log.heard) == 3
    for n in range(2 * MAX_KEPT):
        log.add(wrong(str(n)))
    assert len(log.open) == MAX_OPEN and len(log.heard) == MAX_KEPT
    assert log.shown == wrong(str(2 * MAX_KEPT - 1))


def test_a_note_gives_way_and_an_error_does_not(log: MessageLog) -> None:
    for message in (wrong("An error."), note("One label."), note("Two labels.")):
        log.add(message)
    assert [m.sentence for m in log.open] == ["Two labels.", "An error."]


def test_a_note_ends_by_itself_unless_somebody_points_at_it(
    bar: MessageBar, log: MessageLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.add(wrong("An error."))
    log.add(note("A note."))
    assert bar._timer.isActive() and bar._timer.interval() == lifetime_ms(note("A note."))
    monkeypatch.setattr(bar, "underMouse", lambda: True)
    bar._timer.timeout.emit()
    assert log.shown == note("A note.") and bar._timer.isActive()
    monkeypatch.setattr(bar, "underMouse", lambda: False)
    bar._timer.timeout.emit()
    assert log.shown == wrong("An error.")
    bar._timer.timeout.emit()
    assert log.shown == wrong("An error."), "an error waits for its cause, or for being closed"
    assert lifetime_ms(note("A note.")) < lifetime_ms(note("A note. " * 20)) <= MOST_MS


def test_an_error_ends_with_its_cause(log: MessageLog) -> None:
    failed = replace(wrong("The training failed."), cause="job:train")
    log.add(wrong("Another."))
    log.add(failed)
    log.add(replace(wrong("It failed again."), cause="job:train"))
    assert [m.sentence for m in log.open] == ["It failed again.", "Another."]
    log.settle("job:scan")
    log.settle("")
    assert len(log.open) == 2
    log.settle("job:train")
    assert [m.sentence for m in log.open] == ["Another."]


def test_all_end_with_the_project_and_can_be_read_again(log: MessageLog, qtbot: QtBot) -> None:
    log.begin(Path("guns.catalejo"))
    log.add(wrong("An error.", "traceback"))
    log.add(note("A note."))
    log.begin(Path("flowers.catalejo"))
    assert log.open == () and log.shown is None
    past = MessageList(log)
    qtbot.addWidget(past)
    assert [past.rows.item(i).text()[11:] for i in range(2)] == ["guns · A note.", "guns · An error."]
    assert past.words.toPlainText() == "A note." and not past.details_button.isEnabled()
    past.rows.setCurrentRow(1)
    assert past.words.toPlainText() == "An error.\nDo this."
    with qtbot.waitSignal(past.details_asked) as asked:
        past.details_button.click()
    assert asked.args == [log.heard[1].message]
    past.copy()
    assert QGuiApplication.clipboard().text() == "An error.\n\nDo this.\n\ntraceback"
    log.add(note("One more."))
    assert past.rows.count() == 3 and past.words.toPlainText() == "One more."


def test_a_list_without_messages_says_so(log: MessageLog, qtbot: QtBot) -> None:
    past = MessageList(log)
    qtbot.addWidget(past)
    assert past.words.placeholderText() == "There are no messages yet." and not past.copy_button.isEnabled()


def test_a_long_sentence_without_a_hint_takes_both_lines(bar: MessageBar, log: MessageLog, qtbot: QtBot) -> None:
    bar.resize(360, bar.least_height())
    words = " ".join(f"word{n}" for n in range(9))
    log.add(note(words))
    qtbot.waitUntil(lambda: bool(bar._hint.text))
    assert f"{bar._sentence.text} {bar._hint.text}" == words and bar._hint.isVisible()
    assert bar._sentence.fontMetrics().horizontalAdvance(bar._sentence.text) <= bar._sentence.width()
    assert bar._hint.font() == bar._sentence.font()
    bar.resize(2000, bar.height())
    qtbot.waitUntil(lambda: bar._sentence.text == words and not bar._hint.isVisible())
    log.add(wrong("Short."))
    assert (bar._sentence.text, bar._hint.text) == ("Short.", "Do this.")


def test_only_a_fault_offers_details(bar: MessageBar, log: MessageLog, qtbot: QtBot) -> None:
    log.add(wrong("Foreseen."))
    assert bar._details.isHidden()
    bar.close_first()
    log.add(wrong("A fault.", "traceback"))
    with qtbot.waitSignal(bar.details_asked) as asked:
        bar._details.click()
    assert asked.args == [bar.messages[0]]


def test_the_details_of_a_fault_can_be_copied(qtbot: QtBot) -> None:
    dialog = FaultDialog(wrong("A fault.", "Traceback: line 3"))
    qtbot.addWidget(dialog)
    dialog.copy()
    assert QGuiApplication.clipboard().text() == "A fault.\n\nTraceback: line 3"
    assert dialog.details.toPlainText() == "Traceback: line 3"


class Button(QObject):
    pressed = Signal()


@pytest.mark.qt_no_exception_capture
def test_a_slot_that_raises_is_a_fault_and_the_application_goes_on(
    messages: list[Message], own_hooks: None, expected_warnings: pytest.LogCaptureFixture
) -> None:
    faults.install_hooks()
    button, reached = Button(), []

    def break_down() -> None:
        raise KeyError("a slot")

    button.pressed.connect(break_down)
    button.pressed.connect(lambda: reached.append("after"))
    button.pressed.emit()
    assert reached == ["after"]
    assert len(messages) == 1 and "a slot" in messages[0].details
    assert any("a slot" in r.getMessage() for r in expected_warnings.records)


@pytest.mark.qt_no_exception_capture
def test_a_paint_event_that_raises_is_a_fault(
    qtbot: QtBot, messages: list[Message], own_hooks: None, expected_warnings: pytest.LogCaptureFixture
) -> None:
    class Broken(QWidget):
        def paintEvent(self, event: object) -> None:
            raise ValueError("cannot paint")

    faults.install_hooks()
    widget = Broken()
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitUntil(lambda: bool(messages))
    widget.hide()
    assert "cannot paint" in messages[0].details


@pytest.mark.qt_no_exception_capture
def test_a_foreseen_error_that_a_slot_lets_through_is_shown_as_it_is(
    messages: list[Message], own_hooks: None
) -> None:
    faults.install_hooks()
    error = TrainingDataError("Too few labels.", "Label more.")
    sys.excepthook(type(error), error, None)
    assert [(m.sentence, m.is_fault) for m in messages] == [("Too few labels.", False)]


@pytest.mark.qt_no_exception_capture
def test_a_thread_that_raises_is_a_fault_shown_in_the_windows_thread(
    qtbot: QtBot, messages: list[Message], own_hooks: None, expected_warnings: pytest.LogCaptureFixture
) -> None:
    faults.install_hooks()
    thread = threading.Thread(target=lambda: [][0], name="test-thread")
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(messages))
    assert "IndexError" in messages[0].details


def test_what_qt_says_is_logged_and_what_is_critical_is_shown(
    messages: list[Message], own_hooks: None, expected_warnings: pytest.LogCaptureFixture
) -> None:
    faults.install_hooks()
    qWarning("a warning of Qt")
    assert messages == []
    qCritical("something critical")
    assert [m.details for m in messages] == ["something critical"]
    said = [(r.name, r.levelno) for r in expected_warnings.records]
    assert said == [("gui.qt", logging.WARNING), ("gui.qt", logging.ERROR)]


def test_an_unraisable_exception_is_logged_only(
    messages: list[Message], own_hooks: None, expected_warnings: pytest.LogCaptureFixture
) -> None:
    faults.install_hooks()

    class Fragile:
        def __del__(self) -> None:
            raise OSError("too late")

    fragile = Fragile()
    del fragile
    assert messages == []
    assert any("Fragile" in r.getMessage() for r in expected_warnings.records)


def test_ctrl_c_ends_the_application(qapp: QApplication, messages: list[Message]) -> None:
    QTimer.singleShot(0, lambda: faults.on_exception(KeyboardInterrupt, KeyboardInterrupt(), None))
    too_late = QTimer(singleShot=True)  # gone with this test: a quit that comes later silences all others
    too_late.timeout.connect(lambda: qapp.exit(1))
    too_late.start(20_000)
    assert qapp.exec() == 0
    too_late.stop()
    assert messages == []
