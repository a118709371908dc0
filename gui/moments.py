"""Day and time as a person says them: today, yesterday, else the date."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.text import text


def say_moment(when: datetime, *, now: datetime | None = None) -> str:
    """“today 14:03”, “yesterday 09:12”, “2026-11-26 14:03”.

    Args:
        when: In any time zone; without one, local.
        now: The present by default.
    """
    here = when.astimezone()
    today = (now or datetime.now()).date()
    if here.date() == today:
        return text("window.today_at", at=here)
    if here.date() == today - timedelta(days=1):
        return text("window.yesterday_at", at=here)
    return text("window.at", at=here)


def say_recorded(written: str) -> str:
    """The same for a moment as the catalog writes it, ISO 8601 in UTC; as it is if it is none."""
    try:
        return say_moment(datetime.fromisoformat(written))
    except ValueError:
        return written
