"""Which of the thousand ImageNet classes stand for each class of the project; suggested (a job), edited by the user.

A suggestion is drawn from the class names alone: kinds of the named thing (revolver is a
kind of pistol), relatives in WordNet's tree (rifle), and things whose definition mentions
it (a holster is "for carrying a handgun"). Each ImageNet class goes to the one project
class that it is nearest to; what is near to none, or as near to two, is "none of these".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.imagenet.tree import (
    N_IMAGENET_CLASSES, Node, Sense, Word, ancestors, imagenet_names, leaves, look_up, look_up_noun, nearness, nodes,
)
from core.jobs import JobContext
from core.text import Message

LEAST_NEARNESS = 0.6
"""Relatives below this are none: weapons join pistols at 0.72, other instruments only at 0.52."""

CHOSEN = Message("backbones.link_chosen")
MENTIONED = 0.65
"""Nearness of what is only mentioned in a definition; any closer relation to another class wins."""


@dataclass(frozen=True, slots=True)
class ClassLink:
    """One ImageNet class that is read as a class of the project.

    Attributes:
        index: ImageNet class, 0 … 999.
        nearness: 0 … 1; 1 for a kind of the named thing.
        reason: Why it was suggested, in one phrase; `CHOSEN` after an edit.
    """

    index: int
    nearness: float = 1.0
    reason: Message = CHOSEN

    @property
    def name(self) -> str:
        return imagenet_names()[self.index]


@dataclass(frozen=True, slots=True)
class ClassMap:
    """For each class of the project the ImageNet classes that stand for it, disjoint.

    Attributes:
        links: For each class its links, the nearest first; () where ImageNet has nothing like it.
    """

    classes: tuple[str, ...]
    links: tuple[tuple[ClassLink, ...], ...]

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Classes for which ImageNet has nothing."""
        return tuple(name for name, links in zip(self.classes, self.links, strict=True) if not links)

    def matrix(self) -> NDArray[np.float32]:
        """(1000, n_classes) float32 of 0 and 1: ImageNet probabilities times this are class sums."""
        matrix = np.zeros((N_IMAGENET_CLASSES, len(self.classes)), np.float32)
        for column, links in enumerate(self.links):
            matrix[[link.index for link in links], column] = 1
        return matrix

    def to_json(self) -> dict[str, Any]:
        """As stored with a run."""
        return {name: [{"index": k.index, "name": k.name, "nearness": k.nearness, "reason": k.reason.to_json()}
                       for k in links]
                for name, links in zip(self.classes, self.links, strict=True)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> ClassMap:
        """The inverse of `to_json`."""
        links = tuple(tuple(ClassLink(k["index"], k["nearness"], Message.from_json(k["reason"])) for k in links)
                      for links in stored.values())
        return cls(tuple(stored), links)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a class name was taken to mean: one sense for each of its nouns."""

    nouns: tuple[str, ...]
    senses: tuple[Sense, ...]

    def is_mentioned(self, leaf: Node) -> bool:
        """Whether the definition of an ImageNet class speaks of it or of a kind of it, in that sense."""
        for mention in leaf.mentions:
            first = look_up_noun(mention)[:1]
            for noun, sense in zip(self.nouns, self.senses, strict=True):
                if first == (sense,) and (sense.steps == 0 or mention == noun):
                    return True
                if first and sense.steps == 0 and nearness(sense, first[0].wnid) == 1:
                    return True
        return False


def suggest_class_map(class_names: Sequence[str], *, least_nearness: float = LEAST_NEARNESS) -> ClassMap:
    """The map that the class names suggest; the images are not looked at.

    Args:
        class_names: Names of the project's classes, English or common Spanish.
        least_nearness: Relatives below this are left out, 0 … 1; 1 keeps only kinds of the named thing.
    """
    meanings = _meanings([look_up(name) for name in class_names])
    links: list[list[ClassLink]] = [[] for _ in class_names]
    for leaf in leaves():
        candidates = [_link(meaning, leaf) for meaning in meanings]
        by_nearness = sorted(range(len(candidates)), key=lambda i: -candidates[i].nearness)
        best = by_nearness[0]
        is_tie = len(by_nearness) > 1 and candidates[by_nearness[1]].nearness == candidates[best].nearness
        if candidates[best].nearness >= least_nearness and not is_tie:
            links[best].append(candidates[best])
    nearest_first = tuple(tuple(sorted(found, key=lambda k: (-k.nearness, k.index))) for found in links)
    return ClassMap(tuple(class_names), nearest_first)


def _link(meaning: _Meaning, leaf: Node) -> ClassLink:
    """How one ImageNet class is joined to a class name."""
    index = leaf.index or 0
    near, sense = max(((nearness(s, leaf.wnid), s) for s in meaning.senses), default=(0.0, None),
                      key=lambda pair: pair[0])
    if near >= MENTIONED or not meaning.is_mentioned(leaf):
        if near == 1 or sense is None:
            return ClassLink(index, round(near, 3), Message("backbones.link_kind"))
        return ClassLink(index, round(near, 3), Message("backbones.link_shared", name=_shared_name(sense, leaf)))
    return ClassLink(index, MENTIONED, Message("backbones.link_mentioned"))


def _shared_name(sense: Sense, leaf: Node) -> str:
    """The most telling thing that both are kinds of."""
    shared = ancestors(sense.wnid) & ancestors(leaf.wnid)
    return nodes()[max(shared, key=lambda wnid: (len(ancestors(wnid)), wnid))].names[0]


def _meanings(looked_up: Sequence[tuple[Word, ...]]) -> list[_Meaning]:
    """Choose one sense a word: a mouse among keyboards is not the one among cats."""
    chosen = []
    for at, words in enumerate(looked_up):
        others = [w for i, other in enumerate(looked_up) if i != at for w in other]
        senses = tuple(max(word.senses, key=lambda s: _plausibility(s, word, others)) for word in words)
        chosen.append(_Meaning(tuple(word.noun for word in words), senses))
    return chosen


def _plausibility(sense: Sense, word: Word, others: Sequence[Word]) -> float:
    """How likely a meaning is: frequent, known to ImageNet itself, and akin to the other classes."""
    akin = [max(nearness(s, sense.wnid) for s in other.senses) for other in others]
    frequency = 1 / (1 + word.senses.index(sense))
    return 0.2 * frequency + 0.3 * (sense.steps == 0) + (sum(akin) / len(akin) if akin else 0.0)


OwnMap = Mapping[str, tuple[int, ...]]
"""The class map of a user, from class names to numbers of ImageNet classes, each of which stands for one at most."""


@dataclass(frozen=True, slots=True)
class SuggestMapInput:
    """What to suggest a map for.

    Attributes:
        least_nearness: Relatives below this are left out, 0 … 1.
    """

    classes: tuple[str, ...]
    least_nearness: float


@dataclass(frozen=True, slots=True)
class ImageNetClass:
    """One of the thousand things that the network knows.

    Attributes:
        index: 0 … 999.
    """

    index: int
    name: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SuggestedMap:
    """A map drawn from the class names alone.

    Attributes:
        own_map: For each class the ImageNet classes that stand for it, the nearest first; () where there are none.
        reasons: Why an ImageNet class was taken, one phrase, by its number.
        known: All ImageNet classes, by number.
    """

    classes: tuple[str, ...]
    own_map: OwnMap
    reasons: Mapping[int, Message]
    known: tuple[ImageNetClass, ...]


def suggest_map(inputs: SuggestMapInput, context: JobContext) -> SuggestedMap:
    """Suggest from the class names alone; the images are not looked at."""
    context.check()
    found = suggest_class_map(inputs.classes, least_nearness=inputs.least_nearness)
    links = dict(zip(found.classes, found.links, strict=True))
    return SuggestedMap(
        inputs.classes, {name: tuple(link.index for link in of_class) for name, of_class in links.items()},
        {link.index: link.reason for of_class in found.links for link in of_class},
        tuple(ImageNetClass(i, name, leaf.names)
              for i, (name, leaf) in enumerate(zip(imagenet_names(), leaves(), strict=True))),
    )


def give_link(own_map: OwnMap, class_name: str, index: int) -> OwnMap:
    """The map with an ImageNet class standing for a class, and for no other any more."""
    rest = take_link(own_map, index)
    return {**rest, class_name: (*rest.get(class_name, ()), index)}


def take_link(own_map: OwnMap, index: int) -> OwnMap:
    """The map with an ImageNet class standing for none."""
    return {name: tuple(i for i in found if i != index) for name, found in own_map.items()}


def holder_of(own_map: OwnMap, index: int) -> str:
    """The class that an ImageNet class stands for; empty if none."""
    return next((name for name, found in own_map.items() if index in found), "")


def fit_to_classes(own_map: OwnMap, classes: Sequence[str], suggested: OwnMap) -> OwnMap:
    """The map for the classes as they are now: those that are gone dropped, new ones as suggested."""
    kept = {name: own_map[name] for name in classes if name in own_map}
    used = {i for found in kept.values() for i in found}
    return {name: kept.get(name, tuple(i for i in suggested.get(name, ()) if i not in used)) for name in classes}
