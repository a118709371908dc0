"""Names in the order in which a person would put them."""

from __future__ import annotations

import random
import sqlite3

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
