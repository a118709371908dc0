"""Finds class names that differ only in capitals, spaces, hyphens, underscores or the form of their accents."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable


def similar_class_names(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of names that are probably meant to be one; names that are like no other are left out.

    Args:
        names: Names of classes; groups and their members keep this order.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        groups[class_key(name)].append(name)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def class_key(name: str) -> str:
    """What stays of a class name without capitals, spaces, hyphens, underscores and invisible characters.

    Between two digits a separator stays ("1-2" is not "12"), and so does the sign of a number ("-1").
    """
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    visible = "".join(c for c in composed if unicodedata.category(c) != "Cf")
    marked = re.sub(r"(?<=\d)[\s_-]+(?=\d)", "\0", visible.strip())
    signed = re.sub(r"^-(?=\d)", "\1", marked)
    return re.sub(r"[\s_-]+", "", signed) or visible
