"""Widgets that several pages use: grid, table, loupe, thumbnails, lists."""
