"""How a moment is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from core.text.language import set_language
from gui.moments import say_moment, say_recorded

NOW = datetime.fromisoformat("2026-11-22T18:00:00")


@pytest.fixture
def spoken() -> Iterator[None]:
    yield
    set_language("en")


@pytest.mark.parametrize(("language", "when", "said"), [
    ("en", "2026-11-22T14:03:00", "today 14:03"),
    ("es", "2026-11-21T23:59:00", "ayer 23:59"),
    ("es", "2026-11-20T09:05:00", "20/11/2026 09:05"),
    ("en", "2026-11-23T09:05:00", "2026-11-23 09:05"),
])
def test_near_days_have_names_and_others_the_form_of_the_language(
    spoken: None, language: str, when: str, said: str
) -> None:
    set_language(language)
    assert say_moment(datetime.fromisoformat(when), now=NOW) == said


def test_what_the_catalog_wrote_is_said_in_local_time() -> None:
    local = datetime.fromisoformat("2020-01-02T03:04:00+00:00").astimezone()
    assert say_recorded("2020-01-02T03:04:00Z") == f"{local:%Y-%m-%d %H:%M}"
    assert say_recorded("once") == "once"
