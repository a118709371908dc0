"""Tests of the guide and its window."""
