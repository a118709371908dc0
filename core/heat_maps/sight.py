"""How the model of a run sees an image: `Sight`, with the maps of linear heads (class activation maps).

A class activation map (Zhou et al. 2016, "Learning deep features for discriminative localization") puts the weights
of a linear head on the feature maps whose means it has learnt from: what a cell adds to the score of a class. The
means over a network's stages are such means too, on finer grids, so nothing of the score is left out. The bias is
spread evenly, for it holds what standardising took off each feature: each place is read as the head would read a
whole image that looks like it. Scores are logits less their mean over the classes, which no probability depends on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.backbones.backbone import Backbone
from core.backbones.weights import LocatedWeights
from core.embeddings.embed import VIEWS, embedding_recipe
from core.embeddings.embedded import VIEWS_OF
from core.engine.feature_maps import Maps, kept_map_network, kept_network
from core.heat_maps.grid import GRID, WHOLE, Box, spread
from core.images.reading import part_of
from core.images.recipe import prepare_image
from core.runs.head import Head

if TYPE_CHECKING:
    from core.imagenet.class_map import ClassMap

Floats = NDArray[np.float32]
Columns = Sequence[int]
CAM, GRAD_CAM, OCCLUSION = METHODS = ("cam", "grad-cam", "occlusion")
"""How heat maps are made; see `core.heat_maps.sight`, `core.engine.grad_cam` and `core.heat_maps.occlusion`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a model sees in one image.

    Attributes:
        probabilities: Of all classes, (n_classes,) float32, sum 1.
        heat: Of the classes that were asked for, (n_asked, GRID, GRID) float32; see `core.heat_maps.grid`.
        method: One of `METHODS`.
    """

    probabilities: Floats
    heat: Floats
    method: str


class Sight(ABC):
    """The model of a run, opened."""

    @property
    @abstractmethod
    def side_px(self) -> int:
        """An image whose shorter side is at least this loses nothing that the model would see."""

    @abstractmethod
    def see(self, image: Image.Image, columns: Columns) -> Seen | None:
        """Heat maps of an image, of mode RGB, for some classes; None where the model has no maps."""

    @abstractmethod
    def judge(self, images: Sequence[Image.Image]) -> Floats:
        """Probabilities of the classes, (n_images, n_classes) float32."""


@dataclass(frozen=True, slots=True)
class Eye:
    """A backbone with its weights, and what of an image it looks at.

    Attributes:
        features: One of `core.training.strategies.transfer.FEATURES`.
    """

    backbone: Backbone
    located: LocatedWeights
    features: str

    @property
    def views(self) -> tuple[str, ...]:
        return VIEWS_OF.get(self.features, ("whole",))

    @property
    def n_features(self) -> int:
        """Numbers of an embedding, without tiles."""
        return self.backbone.n_features if self.features == "final" else self.backbone.n_stored

    @property
    def side_px(self) -> int:
        return round(self.backbone.side_px / min(VIEWS[view].share for view in self.views))

    def prepare(self, image: Image.Image, view: str) -> NDArray[np.uint8]:
        """A view of an image as the network takes it, (side, side, 3) uint8."""
        return prepare_image(part_of(image, VIEWS[view]), embedding_recipe(self.backbone.side_px))

    def embed(self, images: Sequence[Image.Image]) -> Floats:
        """Embeddings as a head has learnt from, (n_images, n_features) float32."""
        network = kept_network(self.backbone, self.located)
        found = [network.embed(np.stack([self.prepare(image, view) for image in images]))[:, :self.n_features]
                 for view in self.views]
        if self.features == "tiles":
            return np.hstack([found[0], np.max(found[1:], axis=0)])
        mean: Floats = np.mean(found, axis=0)
        return mean

    def look(self, image: Image.Image) -> list[tuple[Maps, Box]] | None:
        """Feature maps of each view and where it lies; None where the network has none."""
        network = kept_map_network(self.backbone, self.located)
        if network is None:
            return None
        return [(self._used(network.look(self.prepare(image, view))), box_of(view)) for view in self.views]

    def _used(self, maps: Maps) -> Maps:
        """Those that a head has learnt from: the final one alone, or the stages as well."""
        return maps[:1] if self.features == "final" else maps


def box_of(view: str) -> Box:
    """Where a view of `core.embeddings.embed.VIEWS` lies."""
    found = VIEWS[view]
    return WHOLE.inner(found.share, found.across, found.down)


@dataclass(frozen=True, slots=True)
class Part:
    """What some numbers of an embedding are means of, in one view.

    Attributes:
        maps: See `core.engine.feature_maps.Maps`.
        chosen: Which of their channels count, (n_channels,) bool; None for all.
        share: Of the mean over views that this view makes, 0 … 1.
    """

    maps: Maps
    box: Box
    share: float
    chosen: NDArray[np.bool_] | None = None

    def means(self) -> Floats:
        """The means of all channels, (n_channels,) float32."""
        return np.concatenate([one.reshape(-1, one.shape[2]).mean(axis=0) for one in self.maps])

    def spread(self, kernel: Floats) -> Floats:
        """What this part adds to the scores, (GRID, GRID, n_asked) float32.

        Args:
            kernel: (n_channels, n_asked) float32.
        """
        used = kernel if self.chosen is None else kernel * self.chosen[:, None]
        total, first = np.zeros((GRID, GRID, kernel.shape[1]), np.float32), 0
        for one in self.maps:
            height, width, n_channels = one.shape
            cells = one.reshape(-1, n_channels) @ used[first:first + n_channels] / np.float32(height * width)
            total += self.share * spread(cells.reshape(height, width, -1), self.box)
            first += n_channels
        return total


class LinearSight(Sight):
    """A linear head on the embeddings of one backbone, or of several side by side.

    Args:
        head: Its kernel has the features of all eyes in their order.
    """

    def __init__(self, eyes: Sequence[Eye], head: Head) -> None:
        self._eyes, self._head = tuple(eyes), head

    @property
    def side_px(self) -> int:
        return max(eye.side_px for eye in self._eyes)

    def judge(self, images: Sequence[Image.Image]) -> Floats:
        return self._say(np.hstack([eye.embed(images) for eye in self._eyes]))

    def see(self, image: Image.Image, columns: Columns) -> Seen | None:
        looks = [eye.look(image) for eye in self._eyes]
        groups: list[list[Part]] = []
        for eye, look in zip(self._eyes, looks, strict=True):
            if look is None:
                return None
            groups += _tiled(look) if eye.features == "tiles" else [
                [Part(maps, box, 1 / len(look)) for maps, box in look]]
        embedding = np.concatenate([_value(group) for group in groups])
        kernel, bias = self._centred(embedding, columns)
        boxes = [(part.box, part.share) for part in groups[0]]
        total = sum((spread(np.full((1, 1, len(columns)), share, np.float32), box) for box, share in boxes),
                    start=np.zeros((GRID, GRID, len(columns)), np.float32)) * bias
        first = 0
        for group in groups:
            n = len(_value(group))
            for part in group:
                total = total + part.spread(kernel[first:first + n])
            first += n
        return Seen(self._say(embedding[None])[0], np.moveaxis(total, 2, 0).astype(np.float32), CAM)

    def _say(self, embeddings: Floats) -> Floats:
        return self._head.probabilities(embeddings)

    def _centred(self, embedding: Floats, columns: Columns) -> tuple[Floats, Floats]:
        """Kernel (n_features, n_asked) and bias (n_asked,) of the classes asked for, less the mean of all classes."""
        return centred(self._head, columns)


def centred(head: Head, columns: Columns) -> tuple[Floats, Floats]:
    """Kernel (n_features, n_asked) and bias (n_asked,) of some classes, less the mean of all classes."""
    asked = list(columns)
    kernel: Floats = head.kernel[:, asked] - head.kernel.mean(axis=1, keepdims=True)
    bias: Floats = head.bias[asked] - head.bias.mean()
    return kernel, bias


def _value(group: Sequence[Part]) -> Floats:
    """The numbers of an embedding that a group of parts makes."""
    total: Floats = sum(part.means() * (part.share if part.chosen is None else part.chosen)  # type: ignore
                        for part in group)
    return total


def _tiled(look: Sequence[tuple[Maps, Box]]) -> list[list[Part]]:
    """The whole image, and beside it the tiles, of which each feature counts where it is largest."""
    (maps, box), *tiles = look
    means = np.stack([Part(tile, place, 1.0).means() for tile, place in tiles])
    best = means.argmax(axis=0)
    return [[Part(maps, box, 1.0)], [Part(tile, place, 1.0, best == at) for at, (tile, place) in enumerate(tiles)]]


class ZeroShotSight(LinearSight):
    """The ImageNet classifier, whose probabilities are summed by a class map.

    The score of a class is the logarithm of that sum. Its slope at this very image weighs the ImageNet classes that
    stand for a class by what they share of the sum, which makes the score linear again.
    """

    def __init__(self, eye: Eye, classifier: Head, class_map: ClassMap) -> None:
        super().__init__([eye], classifier)
        self._matrix = class_map.matrix()

    def _say(self, embeddings: Floats) -> Floats:
        sums = self._head.probabilities(embeddings) @ self._matrix
        total = sums.sum(axis=1, keepdims=True)
        return np.asarray(np.where(total > 0, sums / np.maximum(total, 1e-12), 1 / sums.shape[1]), np.float32)

    def _centred(self, embedding: Floats, columns: Columns) -> tuple[Floats, Floats]:
        read = self._head.probabilities(embedding[None])[0][:, None] * self._matrix
        shares = (read / np.maximum(read.sum(axis=0, keepdims=True), 1e-12)).astype(np.float32)
        return centred(Head(self._head.kernel @ shares, self._head.bias @ shares), columns)


class WeightedSight(Sight):
    """Members that vote: the weighted sum of their heat maps.

    Args:
        members: Each with its weight; weights sum to 1.
    """

    def __init__(self, members: Sequence[tuple[Sight, float]]) -> None:
        self._members = tuple(members)

    @property
    def side_px(self) -> int:
        return max(member.side_px for member, _ in self._members)

    def judge(self, images: Sequence[Image.Image]) -> Floats:
        return sum(weight * member.judge(images) for member, weight in self._members)  # type: ignore[return-value]

    def see(self, image: Image.Image, columns: Columns) -> Seen | None:
        found = [(member.see(image, columns), weight) for member, weight in self._members]
        seen = [(one, weight) for one, weight in found if one is not None]
        if len(seen) < len(found):
            return None  # of some members there is no map: occlusion asks all of them
        methods = {one.method for one, _ in seen}
        return Seen(
            np.sum([weight * one.probabilities for one, weight in seen], axis=0).astype(np.float32),
            np.sum([weight * one.heat for one, weight in seen], axis=0).astype(np.float32),
            methods.pop() if len(methods) == 1 else GRAD_CAM)


class ReorderedSight(Sight):
    """A member whose classes stand in another order.

    Args:
        order: Column of each class of the whole in the member, (n_classes,).
    """

    def __init__(self, sight: Sight, order: Sequence[int]) -> None:
        self._sight, self._order = sight, list(order)

    @property
    def side_px(self) -> int:
        return self._sight.side_px

    def judge(self, images: Sequence[Image.Image]) -> Floats:
        return self._sight.judge(images)[:, self._order]

    def see(self, image: Image.Image, columns: Columns) -> Seen | None:
        seen = self._sight.see(image, [self._order[column] for column in columns])
        return None if seen is None else Seen(seen.probabilities[self._order], seen.heat, seen.method)
