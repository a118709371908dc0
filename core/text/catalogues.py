"""The gettext catalogues: `resources/locale/<language>/LC_MESSAGES/<domain>.mo`, read when first asked for.

Keys are the codes of messages, in every language, English included; a code with singular and plural has the same key
for both. What a language lacks is taken from English.
"""

from __future__ import annotations

import gettext
import math
from functools import lru_cache
from pathlib import Path

from core.text.language import DEFAULT, LANGUAGES, language

LOCALE = Path(__file__).resolve().parents[2] / "resources" / "locale"
"""A file that is there in a checkout and in an installed wheel alike."""


def find_template(code: str, n: object = None) -> str | None:
    """The template of a code in the language in force, or in English, or None.

    Args:
        code: Key in the catalogue.
        n: Count that decides between singular and plural; anything but a number means the entry has one form.
    """
    spoken = language() if language() in LANGUAGES else DEFAULT
    domain = code.partition(".")[0]
    if not domain.replace("_", "").replace("-", "").isalnum() or len(domain) > 40:
        return None
    for name in dict.fromkeys((spoken, DEFAULT)):
        found = _look_up(_catalogue(name, domain), code, n)
        if found is not None:
            return found
    return None


def has_template(code: str) -> bool:
    """Whether there are words for a code."""
    return find_template(code, 1) is not None


def _look_up(catalogue: gettext.NullTranslations, code: str, n: object) -> str | None:
    if isinstance(n, (int, float)) and not isinstance(n, bool) and math.isfinite(n):
        found = catalogue.ngettext(code, code, int(n) if n == int(n) else 2)
        if found != code:
            return found
    found = catalogue.gettext(code)
    return None if found == code else found


@lru_cache(maxsize=None)
def _catalogue(name: str, domain: str) -> gettext.NullTranslations:
    try:
        with (LOCALE / name / "LC_MESSAGES" / f"{domain}.mo").open("rb") as file:
            return gettext.GNUTranslations(file)
    except OSError:
        return gettext.NullTranslations()
