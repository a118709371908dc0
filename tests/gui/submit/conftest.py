"""The project and the window of the Review page serve here too."""

from tests.gui.review.conftest import context, project_folder, trained, untrained

__all__ = ["context", "project_folder", "trained", "untrained"]
