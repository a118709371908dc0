"""The truth of a project: catalog, import, labels, undo journal, snapshots and splits."""
