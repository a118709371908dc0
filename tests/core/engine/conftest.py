"""Fixtures of the engine's tests: a Keras weights folder of our own making, and no network."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever tries to reach the network fails as on a computer without one."""
    def refuse(*_: Any) -> None:
        raise OSError("no network in tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="session")
def random_keras_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `KERAS_HOME` with a whole MobileNet(alpha=0.25) of random weights, under its published name."""
    import keras

    home = tmp_path_factory.mktemp("keras_home")
    (home / "models").mkdir()
    keras.utils.set_random_seed(7)
    model = keras.applications.MobileNet(alpha=0.25, weights=None, classifier_activation=None)
    _write_legacy(model, home / "models" / "mobilenet_2_5_224_tf.h5")
    return home


def _write_legacy(model: Any, path: Path) -> None:
    """The layout of the published files (Keras 1 and 2), which Keras 3 reads and no longer writes."""
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.2.4"
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{i}" for i in range(len(layer.weights))]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, layer.weights, strict=True):
                group[name] = weight.numpy()


@pytest.fixture
def keras_home(random_keras_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The random weights folder, in use."""
    monkeypatch.setenv("KERAS_HOME", str(random_keras_home))
    return random_keras_home


@pytest.fixture
def empty_keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras"
