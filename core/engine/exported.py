"""The cache of networks that a child process exported from Keras to OpenVINO: `python -m core.engine.exported`.

One folder for each network, named after weights, versions and format; written under another
name, renamed when whole, and checked by its digests before use. A lock keeps two processes
from exporting the same network twice. The child ends when it is done, and takes TensorFlow's memory and import
time with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.backbones.backbone import Backbone
from core.backbones.registry import find_backbone
from core.backbones.weights import LocatedWeights
from core.engine.network import build_backbone, convert_model
from core.engine.openvino_library import import_openvino
from core.errors import EngineError, StorageError, WeightsDamaged
from core.files.cache_folder import default_cache_dir
from core.files.writing import put_in_place, write_json
from core.jobs import JobContext
from core.text import Message

FORMAT = 1
GRAPH_NAME, ARRAYS_NAME, DIGESTS_NAME = "network.xml", "network.bin", "digests.json"
POLL_S = 0.1
STAGE = Message("jobs.preparing_network_once")
WEIGHTS_EXIT_CODE = 2
"""The child ends with this when the weights are to blame; message and hint are the last line on stdout."""


def read_exported(backbone: Backbone, located: LocatedWeights, context: JobContext) -> Any:
    """The exported network, from the cache or exported now.

    Returns:
        An `openvino.Model` from (n_images, side, side, 3) float32 to (n_images, n_features) float32.

    Raises:
        WeightsDamaged: The file is not of this backbone.
        StorageError: The cache cannot be written.
        EngineError: The export failed.
    """
    folder = default_cache_dir() / "networks" / _cache_name(backbone, located)
    if not is_whole(folder):
        with _export_lock(folder, context):
            if not is_whole(folder):
                _export(backbone, located, folder, context)
    return import_openvino().Core().read_model(folder / GRAPH_NAME)


def _cache_name(backbone: Backbone, located: LocatedWeights) -> str:
    parts = (located.sha256, version("keras"), version("tensorflow"), version("openvino"), str(FORMAT))
    return f"{backbone.name}-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"


def is_whole(folder: Path) -> bool:
    """Whether a cache folder holds what was written into it."""
    try:
        digests = json.loads((folder / DIGESTS_NAME).read_text(encoding="utf-8"))
        return bool(digests == digests_of(folder))
    except (OSError, ValueError):
        return False


def digests_of(folder: Path) -> dict[str, str]:
    """SHA-256 of the graph and of its arrays."""
    digests = {}
    for name in (GRAPH_NAME, ARRAYS_NAME):
        with (folder / name).open("rb") as file:
            digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


@contextmanager
def _export_lock(folder: Path, context: JobContext) -> Iterator[None]:
    """Wait until no other process exports this network; may be cancelled."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{folder}.lock")
        while not lock.is_locked:
            context.progress(0, 0, stage=STAGE, unit="")
            try:
                lock.acquire(timeout=POLL_S)
            except Timeout:
                continue
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        yield
    finally:
        lock.release()


def _export(backbone: Backbone, located: LocatedWeights, folder: Path, context: JobContext) -> None:
    try:
        shutil.rmtree(folder, ignore_errors=True)
        part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".part", dir=folder.parent))
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        _run_child(backbone, located, part, context)
        put_in_place(part, folder)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _run_child(backbone: Backbone, located: LocatedWeights, part: Path, context: JobContext) -> None:
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    command = [
        sys.executable, "-m", "core.engine.exported", backbone.name, str(located.path), located.sha256,
        "whole" if located.has_classifier else "pooled", str(part),
    ]
    child = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    try:
        output, errors = _wait(child, context)
    finally:
        child.kill()
        child.communicate()
    if child.returncode == WEIGHTS_EXIT_CODE:
        message, hint = json.loads(output.splitlines()[-1])
        raise WeightsDamaged(Message.from_json(message), hint=Message.from_json(hint) if hint else None)
    if child.returncode != 0:
        reason = (errors.decode(errors="replace").strip().splitlines() or [f"exit code {child.returncode}"])[-1]
        raise EngineError("backbones.cannot_be_compiled", backbone=backbone.name, reason=reason)


def _wait(child: subprocess.Popen[bytes], context: JobContext) -> tuple[bytes, bytes]:
    while True:
        context.progress(0, 0, stage=STAGE, unit="")
        try:
            return child.communicate(timeout=POLL_S)
        except subprocess.TimeoutExpired:
            continue


def _cannot_write(folder: Path, error: OSError) -> StorageError:
    return StorageError("backbones.cache_not_writable", folder=folder.parent, reason=error.strerror)


def export(backbone: Backbone, located: LocatedWeights, folder: Path) -> None:
    """Write a network as graph, arrays and digests.

    Args:
        folder: Must exist and be empty.

    Raises:
        WeightsDamaged: The file is not of this backbone.
    """
    converted = convert_model(build_backbone(backbone, located))
    import_openvino().save_model(converted, folder / GRAPH_NAME, compress_to_fp16=False)
    assert (folder / ARRAYS_NAME).is_file()
    write_json(folder / DIGESTS_NAME, digests_of(folder))


def _main(name: str, weights: str, sha256: str, extent: str, folder: str) -> int:
    """The child process; returns its exit code."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    located = LocatedWeights(Path(weights), sha256, extent == "whole")
    try:
        export(find_backbone(name), located, Path(folder))
    except WeightsDamaged as error:
        hint = error.hint_message
        print(json.dumps([error.message.to_json(), hint.to_json() if hint else None]))
        return WEIGHTS_EXIT_CODE
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
