"""How head, figures and images of the Review page share it: what folds away, which way they stand, how wide each is.

What a person folded or moved is kept in the preferences. Until then details and figures are open where two lines of
images stay in sight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QSplitter

from gui.preferences import Preferences

if TYPE_CHECKING:
    from gui.review.review_page import ReviewPage

WIDE_PX = 820
"""From this width on large figures stand beside the images; otherwise they stand above them."""

MOST_OF_WIDTH, MOST_OF_HEIGHT = 0.5, 0.48
"""Share of the page that the figures take at most until a person says more."""

N_LINES, MIN_IMAGES_PX = 2, 240
"""Lines of tiles that stay in sight below the figures, and the least width of images beside them."""

HIGH_PX = 680
"""From this height of the page on its head begins with all details."""

FOLDED, DETAILS = "review_folded", "review_details"


class Arrangement(QObject):
    """Arranges the page.

    Args:
        page: With `header`, `matrix`, `modes` and `browser`.
        splitter: Holds figures and images.
        preferences: Keep what a person does.
    """

    def __init__(self, page: ReviewPage, splitter: QSplitter, preferences: Preferences) -> None:
        super().__init__(page)
        self._page, self._splitter, self._preferences = page, splitter, preferences
        self._is_set = False
        splitter.splitterMoved.connect(self._on_splitter_moved)
        page.matrix.fold_asked.connect(self._on_fold_asked)
        page.matrix.kind_changed.connect(self._on_kind_changed)
        page.header.details.button.clicked.connect(self._on_details_clicked)
        page.header.expected.changed.connect(self.arrange)

    def forget(self) -> None:
        """Another run or other text: sizes are found anew, but for those that are kept."""
        self._is_set = False

    def arrange(self) -> None:
        """Beside or above the images, as there is room, and no larger than the figures need."""
        self._fold()
        matrix, splitter = self._page.matrix, self._splitter
        content, height = matrix.content_size(), splitter.height()
        is_wide = not matrix.is_folded and (
            self._page.width() - self._lists_px >= WIDE_PX and content.height() > height * MOST_OF_HEIGHT)
        orientation = Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical
        if splitter.orientation() is not orientation:
            splitter.setOrientation(orientation)
            self._is_set = False
        if self._is_set and not matrix.is_folded:
            return
        whole = splitter.width() if is_wide else height
        first = self._first_px(whole, is_wide=is_wide)
        splitter.setSizes([first, max(whole - first, 1)])
        browser = self._page.browser
        browser.grid.scrollTo(browser.selection.currentIndex())

    def _first_px(self, whole: int, *, is_wide: bool) -> int:
        """Room of the figures: as a person left it, else as they need it."""
        matrix = self._page.matrix
        hint, content = matrix.minimumSizeHint(), matrix.content_size()
        least = hint.width() if is_wide else hint.height()
        if matrix.is_folded:
            return least
        kept = self._preferences.number(self._split_name(), 0)
        if kept:
            return max(least, min(kept, whole - (MIN_IMAGES_PX if is_wide else self._page.browser.minimumHeight())))
        wanted = content.width() if is_wide else content.height()
        return max(min(wanted, int(whole * (MOST_OF_WIDTH if is_wide else MOST_OF_HEIGHT))), least)

    @property
    def _lists_px(self) -> int:
        """Width of the lists beside figures and images."""
        lists = self._page.lists
        return lists.width() if lists.isVisibleTo(self._page) else 0

    def _split_name(self) -> str:
        is_wide = self._splitter.orientation() is Qt.Orientation.Horizontal
        return f"review_split_{'wide' if is_wide else 'high'}"

    def _fold(self) -> None:
        page, whole = self._page, self._page.height()
        page.header.details.button.setChecked(bool(self._preferences.number(DETAILS, int(whole >= HIGH_PX))))
        above = page.header.minimumHeight() + page.modes.sizeHint().height() + page.browser.bar.sizeHint().height()
        spare = whole - above - page.browser.grid.height_of_lines(N_LINES)
        is_folded = bool(self._preferences.number(FOLDED, int(spare < page.matrix.unfolded_height())))
        if is_folded is not page.matrix.is_folded:
            page.matrix.set_folded(is_folded)
            self._is_set = False

    # ── hearing ──────────────────────────────────────────────────────────

    def _on_splitter_moved(self) -> None:
        self._is_set = True
        if not self._page.matrix.is_folded:
            self._preferences.keep_number(self._split_name(), self._splitter.sizes()[0])

    def _on_fold_asked(self, is_folded: bool) -> None:
        self._preferences.keep_number(FOLDED, int(is_folded))
        self.arrange()

    def _on_kind_changed(self) -> None:
        self._is_set = False
        self.arrange()

    def _on_details_clicked(self, is_open: bool) -> None:
        self._preferences.keep_number(DETAILS, int(is_open))
        self.arrange()
