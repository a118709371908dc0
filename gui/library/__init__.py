"""The page Library: sources, classes and filters of a project, and what is imported into it."""
