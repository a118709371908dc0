"""A network to be adapted, on disk and in memory: frozen trunk, learning tail, and where a training starts from.

A run keeps the weights of the tail alone (`best.weights.h5`); the trunk is the published network,
known by its digest in `network.json`. `split.weights.h5` is the tail that gave the run's figure, before
a last training took in the images that had been held back; `seen.bin` holds the hashes of the images
that it had learnt from or was stopped by. A later training starts from these, so that it can tell which
images judge it honestly.
"""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import h5py
import keras
import numpy as np
from numpy.typing import NDArray

from core.backbones.backbone import Backbone
from core.backbones.registry import find_backbone
from core.engine.checkpoints import BEST
from core.engine.network import build_backbone
from core.engine.cut import CutPoint, choose_cut, find_blocks
from core.engine.scratch_nets import NETWORK_NAME
from core.engine.tail import LOGITS, build_tail
from core.backbones.weights import LocatedWeights, locate_weights
from core.backbones.weights_h5 import check_h5
from core.errors import AppError, InputError, RunError, WeightsDamaged
from core.files.foreign import open_plain_file, read_json
from core.images.recipe import Recipe
from core.files.plain import from_plain
from core.files.writing import write_bytes, write_json
from core.runs.sums import require_sound

FORMAT = 1
KIND = "fine-tune"
SEEN_NAME, SPLIT_NAME = "seen.bin", "split.weights.h5"
HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class AdaptedPlan:
    """How to build an adapted network, as in `network.json`.

    Attributes:
        backbone: Name of the published network.
        weights: SHA-256 of its weights file.
        cut: Name of the layer behind which the tail begins; "input" where all of it learns.
        fit: How an image becomes square.
        classes: Names in the order of the outputs.
        side_px: Side of the square input; 0 for the published network's own.
        has_two_views: Whether it is asked about the centre of an image as well as the whole.
        companion: Key of the embeddings of the head that votes beside it; "" where it speaks alone.
    """

    backbone: str
    weights: str
    cut: str
    fit: str
    classes: tuple[str, ...]
    side_px: int = 0
    has_two_views: bool = False
    companion: str = ""

    @property
    def sized_backbone(self) -> Backbone:
        """The published network with the input size of the run."""
        backbone = find_backbone(self.backbone)
        return replace(backbone, side_px=self.side_px) if self.side_px else backbone

    @property
    def recipe(self) -> Recipe:
        """How images are prepared."""
        side = self.sized_backbone.side_px
        return Recipe(width_px=side, height_px=side, fit=self.fit)


@dataclass(frozen=True, slots=True)
class AdaptedNetwork:
    """A backbone that is cut in two.

    Attributes:
        tail: From activations to logits; shares its layers with `model`.
    """

    backbone: Backbone
    located: LocatedWeights
    model: keras.Model
    blocks: tuple[CutPoint, ...]
    cut: CutPoint
    tail: keras.Model

    @property
    def body(self) -> keras.Model:
        """The tail without its head: from activations to features (n_images, n_features)."""
        return keras.Model(self.cut.tensor, self.model.output)

    @property
    def n_blocks(self) -> int:
        """How many of its blocks learn."""
        inner = [block.name for block in self.blocks]
        return len(inner) - inner.index(self.cut.name) if self.cut.name in inner else len(inner) + 1


def adapt_network(
    backbone: Backbone, located: LocatedWeights, *, n_blocks: int, n_classes: int,
) -> AdaptedNetwork:
    """Build a published network and cut it so that its last `n_blocks` blocks learn.

    Raises:
        WeightsDamaged: The weights file is of another network.
    """
    keras.backend.clear_session()
    model = build_backbone(backbone, located)
    blocks = find_blocks(model)
    cut = choose_cut(model, blocks, n_blocks)
    return AdaptedNetwork(backbone, located, model, blocks, cut, build_tail(model, cut, n_classes))


def write_adapted_plan(folder: Path, plan: AdaptedPlan) -> None:
    """Write `network.json` into an existing folder."""
    write_json(folder / NETWORK_NAME, {"format": FORMAT, "kind": KIND, **asdict(plan)})


def read_adapted_plan(folder: Path) -> AdaptedPlan:
    """How the network of a run is built.

    Raises:
        RunError: Missing, damaged, of another strategy, or written by a newer program.
    """
    try:
        stored = read_json(folder / NETWORK_NAME)
        if stored.pop("kind", "") != KIND:
            raise RunError("training.run_of_other_kind", folder=folder)
        if stored.pop("format") != FORMAT:
            raise RunError("training.network_of_other_version", folder=folder)
        return from_plain(AdaptedPlan, stored)
    except AppError:
        raise
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise _damaged_run(folder) from error


