"""The job `suggest-class-map`: which of the thousand ImageNet classes may stand for the project's classes."""

from __future__ import annotations

from core.imagenet.class_map import suggest_class_map
from core.imagenet.tree import imagenet_names, leaves
from core.jobs import JobContext
from core.runs.class_map import ImageNetClass, SuggestedMap, SuggestMapInput


def suggest_map(inputs: SuggestMapInput, context: JobContext) -> SuggestedMap:
    """Suggest from the class names alone; the pictures are not looked at.

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
