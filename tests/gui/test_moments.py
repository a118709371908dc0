"""How a moment is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QDateTime, QLocale, Qt

from gui.moments import date_and_time, say_moment, say_recorded

NOW = QDateTime.fromString("2026-11-22T18:00:00", Qt.DateFormat.ISODate)


@pytest.fixture
def locale() -> Iterator[None]:
    before = QLocale()
    yield
    QLocale.setDefault(before)


def at(text: str) -> QDateTime:
    return QDateTime.fromString(text, Qt.DateFormat.ISODate)


@pytest.mark.parametrize(("country", "when", "said"), [
    ("de_DE", "2026-11-22T14:03:00", "today 14:03"),
    ("de_DE", "2026-11-21T23:59:00", "yesterday 23:59"),
    ("de_DE", "2026-11-20T09:05:00", "20.11.26 09:05"),
    ("de_DE", "2026-11-23T09:05:00", "23.11.26 09:05"),
    ("en_GB", "2026-11-20T09:05:00", "20/11/2026 09:05"),
    ("C", "2026-11-20T09:05:00", "2026-11-20 09:05"),
])
def test_near_days_have_names_and_others_the_form_of_the_country(
    locale: None, country: str, when: str, said: str
) -> None:
    QLocale.setDefault(QLocale(country))
    assert say_moment(at(when), now=NOW) == said


def test_what_the_catalog_wrote_is_said_in_local_time(locale: None) -> None:
    QLocale.setDefault(QLocale("C"))
    utc = at("2020-01-02T03:04:00Z")
    assert say_recorded("2020-01-02T03:04:00Z") == date_and_time(utc.toLocalTime())
    assert say_recorded("once") == "once"
