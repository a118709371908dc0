"""Numbers, percentages, dates, durations and sizes as each language writes them.

Separators are those of the Unicode CLDR: English 1,234.5 and 97.5 %, Spanish 1234,5 (grouped from five digits on,
12.345) and 97,5 %. A space stands before the percent sign in both.
"""

from __future__ import annotations

from datetime import datetime

from core.text.language import language


_ENGLISH = (".", ",", 4)
_STYLES = {"es": (",", ".", 5)}
"""Separators of decimals and groups, and the digits of a whole number from which on it is grouped."""


def format_whole(value: int) -> str:
    """“1,234”."""
    _, group, group_from = _STYLES.get(language(), _ENGLISH)
    return f"{value:,}".replace(",", group) if len(str(abs(value))) >= group_from else str(value)


def format_float(value: float, spec: str = "g") -> str:
    """A number by a format specification of Python, with the decimal sign of the language."""
    decimal, group, _ = _STYLES.get(language(), _ENGLISH)
    return f"{value:{spec}}".translate({ord("."): decimal, ord(","): group})


def format_percent(share: float, decimals: int = 1) -> str:
    """“97.5 %” of 0.975."""
    return f"{format_float(100 * share, f'.{decimals}f')} %"


def format_confidence(p: float) -> str:
    """“0.97”; what is not quite 0 or 1 does not look as if it were."""
    if 0 < p < 0.005:
        return f"<{format_float(0.01)}"
    return f">{format_float(0.99)}" if 0.995 <= p < 1 else format_float(p, ".2f")


def format_moment(at: datetime, kind: str = "moment") -> str:
    """A date (“2026-11-27”), a time (“14:03”) or both, in the machine's own zone where `at` has none."""
    day = f"{at.day:02}/{at.month:02}/{at.year}" if language() == "es" else f"{at:%Y-%m-%d}"
    return {"date": day, "time": f"{at:%H:%M}"}.get(kind, f"{day} {at:%H:%M}")


def format_size(n_bytes: int) -> str:
    """“812 bytes”, “1.4 MB”; decimal multiples as file managers show them."""
    if n_bytes < 1000:
        return f"{n_bytes} B"
    size = float(n_bytes)
    for unit in ("kB", "MB", "GB", "TB"):
        size /= 1000
        if size < 999.5 or unit == "TB":
            break
    return f"{format_float(size, '.1f' if size < 9.95 else '.0f')} {unit}"
