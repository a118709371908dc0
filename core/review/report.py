"""Writes the report of a run: one HTML file that needs nothing else, to read, keep, print or send.

No script, no address outside the file; a content security policy in the page holds this
even if a class or file name tried otherwise. Every text is escaped by the template.
"""

from __future__ import annotations

import base64
from pathlib import Path

import jinja2
from markupsafe import Markup

from core.errors import StorageError
from core.files.user_files import is_standard_output, open_to_replace
from core.jobs import JobContext
from core.review.charts import NAME_SPACE
from core.review.report_blocks import Heading, Picture, Report
from core.review.report_content import build_report
from core.review.report_input import ReportInput


def write_report(inputs: ReportInput, out: Path, *, context: JobContext | None = None) -> None:
    """Write the page in the language in force and read it back; an older one is replaced once the new one is whole.

    Args:
        inputs: See `ReportInput`.
        out: HTML file; its folder must exist.
        context: Progress counts images.

    Raises:
        InputError: The folder does not exist, or `out` is a folder.
        StorageError: Nothing can be written there, or it does not hold what was written.
        JobCancelled: The caller asked to end.
    """
    write_page(build_report(inputs, context or JobContext()), out)


def write_page(report: Report, out: Path) -> None:
    """The same of a report that is built; see `write_report`."""
    page = render_report(report)
    with open_to_replace(out) as file:
        file.write(page)
    if not is_standard_output(out):
        require_written(out, page.encode("utf-8", "surrogateescape"))


def require_written(path: Path, content: bytes) -> None:
    """Read a file back.

    Raises:
        StorageError: It does not hold what was written.
    """
    try:
        is_whole = path.read_bytes() == content
    except OSError as error:
        raise StorageError("report.not_as_written", path=path) from error
    if not is_whole:
        raise StorageError("report.not_as_written", path=path)


def render_report(report: Report) -> str:
    """The page as text."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )
    environment.filters["address"] = _address
    environment.filters["drawing"] = _drawing
    headings = [block for block in report.blocks if isinstance(block, Heading)]
    return environment.get_template("report.html").render(report=report, headings=headings)


def _address(picture: Picture) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture.jpeg).decode()


def _drawing(svg: str) -> Markup:
    """A drawing of `core.review.charts`, which escapes what it is given; within a page it needs no name space."""
    return Markup(svg.replace(NAME_SPACE, "", 1))
