"""Faults of the program: the log, the hooks that catch them, and the dialog that shows them with details to copy."""

from __future__ import annotations

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

import platformdirs
from PySide6.QtCore import QCoreApplication, QMessageLogContext, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QWidget

from core.errors import AppError
from core.text import Message, text
from gui import messages, theme
from gui.icons import IconLabel
from gui.widgets.layouts import DIALOG, answers, column_of, row_of

MAX_BYTES, N_OLD_FILES = 1_000_000, 4

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


def log_folder() -> Path:
    """Where this system keeps logs of programs; need not exist yet."""
    return Path(platformdirs.user_log_dir("catalejo", appauthor=False))


def start_logging(folder: Path) -> Path | None:
    """Write our log into `folder`, five files of a megabyte at most.

    Args:
        folder: Made if missing.

    Returns:
        The log file, or None where none can be written; the program runs without it then.
    """
    path = folder / "catalejo.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            path, maxBytes=MAX_BYTES, backupCount=N_OLD_FILES, encoding="utf-8", errors="replace"
        )
    except OSError:
        logging.getLogger(__name__).info("no log can be written to %s", folder)
        return None
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return path


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


class FaultDialog(QDialog):
    """Shows a message together with its details."""

    def __init__(self, message: messages.Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window.fault_title"))
        self._message = message
        self.details = QPlainTextEdit(message.details)
        self.details.setReadOnly(True)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setAccessibleName(text("window.fault_details"))
        buttons = answers(self, more=[("copy", text("window.copy_details"), self.copy)])
        column_of(
            self._build_words(), (self.details, 1), buttons, spacing=theme.AROUND, margins=DIALOG, parent=self)
        self.resize(640, 400)

    def copy(self) -> None:
        """Put everything on the clipboard."""
        parts = (self._message.sentence, self._message.details)
        QGuiApplication.clipboard().setText("\n\n".join(parts))

    def _build_words(self) -> QHBoxLayout:
        sentence = theme.bold(QLabel(self._message.sentence, wordWrap=True))
        hint = QLabel(self._message.hint, wordWrap=True)
        hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        words = column_of(sentence, hint, spacing=theme.INSIDE)
        sign = IconLabel("fault", role="red", side_px=32)
        return row_of((sign, 0, Qt.AlignmentFlag.AlignTop), (words, 1), spacing=theme.AROUND)
