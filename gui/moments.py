"""Day and time as a person says them: today, yesterday, else the way this computer writes dates."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt


def say_moment(when: QDateTime, *, now: QDateTime | None = None) -> str:
    """“today 14:03”, “yesterday 9:12”, “26/11/2026 14:03”.

    Args:
        when: Valid, in any time zone.
        now: The present by default.
    """
    here = when.toLocalTime()
    days = here.date().daysTo((now or QDateTime.currentDateTime()).date())
    time = QLocale().toString(here.time(), QLocale.FormatType.ShortFormat)
    if days == 0:
        return _tr("today {time}").format(time=time)
    if days == 1:
        return _tr("yesterday {time}").format(time=time)
    return date_and_time(here)


def say_recorded(text: str) -> str:
    """The same for a moment as the catalog writes it, ISO 8601 in UTC; as it is if it is none."""
    when = QDateTime.fromString(text, Qt.DateFormat.ISODate)
    return say_moment(when) if when.isValid() else text


def date_and_time(when: QDateTime) -> str:
    """As this computer writes it; without a country the way that sorts, for Qt's own reads “22 11 2026”."""
    if QLocale().language() is QLocale.Language.C:
        return when.toString("yyyy-MM-dd HH:mm")
    return QLocale().toString(when, QLocale.FormatType.ShortFormat)


def _tr(text: str) -> str:
    return QCoreApplication.translate("moments", text)
