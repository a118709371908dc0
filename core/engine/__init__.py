"""The networks: the only package that imports keras, tensorflow or openvino."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

# TensorFlow greets on stderr about instruction sets and missing graphics cards, which nobody asked for
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_GREETING = re.compile(
    rb"WARNING: All log messages before absl|I0000 .*(port\.cc|cudart_stub\.cc|cpu_feature_guard\.cc)")
"""What its C++ part says all the same while it is imported (TensorFlow 2.20 and later), once for each library."""


class _QuietImport(MetaPathFinder):
    """Keeps the greeting off stderr while TensorFlow is imported; what else is said meanwhile comes afterwards."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_quietly(module: ModuleType) -> None:
                with _without_greeting():
                    execute(module)

            spec.loader.exec_module = execute_quietly  # type: ignore[method-assign]
        return spec


@contextmanager
def _without_greeting() -> Iterator[None]:
    """What goes to the file descriptor of stderr, but for the greeting, goes there at the end."""
    try:
        kept, file = os.dup(2), tempfile.TemporaryFile()
    except OSError:  # no stderr, or no room
        yield
        return
    with file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            if said := b"".join(line for line in file if not _GREETING.match(line)):
                os.write(2, said)


sys.meta_path.insert(0, _QuietImport())
