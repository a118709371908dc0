"""What a run got right and wrong, and whether the data can be trusted."""
