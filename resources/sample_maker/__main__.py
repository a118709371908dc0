"""Draws the sample data set into `resources/sample`: `python -m resources.sample_maker`."""

from pathlib import Path

from resources.sample_maker.dataset import write_sample

if __name__ == "__main__":
    write_sample(Path(__file__).parents[1] / "sample")
