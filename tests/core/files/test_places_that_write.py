"""Lists every place in core and gui that writes files: all but the exceptions named here go through one function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WRITERS = {"open_to_write", "open_text_to_write", "path_to_write", "open_to_replace", "as_text"}
"""What is written within a block of these is written through the one function."""

IN_MEMORY = {"BytesIO", "StringIO", "QBuffer"}
WRITING_CALLS = {
    "savez", "savez_compressed", "save_model", "tofile", "mkstemp", "mkdtemp", "NamedTemporaryFile", "copyfile",
    "copyfileobj", "copy2", "copytree", "truncate", "posix_fallocate", "fdopen",
}
WRITING_METHODS = {"write_text", "write_bytes", "save_weights"}
"""Bare names are functions of this program that write through the one function."""

OF_OS = {"rename", "renames", "replace", "link", "symlink", "move"}
"""Of `os` and `shutil`; others have methods of such names too."""

EXCEPTIONS = {
    "core/files/writing.py": "the function itself",
    "core/venv.py": "the environment, before there is any package; standard library only",
    "core/lost_package.py": "a note in the environment, before its packages can be imported",
    "core/worker_child.py": "the standard output as a pipe of messages, and a number that the kernel reads",
    "core/cli/command_help.py": "words of the help, which a formatter shows",
    "core/cli/console.py": "the standard output of the process, led to nowhere",
    "core/embeddings/store.py": "a store that only grows, with sums for each row",
    "core/project/backups.py": "SQLite: a copy with its journals, put in place of the catalog",
    "core/workflow/system_trash.py": "a file that is moved back where it lay",
    "core/engine/checkpoints.py": "room that is taken in a draft before HDF5 writes into it",
    "core/engine/exported.py": "a folder that a child fills, OpenVINO with it, and that is put in place whole",
    "core/workflow/sample.py": "the sample copied into a draft of a folder, whose parts are put in place whole",
    "core/runs/repository.py": "a hard link to a file that is whole, or a copy, in a folder put in place whole",
}
"""Modules that write in another way, and why."""


def _modules() -> list[Path]:
    return sorted(path for package in ("core", "gui") for path in (ROOT / package).rglob("*.py"))


def _places(source: str) -> Iterator[tuple[int, str]]:
    """Line and call of everything that writes a file and is not within a block of a writer."""
    tree = ast.parse(source)
    safe = {
        item.optional_vars.id
        for block in ast.walk(tree) if isinstance(block, ast.With)
        for item in block.items
        if isinstance(item.optional_vars, ast.Name) and _is_call_of(item.context_expr, WRITERS)
    } | {
        target.id
        for made in ast.walk(tree) if isinstance(made, ast.Assign) and _is_call_of(made.value, IN_MEMORY)
        for target in made.targets if isinstance(target, ast.Name)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _writes(call) and not _names_in(call) & safe:
            yield call.lineno, ast.unparse(call)[:80]


def _writes(call: ast.Call) -> bool:
    name, owner = _name(call), _owner(call)
    if name == "open":
        return _opens_for_writing(call)
    if name in OF_OS and owner in ("os", "shutil"):
        return True
    if name in ("rename", "replace"):  # of a path; not of a text, a dataclass or a class in the window
        return bool(owner) and owner != "self" and len(call.args) == 1 and not call.keywords
    if name == "save":  # of an image or array; not of a painter
        return bool(owner) and len(call.args) > 0
    if name == "File":
        return any(isinstance(a, ast.Constant) and a.value in ("w", "a", "r+", "x") for a in call.args)
    return name in WRITING_METHODS and bool(owner) or name in WRITING_CALLS


def _is_call_of(value: ast.expr, names: set[str]) -> bool:
    return isinstance(value, ast.Call) and _name(value) in names


def _owner(call: ast.Call) -> str:
    """What a method is called of: its first name, or "?" where that is no name; "" for a bare function."""
    value = call.func
    if not isinstance(value, ast.Attribute):
        return ""
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else "?"


def _opens_for_writing(call: ast.Call) -> bool:
    """`open(path, "w")`, `path.open("wb")`, `os.open(path, flags)`: with flags that are not for reading alone."""
    values = [*call.args, *(k.value for k in call.keywords if k.arg in ("mode", "flags"))]
    words = ast.unparse(ast.Tuple(values, ast.Load()))
    if any(flag in words for flag in ("O_WRONLY", "O_RDWR", "O_CREAT", "WriteOnly", "ReadWrite")):
        return True
    modes = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
    return any(set(mode) <= set("rwaxbt+") and set(mode) & set("wax+") for mode in modes if mode)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _names_in(call: ast.Call) -> set[str]:
    return {part.id for part in ast.walk(call) if isinstance(part, ast.Name)}


def test_every_place_that_writes_goes_through_the_one_function_or_is_an_exception() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{line} {call}"
        for path in _modules() if path.relative_to(ROOT).as_posix() not in EXCEPTIONS
        for line, call in _places(path.read_text(encoding="utf-8"))
    }
    assert not found, "write through core.files.writing or core.files.user_files:\n" + "\n".join(sorted(found))


def test_no_exception_is_left_that_is_none() -> None:
    idle = [
        name for name in EXCEPTIONS
        if (ROOT / name).is_file() and not list(_places((ROOT / name).read_text(encoding="utf-8")))
    ]
    assert not idle


@pytest.mark.parametrize("line", [
    "open(path, 'w')", "path.open('xb')", "open(path, mode='a')", "os.open(path, os.O_WRONLY | os.O_CREAT)",
    "path.write_text(words)", "np.savez(path, a=a)", "os.replace(draft, path)", "draft.replace(path)",
    "image.save(path)", "h5py.File(path, 'w')", "tempfile.mkstemp()", "shutil.copyfile(a, b)", "net.save_weights(p)",
])
def test_a_new_place_is_found(line: str) -> None:
    assert list(_places(line))


@pytest.mark.parametrize("line", [
    "open(path)", "path.open('rb')", "text.replace('a', 'b')", "painter.save()", "replace(record, a=1)",
    "dialog.open()", "with open_to_write(path) as file:\n    np.savez(file, a=a)", "write_text(path, words)",
])
def test_reading_is_no_writing(line: str) -> None:
    assert not list(_places(line))
