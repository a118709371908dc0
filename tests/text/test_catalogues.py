"""The catalogues: compiled, complete in every language, without codes that nobody uses or that nobody wrote."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from core.text.catalogues import LOCALE
from core.text.language import LANGUAGES
from resources.locale.compile import compile_catalogue, sources
from tests.text.source_strings import HOME, codes_used, python_files

DOMAINS = sorted({source.stem for source in sources()})


def read(language: str, domain: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=language)


def templates(language: str, domain: str) -> dict[str, tuple[str, ...]]:
    """Every form of every code."""
    found = {}
    for message in read(language, domain):
        if message.id:
            code = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
            found[code] = tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string,)
    return found


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("source", sources(), ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_the_compiled_catalogue_is_current(source: Path) -> None:
    assert source.with_suffix(".mo").read_bytes() == compile_catalogue(source), "python -m resources.locale.compile"


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_a_language_has_every_sentence_with_the_same_fields(language: str, domain: str) -> None:
    english, other = templates("en", domain), templates(language, domain)
    assert set(english) == set(other)
    for code, forms in english.items():
        wanted = set.union(*map(fields, forms))
        assert set.union(*map(fields, other[code])) == wanted, code
        assert all(forms) and all(other[code]), f"{code} has no words"


@pytest.mark.parametrize("domain", DOMAINS)
def test_codes_begin_with_their_domain(domain: str) -> None:
    assert [code for code in templates("en", domain) if code.partition(".")[0] != domain] == []


def test_no_sentence_is_missing_or_unused() -> None:
    known = {code for domain in DOMAINS for code in templates("en", domain)}
    whole, patterns = codes_used()
    mentioned = {code for code in whole if code.partition(".")[0] in DOMAINS}
    unused = {code for code in known if not _is_used(code, whole, patterns)}
    # file names, names of modules and keys look like codes; only what is passed to one of the makers must be there
    assert sorted(_passed() - known) == [], "no catalogue has these"
    assert sorted(unused) == [], "nothing says these"
    assert mentioned


def _is_used(code: str, whole: set[str], patterns: list) -> bool:
    base = code.removesuffix(".hint")
    return any(name in whole or any(pattern.match(name) for pattern in patterns) for name in (code, base))


def _passed() -> set[str]:
    """Codes given to `Message`, `text` or an error, as far as they stand there in one piece."""
    found = set()
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            value = node.args[0].value
            if name in MAKERS and isinstance(value, str) and " " not in value and "." in value:
                found.add(value)
    return found


def _errors() -> set[str]:
    tree = ast.parse((HOME / "core" / "errors.py").read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


MAKERS = {"Message", "text"} | _errors()
