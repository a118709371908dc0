"""Draws the shipped sample data set, `python -m resources.sample_maker`; not part of the installed program."""
