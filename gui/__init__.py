"""The window: shows what core computes and turns clicks into calls."""
