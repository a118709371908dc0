"""The pictures themselves: image model, thumbnails, grid, table and loupe, the same on every page."""
