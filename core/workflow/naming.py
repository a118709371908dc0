"""What to call images in tables and lists: by their path below the source folder, where that is unambiguous."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core.project.rows import ImageRow


def path_names(rows: Sequence[ImageRow]) -> tuple[str, ...]:
    """Paths below the source folder; absolute where two sources share one."""
    seen = Counter(row.name for row in rows)
    return tuple(row.name if seen[row.name] == 1 else str(row.path) for row in rows)
