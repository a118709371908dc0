"""Thumbnails without files, as the tests of the widgets have them."""

from tests.gui.widgets.conftest import fake_thumbnails, thumbnails

__all__ = ["fake_thumbnails", "thumbnails"]
