"""How networks that were trained by epochs see an image: Grad-CAM of a fine-tuned or a scratch network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.engine.adapted import read_adapted
from core.engine.cut import open_trunk
from core.engine.epochs import logits_function, predict_probabilities
from core.engine.grad_cam import GradCam
from core.engine.scratch_nets import read_network
from core.heat_maps.grid import GRID, WHOLE, Box, spread
from core.heat_maps.sight import GRAD_CAM, Columns, Seen, Sight
from core.images.recipe import Recipe, prepare_image
from core.runs.head import softmax
from core.training.fine_tune.views import CENTRE_SHARE, ask, centre_views, look

Pixels = NDArray[np.uint8]


class NetworkSight(Sight):
    """A network of Keras.

    Args:
        cam: The network from activations to logits.
        recipe: How its images are prepared.
        activate: From prepared images (n, height, width, n_channels) to what the network takes.
        say: From prepared images to probabilities, (n, n_classes) float32.
        has_two_views: Whether it is asked about the centre as well.
    """

    def __init__(
        self, cam: GradCam, recipe: Recipe, *, activate: Callable[[Pixels], NDArray],
        say: Callable[[Pixels], NDArray], has_two_views: bool = False,
    ) -> None:
        self._cam, self._recipe, self._activate, self._say = cam, recipe, activate, say
        self._has_two_views = has_two_views

    @property
    def side_px(self) -> int:
        return max(self._recipe.width_px, self._recipe.height_px)

    def judge(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        pixels = np.stack([prepare_image(image, self._recipe) for image in images])
        return self._say(pixels)

    def see(self, image: Image.Image, columns: Columns) -> Seen | None:
        if not self._cam.has_maps:
            return None
        pixels = prepare_image(image, self._recipe)[None]
        whole = box_of_fit(image, self._recipe)
        views = [(pixels, whole)]
        if self._has_two_views:
            views.append((centre_views(pixels), whole.inner(CENTRE_SHARE)))
        heat, said = np.zeros((len(columns), GRID, GRID), np.float32), []
        for seen, box in views:
            logits, maps, rest = self._cam.look(self._activate(seen), columns)
            said.append(softmax(logits[None])[0])
            found = sum((spread(np.moveaxis(one, 0, 2), box) for one in maps), spread(rest[None, None], box))
            heat += np.moveaxis(found, 2, 0) / np.float32(len(views))
        return Seen(np.mean(said, axis=0, dtype=np.float32), heat, GRAD_CAM)


def box_of_fit(image: Image.Image, recipe: Recipe) -> Box:
    """Where in an image lies what a recipe shows of it: less than all where it crops, more where it pads."""
    if recipe.fit == "stretch":
        return WHOLE
    scales = recipe.width_px / image.width, recipe.height_px / image.height
    scale = min(scales) if recipe.fit == "pad" else max(scales)
    width, height = recipe.width_px / scale / image.width, recipe.height_px / scale / image.height
    return Box((1 - width) / 2, (1 - height) / 2, (1 + width) / 2, (1 + height) / 2)


def read_scratch_sight(folder: Path) -> NetworkSight:
    """The network of a run of the strategy `scratch`.

    Raises:
        RunError: Missing or damaged.
    """
    plan, net = read_network(folder)
    logits = logits_function(net)
    return NetworkSight(
        GradCam(net), plan.recipe, activate=lambda pixels: pixels,
        say=lambda pixels: predict_probabilities(logits, pixels))


def read_adapted_sight(folder: Path) -> NetworkSight:
    """The network of a run of the strategy `fine-tune`, without the head beside it.

    Raises:
        RunError: Missing or damaged, or the backbone's weights are others now.
        WeightsError: The backbone's weights cannot be had.
    """
    plan, net = read_adapted(folder)
    trunk, logits = open_trunk(net.model, net.cut, net.backbone), logits_function(net.tail)

    def say(pixels: Pixels) -> NDArray:
        return ask(logits, look(trunk, pixels), trunk, lambda: pixels, has_two_views=plan.has_two_views)

    return NetworkSight(GradCam(net.tail), plan.recipe, activate=lambda pixels: look(trunk, pixels), say=say,
                        has_two_views=plan.has_two_views)
