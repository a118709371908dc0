"""The page Runs: all runs as a table, with stars, notes, curves and the learning curve."""
