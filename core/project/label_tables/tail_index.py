"""Finds the paths with the longest tail of another: "fotos/a/1.jpg" and "/mnt/a/1.jpg" share two parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class TailIndex:
    """Paths by their last part, their last two parts and so on, made as deep as they are asked for.

    Args:
        paths: Parts joined by "/".
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._by_depth: list[dict[str, list[int]]] = [{}]
        self._deepen(range(len(paths)))

    def find(self, path: str) -> tuple[int, list[int]]:
        """How many last parts the longest shared tail has, and the places of the paths that share it, ascending."""
        found = self._by_depth[0].get(path[path.rfind("/") + 1:])
        if not found:
            return 0, []
        if len(found) == 1:
            return n_shared_parts(self._paths[found[0]], path), found
        parts, depth = path.split("/"), 1
        while depth < len(parts) and len(found) > 1:
            deeper = self._at(depth).get("/".join(parts[-depth - 1:]))
            if not deeper:
                break
            found, depth = deeper, depth + 1
        return (n_shared_parts(self._paths[found[0]], path) if len(found) == 1 else depth), found

    def _at(self, depth: int) -> dict[str, list[int]]:
        """Paths by `depth` + 1 last parts; only those that share fewer with another."""
        while len(self._by_depth) <= depth:
            shared = [i for places in self._by_depth[-1].values() if len(places) > 1 for i in places]
            self._by_depth.append({})
            self._deepen(shared)
        return self._by_depth[depth]

    def _deepen(self, places: Iterable[int]) -> None:
        index, n_parts = self._by_depth[-1], len(self._by_depth)
        for place in places:
            parts = self._paths[place].rsplit("/", n_parts)
            if n_parts == 1 or len(parts) > n_parts or parts[0]:
                index.setdefault("/".join(parts[-n_parts:]), []).append(place)


def n_shared_parts(path: str, other: str) -> int:
    """How many last parts two paths have in common."""
    n = 0
    for part, like in zip(reversed(path.split("/")), reversed(other.split("/")), strict=False):
        if part != like:
            break
        n += 1
    return n
