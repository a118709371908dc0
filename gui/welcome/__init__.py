"""The first page: begin a project, go on with one, or look around."""
