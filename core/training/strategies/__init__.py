"""The ways to train, one file each: settings, words, and what trains and predicts; see `core.training.registry`."""
