"""What a person asks of a project, put together from jobs and the catalog.

Every long act is cut the same way: *prepare* takes a frozen snapshot from the project, the
*job* computes without the catalog, *record* writes what it found. Commands do the three in
one process; the window does the middle one in the engine process.
"""
