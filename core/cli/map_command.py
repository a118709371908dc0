"""The command `map`: the embedding map of a project as a picture or a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, OutFile, ProjectArgument, RunOption, lines_of, listed, listed_reasons
from core.embeddings.kept_map import METHODS, TSNE
from core.files.user_files import require_one_result
from core.text import text
from core.workflow.map_groups import COLORINGS, LABEL


def map_(
    project: ProjectArgument, out: OutFile,
    color: Annotated[str, typer.Option(
        metavar="|".join(COLORINGS), help="cli.map.color", show_default=LABEL)] = LABEL,
    method: Annotated[str, typer.Option(metavar="|".join(METHODS), help="cli.map.method", show_default=TSNE)] = TSNE,
    run: RunOption = None,
    seed: Annotated[int, typer.Option(metavar="cli.metavar.number", help="cli.map.seed", show_default="0")] = 0,
    anew: Annotated[bool, typer.Option("--anew", help="cli.map.anew")] = False,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import mapping

    require_one_result(out, as_json=as_json)
    with console.command_context(is_quiet=as_json) as context:
        facts = mapping.write_map(
            project, out, context, coloring=color, method=method, run_id=run, seed=seed, is_anew=anew)
    console.answer(facts, say_map(facts), as_json=as_json, beside=out)


def say_map(facts: Mapping[str, Any]) -> str:
    """How many points lie where, in which groups, and which images have none."""
    groups = [text("cli.class_count", name=name, count=n) for name, n in facts["groups"].items()]
    skipped = facts["skipped"]
    return lines_of(
        text(f"cli.map.written_{facts['method']}", n=facts["points"], out=facts["out"], backbone=facts["backbone"]),
        listed(groups), text("cli.map.kept") if facts["is_kept"] else "", *facts["notes"],
        text("cli.map.gone", n=facts["gone"]) if facts["gone"] else "",
        text("cli.map.skipped", n=len(skipped)) if skipped else "", listed_reasons(skipped) if skipped else "")
