"""Competition files: one line for every test picture, checked before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from core.errors import InputError
from core.images.natural import natural_key
from core.runs.read_table import read_table
from core.runs.tables import write_csv

ID_COLUMN = "ID"
ANSWER_COLUMN = "Ground_Truth"
MAP_HINT = "Write it like pistol=0,smartphone=1."
TEMPLATE_HINT = "Give the competition's example file."
N_SHOWN = 3
"""Names given as examples in an error."""


@dataclass(frozen=True, slots=True)
class Template:
    """A file in the competition's format.

    Attributes:
        columns: Header.
        id_index, answer_index: Which column names the picture, and which takes the answer.
        rows: Cells of every line, as they are.
    """

    columns: tuple[str, ...]
    id_index: int
    answer_index: int
    rows: tuple[tuple[str, ...], ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(row[self.id_index] for row in self.rows)

    @property
    def answers(self) -> tuple[str, ...]:
        return tuple(row[self.answer_index] for row in self.rows)


@dataclass(frozen=True, slots=True)
class SubmissionInput:
    """What a competition file is made from.

    Attributes:
        names: File name of every test picture, with or without folders before it.
        predictions: Class that was predicted for each, in the same order.
        classes: All classes of the run.
        template: The competition's example file, or None for `ID,Ground_Truth` in natural order.
        class_map: Code for each class, or None to take it from the template.
    """

    names: tuple[str, ...]
    predictions: tuple[str, ...]
    classes: tuple[str, ...]
    template: Path | None = None
    class_map: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A competition file that was checked and not written yet.

    Attributes:
        columns: Header.
        rows: Cells of every line, the answers as codes.
        class_map: The code of each class.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    class_map: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SubmissionResult:
    """What was written: the file, its lines, and the code of each class."""

    path: Path
    n_rows: int
    class_map: Mapping[str, str]


def make_submission(inputs: SubmissionInput) -> Submission:
    """Check the pictures against the template and make the lines of the competition file.

    Raises:
        InputError: No pictures; ids that are missing, doubled or unknown; a template or map that does not fit.
    """
    template = _template_of(inputs)
    given = inputs.class_map
    class_map = dict(default_class_map(inputs.classes, template.answers) if given is None else given)
    _check_map(class_map, inputs.classes)
    answers = _match(template.ids, inputs.names, inputs.predictions)
    rows = tuple(
        tuple(class_map[answer] if i == template.answer_index else cell for i, cell in enumerate(row))
        for row, answer in zip(template.rows, answers, strict=True)
    )
    return Submission(template.columns, rows, class_map)


def propose_class_map(inputs: SubmissionInput) -> dict[str, str]:
    """The code of each class as the template suggests it; see `default_class_map`.

    Raises:
        InputError: No pictures, a template that cannot be read, or answers that suggest nothing.
    """
    return default_class_map(inputs.classes, _template_of(inputs).answers)


def write_submission(inputs: SubmissionInput, out: Path) -> SubmissionResult:
    """Check the pictures against the template and write the competition file.

    Raises:
        InputError: See `make_submission`; nothing is written then.
        StorageError: Nothing can be written there.
    """
    made = make_submission(inputs)
    inputs_of = (inputs.template,) if inputs.template else ()
    return SubmissionResult(out, write_csv(out, made.columns, made.rows, inputs=inputs_of), made.class_map)


def _template_of(inputs: SubmissionInput) -> Template:
    if not inputs.names:
        raise InputError("There is no predicted test picture.", "Add a folder with test pictures to the project.")
    return read_template(inputs.template, inputs.names) if inputs.template else _plain_template(inputs.names)


def parse_class_map(text: str) -> dict[str, str]:
    """Read “pistol=0,smartphone=1”; the last “=” of each part separates class and code.

    Raises:
        InputError: A part without “=”, an empty side, or a class named twice.
    """
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, code = (side.strip() for side in part.rpartition("="))
        if not name or not code or name in found:
            raise InputError(f"The class map “{text}” cannot be read at “{part}”.", MAP_HINT)
        found[name] = code
    if not found:
        raise InputError("The class map is empty.", MAP_HINT)
    return found


def read_template(path: Path, names: Iterable[str]) -> Template:
    """Read a file in the competition's format; the id column is the one that names most of the pictures.

    What is written from it has commas, whatever stood between its cells: a spreadsheet may have changed them.

    Args:
        path: CSV file with a header, separated by commas, semicolons or tabs.
        names: File names of the test pictures.

    Raises:
        InputError: It cannot be read, has fewer than two columns, no lines, or lines of unequal length.
    """
    lines = [tuple(line) for line in read_table(path, noun="template", hint=TEMPLATE_HINT)]
    if len(lines) < 2 or len(lines[0]) < 2 or any(len(line) != len(lines[0]) for line in lines):
        raise InputError(f"The template “{path}” is not a table with at least two columns.", TEMPLATE_HINT)
    columns, rows = lines[0], tuple(lines[1:])
    id_index = _id_column(rows, names)
    return Template(columns, id_index, _answer_column(len(columns), id_index), rows)


def default_class_map(classes: Sequence[str], answers: Iterable[str]) -> dict[str, str]:
    """The code of each class as the template suggests it.

    Names of classes in the template are taken as they are written there. Numbers are given to the
    classes in alphabetical order: the template's own if there are as many as classes, else 0, 1, 2 …

    Raises:
        InputError: The template's answers are neither.
    """
    found = sorted({answer.strip() for answer in answers} - {""})
    by_name = {answer.casefold(): answer for answer in found}
    if found and all(answer in {c.casefold() for c in classes} for answer in by_name):
        return {name: by_name.get(name.casefold(), name) for name in classes}
    ordered = sorted(classes)
    if not all(answer.isdecimal() for answer in found):
        raise InputError(
            f"The template's answers ({_examples(found)}) are neither classes nor numbers.",
            f"Say the code of each class, as in {','.join(f'{c}=…' for c in ordered[:2])}.",
        )
    if len(found) == len(ordered):
        return dict(zip(ordered, sorted(found, key=int), strict=True))
    return {name: str(i) for i, name in enumerate(ordered)}


def _plain_template(names: Iterable[str]) -> Template:
    ids = sorted((PurePath(name).name for name in names), key=natural_key)
    return Template((ID_COLUMN, ANSWER_COLUMN), 0, 1, tuple((i, "") for i in ids))


def _id_column(rows: tuple[tuple[str, ...], ...], names: Iterable[str]) -> int:
    known = {key for name in names for key in (PurePath(name).name, PurePath(name).stem)}
    hits = [sum(PurePath(cell.strip()).name in known for cell in column) for column in zip(*rows, strict=True)]
    return hits.index(max(hits))


def _answer_column(n_columns: int, id_index: int) -> int:
    last = n_columns - 1
    return last - 1 if id_index == last else last


def _match(ids: Sequence[str], names: Sequence[str], predictions: Sequence[str]) -> list[str]:
    """The prediction for each id, after checking that ids and pictures are the same set."""
    files = [PurePath(name).name for name in names]
    wanted = [PurePath(i.strip()).name for i in ids]
    keys = files if set(wanted) & set(files) else [PurePath(file).stem for file in files]
    _refuse(_doubled(keys), "Two test pictures are named {}", "Rename one; the file could mean either.")
    _refuse(_doubled(wanted), "The template names {} twice", "Give each picture one line.")
    answers = dict(zip(keys, predictions, strict=True))
    _refuse(
        [i for i in wanted if i not in answers], "The template names {}, and there is no such predicted picture",
        "Add the missing pictures to the test folder, or give the template that belongs to it.",
    )
    asked = set(wanted)
    _refuse(
        [key for key in keys if key not in asked], "The template has no line for {}",
        "Take these pictures out of the test folder, or give the template that belongs to it.",
    )
    return [answers[i] for i in wanted]


def _doubled(names: Sequence[str]) -> list[str]:
    return [name for name, n in Counter(names).items() if n > 1]


def _refuse(names: Sequence[str], sentence: str, hint: str) -> None:
    if names:
        raise InputError(sentence.format(_examples(names)) + ".", hint)


def _examples(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:N_SHOWN])
    return shown if len(names) <= N_SHOWN else f"{shown} and {len(names) - N_SHOWN:,} more"


def _check_map(class_map: Mapping[str, str], classes: Sequence[str]) -> None:
    unknown = [name for name in class_map if name not in classes]
    _refuse(unknown, "The class map names {}, which the run does not know", f"Its classes are: {_examples(classes)}.")
    without = [name for name in classes if name not in class_map]
    _refuse(without, "The class map has no code for {}", "Give every class a code.")
