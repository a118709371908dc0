"""What a later run mended and what it broke."""

from __future__ import annotations

import numpy as np
import pytest

from core.review.compare import compare_runs, describe_change


def ids(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_each_image_falls_into_one_group() -> None:
    found = compare_runs(
        ids(10, 11, 12, 13, 14), ids(0, 0, 1, 1, 2), before=ids(0, 1, 0, 0, 2), after=ids(0, 0, 0, 2, 1)
    )
    assert found.fixed.tolist() == [11]
    assert found.broken.tolist() == [14]
    assert found.still_wrong.tolist() == [12, 13], "wrong in another way is still wrong"
    assert (found.n_wrong_before, found.n_wrong_after, found.n_images) == (3, 3, 5)


def test_the_sentence() -> None:
    found = compare_runs(ids(1, 2), ids(0, 0), before=ids(1, 0), after=ids(0, 1))
    assert describe_change(found) == "1 fixed, 1 broken, 0 still wrong, of 2 pictures that both judged"
    nothing = compare_runs(ids(), ids(), before=ids(), after=ids())
    assert describe_change(nothing) == "The two runs judged no picture in common"


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        compare_runs(ids(1, 2), ids(0, 0), before=ids(1), after=ids(0, 1))
