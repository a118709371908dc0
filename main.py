"""The entry to Catalejo: the window without arguments, a command with them.

Started from a checkout it makes its own environment first (see `bootstrap`).
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run the window or a command.

    Args:
        arguments: What follows the program's name; `sys.argv[1:]` by default.

    Returns:
        The exit code: 0 success, 2 a foreseen error, 130 cancelled.
    """
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0] == "open":
        from gui.app import run_window

        return run_window(given[1:])
    from core.cli import WindowDoor, run_command

    return run_command(given, WindowDoor(_open_window, _take_pictures))


def _open_window(project: Path) -> None:
    from gui.app import run_window

    run_window([str(project)])


def _take_pictures(project: Path, folder: Path) -> list[Path]:
    from gui.screenshots import take_pictures

    return take_pictures(project, folder)


if __name__ == "__main__":
    import bootstrap

    bootstrap.ensure()
    sys.exit(main())
