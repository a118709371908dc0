"""The right side of the window: the chosen image in detail."""
