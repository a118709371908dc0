"""Compiles the gettext catalogues: `python -m resources.locale.compile` writes each `.mo` beside its `.po`.

It needs babel. The compiled files are kept with the sources, so that the program needs no tool to speak; a test
compares them.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent


def compile_catalogue(source: Path) -> bytes:
    """The `.mo` of a `.po` file.

    Raises:
        ValueError: A message stands twice, or the file cannot be read as a catalogue.
    """
    keys = [line for line in source.read_text(encoding="utf-8").splitlines() if line.startswith("msgid \"")]
    doubled = {key for key in keys if keys.count(key) > 1}
    if doubled:
        raise ValueError(f"{source}: more than once: {sorted(doubled)[:5]}")
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parents[1].name, domain=source.stem, abort_invalid=True)
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)  # else the moment of reading
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()


def sources() -> list[Path]:
    """All `.po` files, of every language."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))


def compile_all() -> list[Path]:
    """Compile what is not current; the `.mo` files that changed."""
    changed = []
    for source in sources():
        target, compiled = source.with_suffix(".mo"), compile_catalogue(source)
        if not target.exists() or target.read_bytes() != compiled:
            target.write_bytes(compiled)
            changed.append(target)
    return changed


if __name__ == "__main__":
    for path in compile_all():
        print(path.relative_to(LOCALE))
