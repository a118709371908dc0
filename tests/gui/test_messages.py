"""One door for everything that the user is told, and hooks that lead every fault to it."""

from __future__ import annotations

import logging
import sys
import threading

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
from gui.message_bar import MAX_QUEUED, MessageBar
from gui.messages import Message, MessageDoor, Tone


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    message_bar = MessageBar(MessageDoor())
    qtbot.addWidget(message_bar)
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


def test_messages_that_nobody_watches_wait(qtbot: QtBot) -> None:
    early = MessageDoor()
    early.post(wrong("Early."))
    bar = MessageBar(early)
    qtbot.addWidget(bar)
    early.post(wrong("Late."))
    assert [m.sentence for m in bar.messages] == ["Early.", "Late."]


def test_the_bar_shows_one_after_the_other_and_hides(bar: MessageBar) -> None:
    assert bar.isHidden()
    bar.add(wrong("First."))
    bar.add(wrong("Second."))
    assert not bar.isHidden() and bar.accessibleName() == "First. Do this."
    assert bar._count.text() == "1 of 2"
    bar._close.click()
    assert bar.accessibleName() == "Second. Do this."
    bar._close.click()
    assert bar.isHidden()
    bar.close_first()


def test_the_same_message_counts_once_and_there_is_an_end(bar: MessageBar) -> None:
    for _ in range(3):
        bar.add(wrong("Again."))
    assert len(bar.messages) == 1
    for n in range(2 * MAX_QUEUED):
        bar.add(wrong(str(n)))
    assert len(bar.messages) == MAX_QUEUED


def test_a_newer_note_takes_the_place_of_an_older(bar: MessageBar) -> None:
    for sentence in ("One label.", "Two labels."):
        bar.add(Message(Tone.NOTE, sentence))
    assert [m.sentence for m in bar.messages] == ["Two labels."]


def test_only_a_fault_offers_details(bar: MessageBar, qtbot: QtBot) -> None:
    bar.add(wrong("Foreseen."))
    assert bar._details.isHidden()
    bar.close_first()
    bar.add(wrong("A fault.", "traceback"))
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
