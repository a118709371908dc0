"""How many processors the program may use: all that there are, or as many as a person allows."""

from __future__ import annotations

import os

VARIABLE = "CATALEJO_PROCESSORS"
"""Names the number; empty or 0 for all."""

_LIBRARY_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
"""What numerical libraries ask when they are imported."""


def n_processors() -> int:
    """Processors for work that is split up, at least 1."""
    there, allowed = os.cpu_count() or 1, allowed_processors()
    return min(there, allowed) if allowed else there


def allowed_processors() -> int:
    """The number that a person allows; 0 for all."""
    try:
        return max(int(os.environ.get(VARIABLE, "") or 0), 0)
    except ValueError:
        return 0


def keep_to_allowed() -> None:
    """Let this process and all its libraries use the allowed number; call it before they are imported."""
    allowed = allowed_processors()
    if not allowed:
        return
    for name in _LIBRARY_VARIABLES:
        os.environ.setdefault(name, str(allowed))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:allowed])
