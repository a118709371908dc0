"""Fuzzy matching: ranks names by how well they, or other words for them, match a few typed letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_START_OF_WORD, _IN_A_ROW, _LATE = 8, 5, 0.1


def score(query: str, title: str) -> float | None:
    """How well `title` fits, more is better; None where a letter is missing."""
    letters, text = _plain(query).replace(" ", ""), _plain(title)
    if not letters:
        return 0.0
    best = [_score_from(letters, text, at) for at, letter in enumerate(text) if letter == letters[0]]
    return max((s for s in best if s is not None), default=None)


def rank(query: str, titles: Sequence[str], keywords: Sequence[str] = ()) -> list[int]:
    """Indices of the titles that fit, best first; all in their order for an empty query.

    Args:
        query: What was typed.
        titles: Of them, letters may be left out.
        keywords: Other words for each title, if any; of them and of the title each typed word must begin one.
    """
    scored = [(score(query, title), i) for i, title in enumerate(titles)]
    if keywords and query.strip():
        by_word = [_score_by_words(query, f"{title} {keywords[i]}") for i, title in enumerate(titles)]
        scored = [(max((s for s in (found, by_word[i]) if s is not None), default=None), i) for found, i in scored]
    fitting = [(-s, i) for s, i in scored if s is not None]
    return [i for _, i in sorted(fitting)]


def _score_by_words(query: str, words: str) -> float | None:
    """A little less than the same letters at the start of a title; None unless all words are there."""
    known = re.findall(r"\w+", _plain(words))
    total = 0.0
    for typed in _plain(query).split():
        if not any(word.startswith(typed) for word in known):
            return None
        total += 1 + _START_OF_WORD + (len(typed) - 1) * (1 + _IN_A_ROW)
    return total - 1


def _score_from(letters: str, text: str, at: int) -> float | None:
    total, previous = -_LATE * at, -2
    for letter in letters:
        found = text.find(letter, at)
        if found < 0:
            return None
        starts = (i for i in range(at, len(text)) if text[i] == letter and _starts_word(text, i))
        start = next(starts, None)
        if found != previous + 1 and start is not None:
            found = start
        total += 1 + _IN_A_ROW * (found == previous + 1) + _START_OF_WORD * _starts_word(text, found)
        previous, at = found, found + 1
    return total


def _starts_word(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()


def _plain(text: str) -> str:
    """Lower case without accents, so that "pagina" finds "Página"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
