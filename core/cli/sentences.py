"""What modules below still take from the command line; each of these goes when the last of them says it by codes."""

from __future__ import annotations

from core.cli.import_commands import say_labelled_parts
from core.cli.options import say_similar

__all__ = ["interval", "plural", "say_labelled_parts", "say_similar"]


def plural(n: int, noun: str) -> str:
    """“1 picture”, “1,234 pictures”; nouns in -s and -ss get -es, in -y get -ies."""
    if n == 1:
        return f"1 {noun}"
    if noun.endswith("s"):
        return f"{n:,} {noun}es"
    return f"{n:,} {noun[:-1]}ies" if noun.endswith("y") else f"{n:,} {noun}s"


def interval(low: float, high: float) -> str:
    """“97.2–99.1”, in percent."""
    return f"{100 * low:.1f}–{100 * high:.1f}"
