"""Colours as shares of soft bins."""

from __future__ import annotations

import numpy as np
import pytest

from core.checks.colours import N_BINS, colour_shares


def sketch(light: float, blue: float = 128, red: float = 128) -> tuple[np.ndarray, np.ndarray]:
    chroma = np.empty((1, 2, 8, 8), np.uint8)
    chroma[:, 0], chroma[:, 1] = blue, red
    return np.full((1, 48, 48), light, np.uint8), chroma


def test_shares_sum_to_one_also_for_colours_beyond_the_bins() -> None:
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (5, 48, 48)).astype(np.uint8)
    chroma = rng.integers(0, 256, (5, 2, 8, 8)).astype(np.uint8)
    shares = colour_shares(grey, chroma)
    assert shares.shape == (5, N_BINS**3) and shares.dtype == np.float32
    assert shares.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert shares.min() >= 0


def test_one_colour_lies_in_its_bin() -> None:
    """White without colour: the last bin of light, the middle ones of both differences."""
    shares = colour_shares(*sketch(255))[0].reshape(N_BINS, N_BINS, N_BINS)
    assert shares[-1, 3, 3] == pytest.approx(1, abs=1e-5)


def test_a_little_more_light_moves_a_little_weight() -> None:
    dark, lighter, bright = (colour_shares(*sketch(light))[0] for light in (100, 106, 220))
    assert 0 < np.abs(dark - lighter).sum() < 0.5 < np.abs(dark - bright).sum()


def test_blue_and_red_differ() -> None:
    blue, red = colour_shares(*sketch(120, blue=180))[0], colour_shares(*sketch(120, red=180))[0]
    assert np.minimum(blue, red).sum() < 0.5


def test_where_things_lie_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    grey = np.kron(rng.integers(0, 256, (1, 8, 8)), np.ones((1, 6, 6))).astype(np.uint8)
    chroma = rng.integers(60, 200, (1, 2, 8, 8)).astype(np.uint8)
    turned = colour_shares(grey[:, ::-1, ::-1], chroma[:, :, ::-1, ::-1])
    assert turned == pytest.approx(colour_shares(grey, chroma), abs=1e-5)
