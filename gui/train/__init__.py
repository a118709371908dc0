"""The page Train: how, on what, while it runs, what came of it, and all runs so far."""
