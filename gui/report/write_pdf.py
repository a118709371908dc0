"""Writes a report as a PDF file and reads it back: in the background of the window, or without any screen."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from core.files.user_files import write_bytes_to_replace
from core.review.report import require_written
from core.review.report_blocks import Report
from gui.report.pdf_report import paint_report


def write_pdf(report: Report, out: Path) -> None:
    """Paint it into a file; an older PDF is replaced.

    Raises:
        InputError: Something else lies there, or there is no font to write with.
        StorageError: Nothing can be written there, or it does not hold what was written.
    """
    content = paint_report(report)
    write_bytes_to_replace(out, content)
    require_written(out, content)


def write_without_window(report: Report, out: Path) -> None:
    """The same in a program that has no window: on Qt's platform that needs no screen.

    Raises:
        InputError, StorageError: See `write_pdf`.
    """
    if QGuiApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        application = QGuiApplication(["catalejo"])
        write_pdf(report, out)
        application.shutdown()
    else:
        write_pdf(report, out)
