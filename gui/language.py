"""Sets the language of the window: our texts, Qt's own dialogs, and how fields write numbers."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, Qt, QTranslator

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
    translator = _Disguise(application) if code == PSEUDO else QTranslator(application)
    if code == PSEUDO or translator.load(f"qtbase_{code}", QLibraryInfo.path(_TRANSLATIONS)):
        application.installTranslator(translator)


_TRANSLATIONS = QLibraryInfo.LibraryPath.TranslationsPath


class _Disguise(QTranslator):
    """Disguises the words of Qt's own classes, so that a test can tell them from ours."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        is_of_qt = context[:1] == "Q" and context[1:2].isupper()
        return disguise(source) if is_of_qt and context != "QShortcut" else None
