"""Words of a command as a terminal takes them."""

from __future__ import annotations

import re
import shlex


def shell_word(word: str) -> str:
    """A word in quotation marks where it needs them."""
    if re.fullmatch(r"[\w./:+@-]+", word):
        return word
    return shlex.quote(word) if set(word) & set('"$`\\!') else f'"{word}"'
