"""The pseudo-locale: English in disguise, by which tests find words that bypass the catalogues."""

from __future__ import annotations

_ACCENTED = str.maketrans("aceiounyACEIOUNY", "áçéíóúñýÁÇÉÍÓÚÑÝ")


def disguise(words: str) -> str:
    """Accented letters and, around what has letters, brackets: “Delete run” becomes “⟦Délété rúñ⟧”."""
    changed = words.translate(_ACCENTED)
    if not any(letter.isalpha() for letter in words):
        return words
    inner = changed.strip()
    start = changed.index(inner)
    return f"{changed[:start]}⟦{inner}⟧{changed[start + len(inner):]}"
