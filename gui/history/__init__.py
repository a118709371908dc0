"""The history of changes: a list that leads back to any point of it."""
