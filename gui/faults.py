"""What nobody caught ends here: it is logged and shown, and the application goes on.

A foreseen error that a slot lets through is shown as what it is; anything else is a fault.
"""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QMessageLogContext, QtMsgType, qInstallMessageHandler

from core.errors import AppError
from core.text import Message
from gui import messages

_log = logging.getLogger(__name__)
_qt_log = logging.getLogger("gui.qt")

_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def install_hooks() -> None:
    """Lead uncaught exceptions of all threads and the words of Qt to the log and the message bar."""
    sys.excepthook = on_exception
    threading.excepthook = _on_thread_exception
    sys.unraisablehook = _on_unraisable
    qInstallMessageHandler(_on_qt_message)


def on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show what a slot or event handler let through."""
    if issubclass(kind, KeyboardInterrupt):
        QCoreApplication.quit()
        return
    try:
        _show(error)
    except Exception:  # the hook: nothing is behind it
        sys.__excepthook__(kind, error, trace)
        sys.__excepthook__(*sys.exc_info())


def _show(error: BaseException) -> None:
    if QCoreApplication.instance() is None:
        _log.critical("a fault before the window", exc_info=error)
        sys.__excepthook__(type(error), error, error.__traceback__)
    elif isinstance(error, AppError):
        messages.warn(error)
    else:
        messages.report(error)


def _on_thread_exception(what: threading.ExceptHookArgs) -> None:
    if what.exc_value is not None:
        on_exception(what.exc_type, what.exc_value, what.exc_traceback)


def _on_unraisable(what: "sys.UnraisableHookArgs") -> None:
    _log.error("%s: %r", what.err_msg or "ignored exception", what.object, exc_info=what.exc_value)


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
    level = _QT_LEVELS.get(kind, logging.WARNING)
    _qt_log.log(level, "%s", text)
    if level >= logging.ERROR and QCoreApplication.instance() is not None:
        said = Message("window.qt_fault")
        messages.door().post(messages.Message(messages.Tone.WRONG, said, messages.FAULT_HINT, text or str(said)))
