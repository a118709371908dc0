"""JSON and names of runs from elsewhere: what is refused, and that it is refused in time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import RunError
from core.files.foreign import checked_run_id, is_inside, is_run_id, parse_json, read_json


@pytest.mark.parametrize("text", [
    "[" * 100_000, "[" * 100_000 + "]" * 100_000, "[" * 60 + "]" * 60, '{"a":' * 60 + "1" + "}" * 60, "", "{",
    "1" * 5000,
])
def test_what_no_program_of_ours_wrote_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_json(text)


def test_a_deep_list_behind_a_long_flat_one_is_found() -> None:
    with pytest.raises(ValueError, match="levels"):
        parse_json("[" + "1," * 1000 + "[" * 45 + "]" * 45 + "]")
    assert parse_json('{"a": [[1, {"b": [2]}]]}') == {"a": [[1, {"b": [2]}]]}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_only_regular_files_of_a_sane_size_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", 2**31)
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "large", "folder", "none"):
        with pytest.raises((OSError, ValueError)):
            read_json(tmp_path / name)
    (tmp_path / "good").write_bytes(b'"\xff"')
    assert read_json(tmp_path / "good") == "\udcff"


@pytest.mark.parametrize("name", [
    "../../x", "/etc", "..", ".", "", "a/b", "a\\b", "C:x", "a\0", "a\n", ".hidden", "a.", "a ", " a", "a.unfinished",
    "x.training.unfinished", "a" * 200, "~", "$HOME", "-rf", "a:b", "a*", 7, None, b"a", ["a"],
])
def test_what_cannot_be_the_name_of_a_folder_is_no_run(name: object) -> None:
    assert not is_run_id(name)
    with pytest.raises(RunError, match="not the name of a run"):
        checked_run_id(name)


@pytest.mark.parametrize("name", ["2026-11-22-001-transfer", "a", "niño 2", "run_1.5+x"])
def test_plain_names_are(name: str) -> None:
    assert checked_run_id(name) == name


def test_inside_is_told_after_links(tmp_path: Path) -> None:
    (tmp_path / "project" / "runs").mkdir(parents=True)
    (tmp_path / "project" / "out").symlink_to(tmp_path)
    (tmp_path / "project" / "loop").symlink_to(tmp_path / "project" / "loop")
    project = tmp_path / "project"
    assert is_inside(project / "runs", project)
    for path in (project, tmp_path, project / "out", project / "out" / "x", project / "runs" / ".." / ".."):
        assert not is_inside(path, project)
