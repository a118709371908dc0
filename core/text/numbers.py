"""Numbers, percentages, dates, durations and sizes as each language writes them.

Separators are those of the Unicode CLDR: English 1,234.5 and 97.5 %, Spanish 1234,5 (grouped from five digits on,
12.345) and 97,5 %. A space stands before the percent sign in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.text.language import language


@dataclass(frozen=True)
class NumberStyle:
    """How one language writes numbers.

    Attributes:
        decimal, group: The separators.
        group_from: Digits of a whole number from which on it is grouped.
    """

    decimal: str = "."
    group: str = ","
    group_from: int = 4


STYLES = {"en": NumberStyle(), "es": NumberStyle(",", ".", 5)}


def number_style() -> NumberStyle:
    """The style of the language in force."""
    return STYLES.get(language(), STYLES["en"])


def format_whole(value: int) -> str:
    """“1,234”."""
    style = number_style()
    digits = f"{value:,}" if len(str(abs(value))) >= style.group_from else str(value)
    return digits.replace(",", style.group)


def format_float(value: float, spec: str = "g") -> str:
    """A number by a format specification of Python, with the decimal sign of the language."""
    style = number_style()
    return f"{value:{spec}}".translate({ord("."): style.decimal, ord(","): style.group})


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
