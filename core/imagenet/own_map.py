"""The job `suggest-class-map`, and the class map of a user: which ImageNet classes stand for which class.

An own map is a plain mapping from class names to numbers of ImageNet classes, as `ZeroShotSettings.own_map`
keeps it; each ImageNet class stands for one class at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.imagenet.class_map import suggest_class_map
from core.imagenet.tree import imagenet_names, leaves
from core.jobs import JobContext
from core.text import Message

OwnMap = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class SuggestMapInput:
    """What to suggest a map for.

    Attributes:
        classes: Names of the project's classes.
        least_nearness: Relatives below this are left out, 0 … 1.
    """

    classes: tuple[str, ...]
    least_nearness: float


@dataclass(frozen=True, slots=True)
class ImageNetClass:
    """One of the thousand things that the network knows.

    Attributes:
        index: 0 … 999.
        name: Its usual name, told apart from any other.
        synonyms: All its names.
    """

    index: int
    name: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SuggestedMap:
    """A map drawn from the class names alone.

    Attributes:
        classes: Names, as given.
        own_map: For each class the ImageNet classes that stand for it, the nearest first; () where there are none.
        reasons: Why an ImageNet class was taken, one phrase, by its number.
        known: All ImageNet classes, by number.
    """

    classes: tuple[str, ...]
    own_map: OwnMap
    reasons: Mapping[int, Message]
    known: tuple[ImageNetClass, ...]


def suggest_map(inputs: SuggestMapInput, context: JobContext) -> SuggestedMap:
    """Suggest from the class names alone; the images are not looked at.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
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
    """The map for the classes as they are now: those that are gone dropped, new ones as suggested.

    Args:
        own_map: As the user made it.
        classes: Names as they are now.
        suggested: A suggestion for the same names.
    """
    kept = {name: own_map[name] for name in classes if name in own_map}
    used = {i for found in kept.values() for i in found}
    return {name: kept.get(name, tuple(i for i in suggested.get(name, ()) if i not in used)) for name in classes}
