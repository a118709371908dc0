"""What this program is, which parts it runs with, under which licences, and where its log lies."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import PySide6
from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QWidget

import core
from core.text import text
from gui import theme
from gui.icons import IconLabel
from gui.widgets.labels import WrappedLabel
from gui.widgets.layouts import DIALOG, answers, column_of, form_of, row_of

BUNDLED = (
    ("EfficientNet-Lite 0, 1, 2 (ImageNet)", "Apache-2.0"), ("WordNet 3.0 (ImageNet)", "WordNet License"),
    ("Phosphor Icons", "MIT"),
)
"""What comes inside packages and has a licence of its own: weights, names, the icon font of qtawesome."""


class AboutDialog(QDialog):
    """Opened from the menu Help.

    Args:
        log_path: The log file, or None where none could be written.
    """

    def __init__(self, log_path: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window.about"))
        self._log_path = log_path
        self.rows = {
            text("window.about_version"): core.__version__,
            "Python": platform.python_version(),
            "Qt": f"{qVersion()} (PySide {PySide6.__version__}, LGPL-3.0)",
            text("window.about_system"): platform.platform(),
            text("window.about_log"): str(log_path) if log_path is not None else text("window.about_no_log"),
        }
        self.licences = QPlainTextEdit("\n".join(licence_lines()))
        self.licences.setReadOnly(True)
        self.licences.setAccessibleName(text("window.about_licences"))
        rows = form_of([(theme.caption_label(name), _fact(value)) for name, value in self.rows.items()],
                       spacing=theme.INSIDE)
        more = [("copy", text("window.copy"), self.copy), ("folder-open", text("window.show_log"), self._show_log)]
        column_of(
            self._build_head(), rows, theme.caption_label(text("window.about_licences")), (self.licences, 1),
            answers(self, more=more if log_path is not None else more[:1]), spacing=theme.AROUND, margins=DIALOG,
            parent=self)
        self.resize(max(600, 64 * self.fontMetrics().averageCharWidth()), 560)

    def copy(self) -> None:
        """Put versions, log place and licences on the clipboard."""
        lines = [f"{name}: {value}" for name, value in self.rows.items()]
        QGuiApplication.clipboard().setText("\n".join([*lines, "", self.licences.toPlainText()]))

    def _build_head(self) -> QHBoxLayout:
        private = text("window_welcome.private").replace("\n", " ")
        label = WrappedLabel(f"{text('window_welcome.claim')}\n{private}", wordWrap=True)
        words = column_of(theme.title_label("Catalejo"), label, spacing=theme.INSIDE)
        return row_of(
            (IconLabel("app", role="accent", side_px=48), 0, Qt.AlignmentFlag.AlignTop), (words, 1),
            spacing=theme.AROUND
        )

    def _show_log(self) -> None:
        assert self._log_path is not None
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_path.parent)))


def _fact(value: str) -> QLabel:
    shown = WrappedLabel(value, wordWrap=True)
    shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return shown


def licence_lines() -> list[str]:
    """“numpy 2.1.0 – BSD-3-Clause” for the program, every package that it needs, and what these bring along."""
    lines = [f"Catalejo {core.__version__} – Apache-2.0", f"Python {platform.python_version()} – PSF-2.0"]
    lines += [f"{name} – {licence}" for name, licence in BUNDLED]
    return lines + sorted((f"{d.name} {d.version} – {_licence(d)}" for d in _needed("catalejo")), key=str.lower)


def _needed(name: str) -> Iterator[metadata.Distribution]:
    """Every installed package that a package needs, directly or through others; all, where it is not installed."""
    seen, waiting = {_plain(name)}, _requirements(name)
    if not waiting:
        found = {_plain(d.name): d for d in metadata.distributions() if d.name}
        yield from (d for key, d in found.items() if key not in seen)
        return
    while waiting:
        wanted = waiting.pop()
        if _plain(wanted) in seen:
            continue
        seen.add(_plain(wanted))
        try:
            yield metadata.distribution(wanted)
        except metadata.PackageNotFoundError:
            continue
        waiting += _requirements(wanted)


def _requirements(name: str) -> list[str]:
    """Names of the packages that a package needs, without its extras."""
    try:
        written = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
    found = (re.match(r"[A-Za-z0-9._-]+", line) for line in written if "extra ==" not in line)
    return [match[0] for match in found if match]


def _licence(distribution: metadata.Distribution) -> str:
    """As short as the package says it: an expression, a classifier, or the first line of a text."""
    about = distribution.metadata
    classifiers = [c.rpartition(":: ")[2] for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    said = [*(about.get_all("License-Expression") or []), ", ".join(dict.fromkeys(classifiers)),
            *"".join(about.get_all("License") or []).strip().splitlines()[:1]]
    return next((words for words in said if words and words != "UNKNOWN"), text("window.licence_unknown"))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
