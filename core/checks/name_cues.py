"""Cues in file names, with the name of the image's own class taken out: “disc_000.jpg” in “disc” tells nothing new.

Nearly everybody names files after their class, and no model sees names; what is left of the name (the series of a
camera, a numbering) may still tell that classes come from different sources.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEARLY_ALL = 0.9
"""If so many names name their class, the names were made from the classes, their numbering included."""

SHORTEST_WORD = 3
"""Letters of a word of a class name that counts alone (“retriever” for “golden retriever”)."""


def name_columns(names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Take the names of files (with or without folders) apart; columns of (n_images,), in order.

    Returns:
        `name_prefix` (unicode; the letters before the first digit, lower case, at most 24), and as float32
        `name_number` (the first number, NaN where there is none), `name_length` (characters without the ending) and
        `name_leading_digits` (how many digits it starts with).
    """
    stems = [PurePath(name).stem for name in names]
    prefixes = [re.split(r"\d", stem, maxsplit=1)[0].lower()[:24] for stem in stems]
    numbers = [float(found[0][:15]) if (found := re.search(r"\d+", stem)) else np.nan for stem in stems]
    return {
        "name_prefix": np.array(prefixes, "U24"), "name_number": np.array(numbers, np.float32),
        "name_length": np.array([len(stem) for stem in stems], np.float32),
        "name_leading_digits": np.array([len(stem) - len(re.sub(r"^\d+", "", stem)) for stem in stems], np.float32),
    }


def names_beside_classes(
    names: Sequence[str], labels: NDArray[np.integer], classes: Sequence[str]
) -> tuple[str, ...]:
    """What file names say besides the class; () where they say nothing but that.

    Args:
        names: File names, with or without folders.
        labels: Index into `classes` for each, −1 = unlabelled; (n_names,) integers.
        classes: Names; nested ones with “/”.
    """
    rest = [
        without_class_name(name, classes[label]) if label >= 0 else name
        for name, label in zip(names, labels.tolist(), strict=True)
    ]
    labelled = [at for at, label in enumerate(labels.tolist()) if label >= 0]
    n_named = sum(rest[at] != names[at] or _is_abbreviated(names[at], classes[labels[at]]) for at in labelled)
    if labelled and n_named >= NEARLY_ALL * len(labelled):
        return ()
    return tuple(rest)


def without_class_name(name: str, class_name: str) -> str:
    """A file name without the name of its class; the very same text where it does not hold it."""
    path = PurePath(name)
    plain = _plain(path.stem)
    found = _pattern(class_name).search(plain)
    if found is None:
        return name
    return str(path.with_name((plain[:found.start()] + plain[found.end():] or "-") + path.suffix))


def _is_abbreviated(name: str, class_name: str) -> bool:
    """Whether a file name begins with the beginning or the initials of its class (“dis_1” or “d1” for “disc”)."""
    start = re.match(r"[^\W\d_]+", _plain(PurePath(name).stem))
    words = [word for word in _words(class_name.rpartition("/")[2]) if not word.isdigit()]
    initials = "".join(word[0] for word in words)
    return start is not None and ("".join(words).startswith(start[0]) or start[0] == initials)


@cache
def _pattern(class_name: str) -> re.Pattern[str]:
    """Finds the whole class name, its last part, a code (“n02085620”) or a word of it, the longest first."""
    parts = [class_name.replace("/", " "), class_name.rpartition("/")[2], *class_name.split("/")]
    wholes = list(dict.fromkeys(words for part in parts if (words := tuple(_words(part)))))
    singles = [(word,) for words in wholes for word in words if len(word) >= SHORTEST_WORD and not word.isdigit()]
    # words behind each other, whatever parts them, the last in singular or plural; not inside another word
    choices = [
        _edge(words[0][0], is_before=True) + r"[\W_]*".join([*map(re.escape, words[:-1]), _forms(words[-1])])
        + _edge(words[-1][-1], is_before=False) for words in dict.fromkeys((*wholes, *singles))]
    codes = [code for code in re.findall(r"[^\W_]+", _plain(class_name)) if re.search(r"\d\D|\D\d", code)]
    return re.compile("|".join([*(rf"(?<![^\W_]){re.escape(code)}(?![^\W_])" for code in codes), *choices]) or "(?!)")


def _edge(character: str, *, is_before: bool) -> str:
    """Where a word ends: at another letter it does not, nor a number at another digit."""
    kind = r"\d" if character.isdigit() else r"[^\W\d_]"
    return f"(?<!{kind})" if is_before else f"(?!{kind})"


def _forms(word: str) -> str:
    """Singular and plural of an English word; a number with zeros before it or without."""
    if word.isdigit():
        return f"0*{int(word)}"
    stems = {word, word.removesuffix("s"), word.removesuffix("es")} - {""}
    forms = {form for stem in stems for form in (stem, stem + "s", stem + "es")}
    for stem in stems:
        if stem.endswith("y"):
            forms.add(stem[:-1] + "ies")
        if stem.endswith("i"):
            forms.add(stem[:-1] + "y")
    return "(?:" + "|".join(map(re.escape, sorted(forms, key=lambda form: (-len(form), form)))) + ")"


def _words(text: str) -> list[str]:
    """Words of letters and of digits, plain."""
    return re.findall(r"\d+|[^\W\d_]+", _plain(text))


def _plain(text: str) -> str:
    """Small letters without accents, a space where a capital begins a new word."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFC", text))
    letters = unicodedata.normalize("NFKD", parted).casefold()
    return "".join(c for c in letters if not unicodedata.combining(c))
