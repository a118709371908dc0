"""The Label page: one picture after another, by keys alone."""