def read_adapted(folder: Path) -> tuple[AdaptedPlan, AdaptedNetwork]:
    """The plan and the trained network of a finished fine-tuning, whose folder must exist.

    Raises:
        RunError: Missing or damaged, or the backbone's weights are others than it was trained with.
        WeightsError: The backbone's weights cannot be had.
    """
    plan = read_adapted_plan(folder)
    require_sound(folder / BEST)
    _check_tail_file(folder / BEST, RunError)
    backbone = plan.sized_backbone
    located = locate_weights(backbone)
    if located.sha256 != plan.weights:
        raise RunError("training.other_backbone_weights", folder=folder, backbone=plan.backbone)
    keras.backend.clear_session()
    model = build_backbone(backbone, located)
    blocks = find_blocks(model)
    cut = next((block for block in blocks if block.name == plan.cut), CutPoint("input", model.input))
    if cut.name != plan.cut:
        raise _damaged_run(folder)
    net = AdaptedNetwork(backbone, located, model, blocks, cut, build_tail(model, cut, len(plan.classes)))
    if load_tail(folder / BEST, net.tail) != "all":
        raise _damaged_run(folder)
    return plan, net


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """Weights of a tail that a training starts from.

    Attributes:
        path: The weights file.
        classes: What its head tells apart, or () if nobody knows.
        seen: Hashes of the images that it has learnt from, or None if nobody knows.
    """

    path: Path
    classes: tuple[str, ...]
    seen: frozenset[bytes] | None


def find_starting_point(start_from: str, *, backbone: str) -> StartingPoint | None:
    """Look at what a training is to start from, before anything is built.

    Args:
        start_from: Folder of a fine-tuned run, or a tail's weights file; "" for none.
        backbone: Name of the network that is to be adapted.

    Raises:
        InputError: There is nothing of that name, or it is of another network.
        RunError: The run is damaged or of another strategy.
        WeightsDamaged: The file is damaged.
    """
    if not start_from:
        return None
    path = Path(start_from)
    if path.is_file():
        _check_tail_file(path, WeightsDamaged)
        return StartingPoint(path, (), None)
    if not path.is_dir():
        raise InputError("training.no_start", path=path)
    plan = read_adapted_plan(path)
    require_sound(path / SPLIT_NAME)
    _check_tail_file(path / SPLIT_NAME, RunError)
    if plan.backbone != find_backbone(backbone).name:
        raise InputError("training.start_of_other_backbone", path=path, adapted=plan.backbone, backbone=backbone)
    return StartingPoint(path / SPLIT_NAME, plan.classes, read_seen(path))


def start_tail(tail: keras.Model, start: StartingPoint, classes: tuple[str, ...]) -> bool:
    """Load a starting point; whether its head can be used as it is.

    Raises:
        WeightsDamaged: The file is of a network with another cut or backbone.
    """
    return load_tail(start.path, tail) == "all" and start.classes == classes


def load_tail(path: Path, tail: keras.Model) -> str:
    """Load weights after comparing the shapes of all arrays; "all", or "body" where only the head differs.

    Raises:
        WeightsDamaged: The file is of another network.
    """
    stored, own = _stored_shapes(path), [tuple(w.shape) for w in tail.weights]
    head = [tuple(w.shape) for w in tail.get_layer(LOGITS).weights]
    lacking, foreign = Counter(own) - Counter(stored), Counter(stored) - Counter(own)
    is_other_head = sorted(lacking.elements(), key=len) == sorted(head, key=len) and {
        shape[:-1] for shape in foreign} == {shape[:-1] for shape in head} and foreign.total() == len(head)
    if (lacking or foreign) and not is_other_head:
        raise _other_network(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it names what it passes over, which is the head alone
            tail.load_weights(path, skip_mismatch=is_other_head)
    except (ValueError, KeyError, OSError, TypeError, IndexError) as error:
        raise _other_network(path) from error
    return "body" if is_other_head else "all"


def _stored_shapes(path: Path) -> list[tuple[int, ...]]:
    shapes: list[tuple[int, ...]] = []

    def visit(_: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            shapes.append(tuple(item.shape))

    with h5py.File(path, "r") as file:
        file.visititems(visit)
    return shapes


def write_seen(folder: Path, hashes: frozenset[bytes]) -> None:
    """Write `seen.bin` into an existing folder."""
    write_bytes(folder / SEEN_NAME, b"".join(sorted(hashes)))


def read_seen(folder: Path) -> frozenset[bytes] | None:
    """Hashes of the images that a run has learnt from or was stopped by; None if nobody knows."""
    try:
        with open_plain_file(folder / SEEN_NAME) as file:
            content = file.read()
    except OSError:
        return None
    return frozenset(content[i:i + HASH_BYTES] for i in range(0, len(content), HASH_BYTES))


def unseen_rows(hashes: list[bytes], seen: frozenset[bytes]) -> NDArray[np.bool_]:
    """(n_images,) bool: which images an earlier training has not seen."""
    return np.array([content not in seen for content in hashes], bool)


def _check_tail_file(path: Path, kind: type[AppError]) -> None:
    try:
        check_h5(path)
    except (WeightsDamaged, OSError) as error:
        raise kind("training.tail_weights_damaged", path=path) from error


def _other_network(path: Path) -> WeightsDamaged:
    return WeightsDamaged("training.tail_of_other_network", path=path)


def _damaged_run(folder: Path) -> RunError:
    return RunError("training.network_damaged", folder=folder)
