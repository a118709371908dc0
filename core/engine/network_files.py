"""A network of our own on disk: `network.json` says how to build it, `best.weights.h5` fills it.

Never a `.keras` file: those may hold code, while a name, a shape and numbers cannot.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import keras

from core.engine.scratch_nets import build_scratch_net
from core.engine.checkpoints import BEST
from core.errors import AppError, RunError
from core.files.foreign import read_json
from core.files.writing import write_json
from core.images.recipe import Recipe
from core.runs.sums import require_sound

NETWORK_NAME = "network.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """How to build a scratch network.

    Attributes:
        network: One of `core.training.settings.NETWORKS`.
        recipe: How its pictures are prepared.
        classes: Names in the order of its outputs.
        seed: Of the random weights that it started from.
    """

    network: str
    recipe: Recipe
    classes: tuple[str, ...]
    seed: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of its input."""
        return (self.recipe.height_px, self.recipe.width_px, self.recipe.n_channels)

    def build(self) -> keras.Model:
        """The network with fresh random weights."""
        return build_scratch_net(self.network, self.shape, len(self.classes), seed=self.seed)


def write_plan(folder: Path, plan: NetworkPlan) -> None:
    """Write `network.json` into an existing folder."""
    write_json(folder / NETWORK_NAME, {"format": FORMAT, **asdict(plan)})


def read_network(folder: Path) -> tuple[NetworkPlan, keras.Model]:
    """The plan and the trained network of a run.

    Raises:
        RunError: Missing, damaged, or written by a newer program.
    """
    try:
        stored = read_json(folder / NETWORK_NAME)
        if stored["format"] != FORMAT:
            raise RunError(f"The network in “{folder}” was written by another version.", "Update Catalejo.")
        recipe = Recipe.from_json(stored["recipe"])
        require_sound(folder / BEST)
        plan = NetworkPlan(stored["network"], recipe, tuple(stored["classes"]), stored["seed"])
        net = plan.build()
        net.load_weights(folder / BEST)
    except AppError:
        raise
    except (OSError, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise RunError(
            f"The network in “{folder}” is missing or damaged.", "Train again, or copy the run's folder again.",
        ) from error
    return plan, net
