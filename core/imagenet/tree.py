"""The thousand ImageNet classes in the tree of things that WordNet 3.0 makes of the world.

Read from `resources/imagenet_tree*.tsv` (their first lines name source and licence). How
near two nodes are is Lin's measure (D. Lin, "An information-theoretic definition of
similarity", 1998) with the share of ImageNet classes under a node as its probability:
what covers few classes says much, so "weapon" joins pistol and rifle closely while
"carnivore", with 158 classes, hardly joins cat and dog.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

N_IMAGENET_CLASSES = 1000


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the tree; a leaf if `index` is not None.

    Attributes:
        wnid: WordNet id, "n04086273".
        index: Number of the ImageNet-1k class, 0 … 999, or None for what lies above them.
        names: Synonyms, the usual one first.
        parents: Ids of what it is a kind of.
        mentions: Things that its definition mentions ("… for carrying a handgun"); leaves only.
    """

    wnid: str
    index: int | None
    names: tuple[str, ...]
    parents: tuple[str, ...]
    mentions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a noun: the nearest node of the tree and how many steps below it the meaning lies."""

    wnid: str
    steps: int


def _rows(name: str) -> Iterator[list[str]]:
    """The rows of a table in resources, without comments and the column names."""
    text = files("resources").joinpath(name).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    next(lines)
    return (line.split("\t") for line in lines)


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


def folded(text: str) -> str:
    """Lower case, without accents, runs of anything but letters and digits as one space.

    >>> folded("Teléfono_móvil")
    'telefono movil'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", plain.lower().replace("'", "")).strip()


@cache
def nodes() -> Mapping[str, Node]:
    """All 1,860 nodes by id."""
    return {
        wnid: Node(wnid, int(index) if index else None, _parts(names), _parts(parents), frozenset(_parts(mentions)))
        for wnid, index, names, parents, mentions in _rows("imagenet_tree.tsv")
    }


@cache
def leaves() -> tuple[Node, ...]:
    """The 1,000 ImageNet classes in the order of the networks' outputs."""
    return tuple(sorted((n for n in nodes().values() if n.index is not None), key=lambda n: n.index or 0))


@cache
def imagenet_names() -> tuple[str, ...]:
    """The usual name of each ImageNet class; two cranes and two maillots are told apart by their family."""
    usual = [leaf.names[0] for leaf in leaves()]
    return tuple(
        name if usual.count(name) == 1 else f"{name} ({nodes()[leaf.parents[0]].names[0]})"
        for name, leaf in zip(usual, leaves(), strict=True)
    )


@cache
def ancestors(wnid: str) -> frozenset[str]:
    """Ids of the node itself and of everything that it is a kind of."""
    return frozenset({wnid}.union(*(ancestors(parent) for parent in nodes()[wnid].parents)))


@cache
def _information() -> Mapping[str, float]:
    """What it says of a thing to be under a node: −ln(share of ImageNet classes under it)."""
    n_below = Counter(above for leaf in leaves() for above in ancestors(leaf.wnid))
    return {wnid: math.log(N_IMAGENET_CLASSES / n) for wnid, n in n_below.items()}


STEP_INFORMATION = 0.35
"""A meaning below the tree is told apart by this much a step: near the median of the steps inside the tree."""


def nearness(sense: Sense, wnid: str) -> float:
    """How near a meaning is to a node, 0 (nothing in common) … 1 (the same, or a kind of it)."""
    information, above = _information(), ancestors(wnid)
    is_kind_of_leaf = nodes()[sense.wnid].index is not None and sense.wnid == wnid
    if is_kind_of_leaf or (sense.steps == 0 and sense.wnid in above):
        return 1.0
    own = information[sense.wnid]
    if sense.steps:
        own = max(own, math.log(N_IMAGENET_CLASSES)) + STEP_INFORMATION * sense.steps
    shared = max(information[a] for a in ancestors(sense.wnid) & above)
    return 2 * shared / (own + information[wnid])


@cache
def _nouns() -> Mapping[str, tuple[Sense, ...]]:
    """The meanings of 33,000 nouns, the most frequent first; keys are folded."""
    table: dict[str, tuple[Sense, ...]] = {}
    for noun, cell in _rows("imagenet_tree_nouns.tsv"):
        senses = tuple(Sense(wnid, int(steps)) for wnid, steps in (p.split("+") for p in _parts(cell)))
        table.setdefault(folded(noun), senses)
    return table


@cache
def _node_names() -> Mapping[str, tuple[Sense, ...]]:
    """Meanings by the names of the nodes themselves, which include proper names such as iPod."""
    table: dict[str, tuple[Sense, ...]] = {}
    for node in nodes().values():
        for name in node.names:
            table[folded(name)] = (*table.get(folded(name), ()), Sense(node.wnid, 0))
    return table


@cache
def _written_by_hand() -> Mapping[str, tuple[str, ...]]:
    """Words that WordNet 3.0 does not have (newer things, Spanish) with English nouns for the same."""
    return {folded(word): tuple(folded(e) for e in _parts(english)) for word, english in
            _rows("imagenet_tree_words.tsv")}


def _singular(word: str) -> tuple[str, ...]:
    """The word and what it may be the plural of, in English or Spanish."""
    guesses = [word]
    for ending, instead in (("ies", "y"), ("ves", "fe"), ("ves", "f"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            guesses.append(word.removesuffix(ending) + instead)
    return tuple(guesses)


@dataclass(frozen=True, slots=True)
class Word:
    """A looked-up word: the English noun (folded) and its meanings, the likeliest first."""

    noun: str
    senses: tuple[Sense, ...]


def look_up(name: str) -> tuple[Word, ...]:
    """What a class name means: by hand-written synonyms, WordNet, or else its last word.

    "guns/pistol", "Pistolas" and "hand_gun" are all understood; an unknown name gives ().
    """
    last_part = re.split(r"[/\\]", name.strip("/\\"))[-1]
    text = re.sub(r"\b\d+\b", " ", folded(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", last_part))).strip()
    words = text.split()
    for start in range(len(words)):
        found = _look_up_phrase(" ".join(words[start:])) or _look_up_phrase("".join(words[start:]))
        if found:
            return found
    return _look_up_phrase(words[0]) if words else ()


def _look_up_phrase(phrase: str) -> tuple[Word, ...]:
    for guess in _singular(phrase):
        english = _written_by_hand().get(guess, (guess,))
        found = tuple(Word(noun, look_up_noun(noun)) for noun in english if look_up_noun(noun))
        if found:
            return found
    return ()


@cache
def look_up_noun(noun: str) -> tuple[Sense, ...]:
    """Meanings by WordNet's order, then those that only the names of the nodes have; () for an unknown noun."""
    key = folded(noun)
    return tuple(dict.fromkeys((*_nouns().get(key, ()), *_node_names().get(key, ()))))
