"""Finding an act by its name or its key."""
