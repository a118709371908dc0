"""About names what is shipped and under which licence."""

from __future__ import annotations

from gui.about import licence_lines


def test_every_part_has_a_licence() -> None:
    lines = licence_lines()
    for part in ("Catalejo", "Python", "PySide6_Essentials", "keras", "openvino", "numpy", "Phosphor", "WordNet"):
        assert any(line.lower().startswith(part.lower()) for line in lines), part
    assert all(" – " in line and not line.endswith("– ") for line in lines)
    assert not any("UNKNOWN" in line for line in lines)
