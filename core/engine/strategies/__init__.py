"""The ways to train, one module a strategy."""
