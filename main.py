"""The entry to Catalejo: the window without arguments, a command with them.

Started from a checkout it makes its own environment first (see `bootstrap`).
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from core.text import text
from core.devices import VARIABLE as DEVICE_VARIABLE
from core.text.language import VARIABLE, find_language, set_language, take_language, take_option

if TYPE_CHECKING:
    from pathlib import Path

    from core.review.report_blocks import Report


def main(arguments: list[str] | None = None) -> int:
    """Run the window or a command.

    Args:
        arguments: What follows the program's name; `sys.argv[1:]` by default.

    Returns:
        The exit code: 0 success, 2 a foreseen error, 130 cancelled.
    """
    given = sys.argv[1:] if arguments is None else arguments
    asked, others = take_language(given)
    _speak(asked)
    device, given = take_option("--device", given)
    if device is not None:
        os.environ[DEVICE_VARIABLE] = device
        others = take_option("--device", others)[1]
    if others[:1] == ["open"] and "--help" in others:
        given = ["--help"]
    elif not others or others[0] == "open":
        _interrupt_as_usual()
        return _run_window(others[1:], asked)
    from core.cli.commands import WindowDoor, run_command

    _interrupt_as_usual()
    return run_command(given, WindowDoor(_open_window, _take_pictures, _write_pdf))


def _speak(asked: str | None) -> None:
    """Speak the language of `--lang`, here and in what is started from here, or that of the environment."""
    if asked is not None:
        os.environ[VARIABLE] = asked
    set_language(find_language())


def _run_window(arguments: list[str], asked: str | None = None) -> int:
    import bootstrap
    from core.errors import InputError
    from gui.screen import check_connection, check_screen, needs_display_libraries

    try:
        check_screen(bootstrap.missing_qt_libraries(with_display=needs_display_libraries()))
        check_connection()
    except InputError as error:
        print(error.sentence, error.hint, sep="\n", file=sys.stderr)
        return 2
    from gui.app import run_window  # only now: without its system libraries Qt cannot even be imported

    return run_window(arguments, language=asked)


def _open_window(project: Path) -> None:
    _run_window([str(project)])


def _take_pictures(project: Path, folder: Path) -> list[Path]:
    from gui.screenshots import take_pictures

    return take_pictures(project, folder)


def _write_pdf(report: Report, out: Path) -> None:
    import bootstrap
    from gui.screen import check_screen

    check_screen(bootstrap.missing_qt_libraries(with_display=False), environment={"QT_QPA_PLATFORM": "offscreen"})
    from gui.report.write_pdf import write_without_window

    write_without_window(report, out)


def _leave_at_once(number: int, frame: object) -> None:
    """Ctrl+C while modules are still being loaded: nothing has begun, so nothing needs to end in order."""
    os.write(2, f"{text('cli.cancelled')}\n".encode())
    os._exit(130)


def _interrupt_as_usual() -> None:
    """From here on set-up, commands and window end in order on Ctrl+C."""
    if signal.getsignal(signal.SIGINT) is _leave_at_once:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(code: int) -> None:
    """End now: everything is written and closed, and taking the engine's libraries apart would take 0.2 s more."""
    is_usual = not sys.argv[1:] or sys.argv[1] in ("open", "demo")
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        is_usual = True  # the interpreter knows how to end when nobody takes its output
    if is_usual:
        sys.exit(code)
    os._exit(code)


if __name__ == "__main__":
    _speak(take_language(sys.argv[1:])[0])
    signal.signal(signal.SIGINT, _leave_at_once)
    import bootstrap

    _interrupt_as_usual()
    bootstrap.ensure()
    signal.signal(signal.SIGINT, _leave_at_once)
    try:
        code = main()
    except ModuleNotFoundError as error:
        code = bootstrap.explain_lost_package(error)
    _leave(code)
