"""Reads a PyTorch weights file of the legacy stream (before 1.6) without PyTorch and without running anything.

The stream: three small pickles (magic number, protocol, system), the state dict, a list of
storage keys, and then each storage as an int64 count and its raw little-endian values. The
pickles may name six harmless things and nothing else. Many tensors lie transposed in their
storage, so their strides are honoured.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import WeightsDamaged

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
LARGEST_FILE_BYTES = 1 << 30

_BROKEN = (
    pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, ImportError,
    MemoryError, OverflowError, RecursionError,
)


@dataclass(frozen=True, slots=True)
class _Storage:
    """A storage that is announced in the pickle and follows behind it."""

    dtype: str
    key: str
    n_values: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A view into a storage; counted in values."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_torch_legacy(path: Path) -> dict[str, NDArray[Any]]:
    """Read the state dict of a legacy PyTorch file.

    Args:
        path: Must exist.

    Returns:
        Tensors by name, float32 or int64, contiguous, in the order of the file.

    Raises:
        WeightsDamaged: The file is cut off, of another format, or wants to do more than hold numbers.
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise ValueError("larger than any weights of this kind")
        return _parse(path.read_bytes())
    except _BROKEN as error:
        raise WeightsDamaged("backbones.torch_file_damaged", name=path.name) from error


def _parse(content: bytes) -> dict[str, NDArray[Any]]:
    file = io.BytesIO(content)
    if _load(file) != MAGIC_NUMBER or _load(file) != PROTOCOL:
        raise ValueError("not a legacy stream")
    _load(file)
    state, keys = _load(file), _load(file)
    announced = {tensor.storage.key: tensor.storage for tensor in state.values()}
    storages = {key: _read_storage(file, announced[key], content) for key in keys}
    return {str(name): _view(storages[tensor.storage.key], tensor) for name, tensor in state.items()}


def _read_storage(file: io.BytesIO, storage: _Storage, content: bytes) -> NDArray[Any]:
    n_values = int.from_bytes(file.read(8), "little", signed=True)
    if n_values != storage.n_values:
        raise ValueError("a storage is not as long as announced")
    values = np.frombuffer(content, storage.dtype, n_values, file.tell())
    file.seek(values.nbytes, io.SEEK_CUR)
    return values


def _view(values: NDArray[Any], tensor: _Tensor) -> NDArray[Any]:
    """Copy a tensor out of its storage, after making sure that it lies inside."""
    shape, strides = tensor.shape, tensor.strides
    if len(shape) != len(strides) or min((*shape, *strides, tensor.offset), default=0) < 0:
        raise ValueError("a tensor with impossible strides")
    last = tensor.offset + sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True))
    n_values = int(np.prod(shape, dtype=object)) if shape else 1
    if last >= len(values) or n_values > len(values):
        raise ValueError("a tensor outside its storage")
    steps = [stride * values.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(values[tensor.offset:], shape, steps).copy()


def _rebuild(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object,
) -> _Tensor:
    """Stands for `torch._utils._rebuild_tensor_v2`."""
    if not isinstance(storage, _Storage):
        raise ValueError("a tensor without storage")
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


_ALLOWED: Mapping[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
    ("torch", "FloatStorage"): "<f4",
    ("torch", "LongStorage"): "<i8",
}


class _InertUnpickler(pickle.Unpickler):
    """Knows the few names of a state dict; any other ends the reading."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        try:
            return _ALLOWED[module_name, global_name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} does not belong in a weights file") from None

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _, n_values, _ = pid
        if kind != "storage" or dtype not in ("<f4", "<i8"):
            raise pickle.UnpicklingError("an unknown reference")
        return _Storage(dtype, str(key), int(n_values))


def _load(file: io.BytesIO) -> Any:
    load: Callable[[], Any] = _InertUnpickler(file).load
    return load()
