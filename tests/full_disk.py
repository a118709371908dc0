"""A disk that gets full, as a limit on the size of the files that this process writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def files_of_at_most(n_bytes: int) -> Iterator[None]:
    """Writing past this size fails inside the block; skips the test where the system has no such limit."""
    resource = pytest.importorskip("resource", reason="only POSIX systems limit the size of files")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


class FillingDisk:
    """A disk that gets full once a job has come so far; use as a context manager around the job."""

    def __init__(self) -> None:
        self.resource = pytest.importorskip("resource", reason="only POSIX systems limit the size of files")

    def __enter__(self) -> FillingDisk:
        self._limits = self.resource.getrlimit(self.resource.RLIMIT_FSIZE)
        return self

    def __exit__(self, *_: object) -> None:
        self.resource.setrlimit(self.resource.RLIMIT_FSIZE, self._limits)

    def fill(self, n_bytes: int) -> None:
        """From now on no file gets larger than this."""
        self.resource.setrlimit(self.resource.RLIMIT_FSIZE, (n_bytes, self._limits[1]))
