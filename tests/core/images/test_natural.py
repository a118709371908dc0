"""Names in the order in which a person would put them."""

from __future__ import annotations

import random
import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as some

from core.images.natural import natural_key


def test_sqlite_sorts_keys_as_people_sort_names() -> None:
    names = [
        "a/img1.jpg", "a/img2.jpg", "a/img10.jpg", "a b/img1.jpg", "Álamo.jpg", "alba.jpg", "img2.jpg", "IMG10.jpg",
        "img00011.jpg", "img123456789012345678901234567890.jpg", "ninja.jpg", "niño.jpg", "ninos.jpg",
    ]
    shuffled = random.Random(0).sample(names, len(names))
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE t(name TEXT, key TEXT)")
    db.executemany("INSERT INTO t VALUES (?, ?)", [(name, natural_key(name)) for name in shuffled])
    assert [row[0] for row in db.execute("SELECT name FROM t ORDER BY key")] == names
    db.close()


def test_case_accents_and_leading_zeros_do_not_count() -> None:
    assert natural_key("NIÑO 007.JPG") == natural_key("nino 7.jpg") == natural_key("nin\u0303o 7.jpg")


NAMES = some.text(some.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | some.from_regex(
    r"[a-c]{0,2}[0-9]{0,4}[ _/-]?[0-9]{0,3}", fullmatch=True)
QUICK = settings(max_examples=150, deadline=None, derandomize=True, database=None)


@QUICK
@given(some.lists(NAMES, max_size=8))
def test_the_order_is_total_and_stable(names: list[str]) -> None:
    """Sorting in any order gives the same keys, and names with one key stay as they were."""
    ordered = sorted(names, key=natural_key)
    assert [natural_key(n) for n in ordered] == [natural_key(n) for n in sorted(names[::-1], key=natural_key)]
    for key in set(map(natural_key, names)):
        assert [n for n in ordered if natural_key(n) == key] == [n for n in names if natural_key(n) == key]


@QUICK
@given(some.text("abcé_-", max_size=4), some.integers(0, 10**9), some.integers(0, 10**9), some.integers(0, 3))
def test_numbers_count_by_their_value(before: str, one: int, other: int, n_zeros: int) -> None:
    first, second = (natural_key(f"{before}{'0' * n_zeros}{number}.png") for number in (one, other))
    assert (first < second, first == second) == (one < other, one == other)
    assert natural_key(f"{before}{one}.png") == natural_key(f"{before.upper()}{'0' * n_zeros}{one}.PNG")
