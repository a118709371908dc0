"""What a cell may mean that names an image: Windows' paths, URLs, uploads, and bytes of old code pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from urllib.parse import unquote, unquote_plus

from core.images.formats import EXTENSIONS

WESTERN = ("cp1252", "cp850", "cp437", "mac_roman")
"""Code pages that Western tables come in; Excel and Windows write the first, DOS and zip programs the others."""

_CODE_PAGES = (*WESTERN, "cp1250", "cp1251", "cp1253", "cp1254", "gb18030", "cp932", "cp949", "big5")
_ENDINGS = EXTENSIONS | {".dcm", ".dicom"}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/*")
_DRIVE = re.compile(r"[A-Za-z]:(?=/)")
_UPLOAD = re.compile(r"(?:.*/)?[0-9a-f]{8}-(?P<name>[^/]+)")
_EXPORTED = re.compile(r"(?P<stem>.+)_(?P<ending>jpe?g|png|bmp|webp|tiff?)\.rf\.\w+\.\w+", re.IGNORECASE)
_LOCAL = re.compile(r"(?:d|filepath|file|path)=(?P<path>[^&]+)")
_FRACTION = re.compile(r"\d+\.0")
_ODD_SIGNS = re.compile(r"[^-\w./]")


def normal(text: str) -> str:
    """The one form in which names are compared: composed accents (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def spellings(cell: str, code_page: str = WESTERN[0]) -> Iterator[str]:
    """A cell as it stands, and then what it may have been before it went through other programs.

    Args:
        cell: As it stands in the table.
        code_page: Of the bytes that are not UTF-8.
    """
    seen = cell
    yield cell
    for change in (
        str.strip, lambda text: readable(text, code_page), lambda text: text.replace("\\", "/"), _without_query,
        unquote, _not_uploaded, _not_exported, unmangled, unquote_plus,
        lambda text: text[:-2] if _FRACTION.fullmatch(text) else text,  # as pandas writes beside an empty cell
    ):
        changed = change(seen)
        if changed and changed != seen:
            seen = changed
            yield seen


def tail_of(path: str) -> str:
    """A path without its scheme, its drive, and parts that say nothing: “C:/a/./b.jpg” is “a/b.jpg”."""
    if ":" in path:
        path = _DRIVE.sub("", _SCHEME.sub("", path, count=1) if not _DRIVE.match(path) else path, count=1)
    if path[:1] not in "./" and "//" not in path and "/." not in path:
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", ".", ".."):
            parts.append(part)
    return "/".join(parts)


def without_ending(path: str) -> str:
    """A path without the ending of an image, if it has one."""
    stem, dot, ending = path.rpartition(".")
    return stem if dot and f".{ending.lower()}" in _ENDINGS and not stem.endswith("/") else path


def reduced(path: str) -> str:
    """A path without what gets lost: endings, capitals, leading zeros, spaces and signs that uploads do not keep."""
    shorter = without_ending(path)
    while shorter and shorter != path:
        path, shorter = shorter, without_ending(shorter)
    folder, slash, name = unmangled(path).casefold().rpartition("/")
    name = _ODD_SIGNS.sub("", name.replace(" ", "_"))
    return folder + slash + ((name.lstrip("0") or "0") if name.isdecimal() else name)


def readable(text: str, code_page: str = WESTERN[0]) -> str:
    """Text without surrogates: bytes that are not UTF-8 are read in a code page."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        try:
            data = text.encode("utf-8", "surrogateescape")
            return data.decode("utf-8")
        except UnicodeEncodeError:  # half a sign, as JSON can write it
            return text.encode("utf-8", "replace").decode("utf-8")
        except UnicodeDecodeError:
            return data.decode(code_page, "replace")
    return text


def unmangled(text: str) -> str:
    """Text whose UTF-8 was read in another code page, mended: “niÃ±o” is “niño”."""
    if text.isascii():
        return text
    for page in WESTERN[:3]:
        try:
            return normal(normal(text).encode(page).decode("utf-8"))
        except UnicodeError:
            continue
    return text


def find_code_page(cells: Iterable[str], is_known: Callable[[str], bool]) -> str:
    """The code page of the bytes that are not UTF-8, by the names that it gives, else by its letters.

    Args:
        cells: Images and labels as they stand in the table.
        is_known: Whether a text names an image or a class.
    """
    odd = [cell for cell in dict.fromkeys(cells) if not cell.isascii() and readable(cell) != cell][:500]
    if not odd:
        return WESTERN[0]

    def score(page: str) -> tuple[int, int]:
        texts = [readable(cell, page) for cell in odd]
        return sum(map(is_known, texts)), _n_letters(texts) if page in WESTERN else -1

    return max(_CODE_PAGES, key=score)


def _n_letters(texts: Collection[str]) -> int:
    """Letters beyond ASCII; a wrong code page gives signs, and capitals amid small letters."""
    odd = [(text[i - 1:i], letter) for text in texts for i, letter in enumerate(text) if letter > "\x7f"]
    return sum(letter.isalpha() and not (letter.isupper() and before.islower()) for before, letter in odd)


def _without_query(text: str) -> str:
    """A URL without what follows the path; Label Studio puts the path of a local file behind “?d=”."""
    path, mark, query = text.partition("?")
    if not mark:
        return text
    given = _LOCAL.match(query)
    return given["path"] if given else path


def _not_uploaded(text: str) -> str:
    """The name that a file had before Label Studio put eight digits before it; its folder says nothing."""
    found = _UPLOAD.fullmatch(text)
    return found["name"] if found else text


def _not_exported(text: str) -> str:
    """The name that a file had before Roboflow put sixteen and more digits behind it."""
    found = _EXPORTED.fullmatch(text)
    return f"{found['stem']}.{found['ending']}" if found else text
