"""The head of a run: a dense softmax layer on embeddings, stored as a Keras 3 weights file.

The layout is what Keras 3.15 writes for `Sequential([Input((d,)), Dense(n, activation="softmax")])`,
so `load_weights` takes it; reading and writing needs h5py alone, which is imported only then:
the window reads runs but hardly ever a head.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import RunError
from core.files.foreign import open_plain_file
from core.files.writing import write_bytes

if TYPE_CHECKING:
    import h5py

KERNEL = "layers/dense/vars/0"
BIAS = "layers/dense/vars/1"


@dataclass(frozen=True, slots=True)
class Head:
    """A dense softmax layer.

    Attributes:
        kernel: (n_features, n_classes) float32.
        bias: (n_classes,) float32.
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability of every class, (n_images, n_classes) float32, rows sum to 1.

        Args:
            embeddings: (n_images, n_features) float32.
        """
        return softmax(embeddings @ self.kernel + self.bias)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Softmax over the last axis of logits; large logits do not overflow."""
    shifted: NDArray[np.float32] = logits - logits.max(axis=-1, keepdims=True)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=-1, keepdims=True)
    return shifted


def write_head(path: Path, head: Head) -> None:
    """Write the head as a Keras weights file; `path` should end in `.weights.h5`.

    HDF5 writes into memory: after a write that fails on a full disk it may crash the process later.
    """
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.create_dataset(KERNEL, data=head.kernel.astype(np.float32))
        file.create_dataset(BIAS, data=head.bias.astype(np.float32))
        file["layers/dense/vars"].attrs["name"] = "dense"
        file.create_group("vars").attrs["name"] = "sequential"
    write_bytes(path, content.getvalue())


def read_head(path: Path) -> Head:
    """Read a head that `write_head` or Keras wrote.

    Raises:
        RunError: The file is missing, damaged or not the weights of such a layer.
    """
    import h5py

    try:
        with open_plain_file(path) as raw, h5py.File(raw, "r") as file:
            head = Head(_plain_array(file, KERNEL), _plain_array(file, BIAS))
    except FileNotFoundError as error:
        raise RunError("runs.weights_missing", path=path) from error
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise RunError("runs.weights_damaged", path=path) from error
    if head.kernel.ndim != 2 or head.bias.shape != head.kernel.shape[1:]:
        raise RunError("runs.not_a_head", path=path)
    if not (np.isfinite(head.kernel).all() and np.isfinite(head.bias).all()):
        raise RunError("runs.weights_not_finite", path=path)
    return head


def _plain_array(file: h5py.File, name: str) -> NDArray[np.float32]:
    """A dataset stored whole in this very file: no link to another file, no bomb of compressed zeros."""
    import h5py

    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"{name} is missing or a link")
    dataset = file[name]
    if not isinstance(dataset, h5py.Dataset) or dataset.chunks is not None or dataset.external or dataset.is_virtual:
        raise ValueError(f"{name} is not stored plainly")
    if dataset.id.get_storage_size() != dataset.size * dataset.dtype.itemsize:
        raise ValueError(f"{name} is not stored whole")
    return np.asarray(dataset[()], dtype=np.float32)
