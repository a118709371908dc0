"""Commands as a user types them, and pictures to try them on."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.cli.commands import run_command
from tests.conftest import write_class_folder

Run = Callable[..., Any]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command with --json and return its object."""

    def run_json(*arguments: object) -> Any:
        code = run_command([*map(str, arguments), "--json"])
        output, errors = capsys.readouterr()
        assert (code, errors) == (0, "")
        return json.loads(output)

    return run_json


@pytest.fixture
def fail(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that must end with a foreseen error; returns its sentence and hint."""

    def run_failing(*arguments: object) -> list[str]:
        assert run_command([*map(str, arguments), "--json"]) == 2
        output, errors = capsys.readouterr()
        assert output == ""
        lines = errors.strip().splitlines()
        assert len(lines) == 2, lines
        return lines

    return run_failing


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two classes of twelve to train on and five test pictures."""
    write_class_folder(tmp_path / "train" / "red", "red", 12)
    write_class_folder(tmp_path / "train" / "blue", "blue", 12, first_seed=100)
    write_class_folder(tmp_path / "test", "red", 3, first_seed=200)
    write_class_folder(tmp_path / "test", "blue", 2, first_seed=300)
    return tmp_path


@pytest.fixture
def project(pictures: Path, run: Run) -> Path:
    folder = pictures / "colours.catalejo"
    run("new", folder, "--from", pictures / "train", "--test", pictures / "test")
    return folder


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
