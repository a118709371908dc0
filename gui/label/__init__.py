"""The Label page: one image after another, by keys alone."""
