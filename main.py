"""The entry to Catalejo: the window without arguments, a command with them.

Started from a checkout it makes its own environment first (see `bootstrap`).
"""

from __future__ import annotations

import sys


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
    from core.cli import run_command

    return run_command(given)


if __name__ == "__main__":
    import bootstrap

    bootstrap.ensure()
    sys.exit(main())
