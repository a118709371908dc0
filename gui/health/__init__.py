"""The page Health: is the data sound, and what can be done about it."""
