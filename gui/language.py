"""Sets the language of the window: our texts, Qt's own dialogs, and how fields write numbers."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, Qt, QTranslator

from core.text import text
from core.text.language import PSEUDO, set_language
from core.text.render import disguise

_LOCALES = {
    "en": (QLocale.Language.English, QLocale.Country.UnitedStates),
    "es": (QLocale.Language.Spanish, QLocale.Country.Spain),
}
"""The countries that write numbers as `core.text.numbers` does."""


def speak(code: str) -> None:
    """Use a language from now on; widgets that are there already keep their words.

    Args:
        code: One of `core.text.language.LANGUAGES`, or `PSEUDO`.
    """
    set_language(code)
    QLocale.setDefault(QLocale(*_LOCALES.get(code, _LOCALES["en"])))
    application = QCoreApplication.instance()
    assert application is not None, "the language of Qt's dialogs belongs to an application"
    for old in application.findChildren(QTranslator, options=Qt.FindChildOption.FindDirectChildrenOnly):
        application.removeTranslator(old)
        old.deleteLater()
    if code == PSEUDO:
        application.installTranslator(_Disguise(application))
        return
    translator = QTranslator(application)
    if translator.load(f"qtbase_{code}", QLibraryInfo.path(_TRANSLATIONS)):
        application.installTranslator(translator)
    application.installTranslator(_OwnWords(application))


_TRANSLATIONS = QLibraryInfo.LibraryPath.TranslationsPath

_LACKING = {
    "&Look in:": "window.qt_look_in", "Files of &type:": "window.qt_files_of_type",
    '<b>The name "%1" cannot be used.</b><p>Try using another name, with fewer characters or no punctuation marks.':
        "window.qt_name_cannot_be_used",
    "Folder": "window.qt_folder", "File Folder": "window.qt_folder", "File": "window.qt_file",
    "Drive": "window.qt_drive", "Shortcut": "window.qt_shortcut", "Alias": "window.qt_shortcut",
    "Unknown": "window.qt_unknown",
}
"""Words of Qt's file dialog that the translations of Qt 6.8 to 6.11 lack in Spanish, and our codes of them."""


_FILE_DIALOG = ("QFileDialog", "QFileSystemModel", "QAbstractFileIconProvider")


class _OwnWords(QTranslator):
    """Speaks for Qt where its own translation is silent."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        code = _LACKING.get(source) if context in _FILE_DIALOG else None
        return text(code) if code is not None else None


class _Disguise(QTranslator):
    """Disguises the words of Qt's own classes, so that a test can tell them from ours."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        is_of_qt = context[:1] == "Q" and context[1:2].isupper()
        return disguise(source) if is_of_qt and context != "QShortcut" else None
