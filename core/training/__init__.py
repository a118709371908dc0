"""Training: settings, folds, heads and strategies."""
