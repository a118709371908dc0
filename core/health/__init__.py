"""The check of the data: whether labels, pictures and splits are sound; algorithms are in `core.review`."""
