"""Shows one Markdown page: links, history, anchors, pictures no wider than the view, Ctrl+wheel for the text size."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QImage, QResizeEvent, QTextBlock, QTextBlockFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextBrowser

from gui import theme
from gui.help.guide import anchor_of

OF_PICTURE = "\ufffc"
"""Stands for a picture in the text of a block."""

LINE_HEIGHT = 130
"""Per cent of the height of the letters."""

RESIZED_MS = 150
"""So long after the last change of width the pictures are fitted again."""


class GuideView(QTextBrowser):
    """Qt's Markdown has no anchors and shows pictures in their own size; this adds both.

    Args:
        name: Its accessible name.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setOpenExternalLinks(True)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # else it comes after the fitting
        self._width_px = 0
        self._fitting = QTimer(self, singleShot=True, interval=RESIZED_MS)
        self._fitting.timeout.connect(self._fit)
        theme.current().changed.connect(self._show_again)

    def doSetSource(
        self, name: QUrl | str, type: QTextDocument.ResourceType = QTextDocument.ResourceType.UnknownResource
    ) -> None:
        """Also called for back, forward and links."""
        super().doSetSource(name, type)
        self.document().setDocumentMargin(theme.MARGIN)
        self._name_headings()
        if fragment := QUrl(name).fragment():
            self.scrollToAnchor(fragment)

    def loadResource(self, type: int, name: QUrl | str) -> object:
        """A picture is made as wide as the view at most."""
        if type != QTextDocument.ResourceType.ImageResource.value:
            return super().loadResource(type, name)
        image = QImage(self.source().resolved(QUrl(name)).toLocalFile())
        self._width_px = self.viewport().width()
        room = int((self._width_px - 2 * theme.MARGIN) * self.devicePixelRatio())
        if image.width() > room > 0:
            image = image.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(self.devicePixelRatio())
        return image

    def show_words(self, words: str) -> None:
        """Mark the next place of the words, if there is one."""
        if words and not self.find(words):
            self.moveCursor(QTextCursor.MoveOperation.Start)
            self.find(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.viewport().width() != self._width_px:
            self._fitting.start()

    def _fit(self) -> None:
        if self.viewport().width() != self._width_px:
            self._show_again()

    def _show_again(self) -> None:
        """The colours of links and the sizes of pictures are those of the moment of loading."""
        place = self.verticalScrollBar().value()
        self.reload()
        self.verticalScrollBar().setValue(place)

    def _name_headings(self) -> None:
        block: QTextBlock = self.document().begin()
        while block.isValid():
            cursor = QTextCursor(block)
            if block.blockFormat().headingLevel() > 0 and block.length() > 1:
                cursor.mergeBlockFormat(_heading())
                cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
                anchored = cursor.charFormat()
                anchored.setAnchor(True)
                anchored.setAnchorNames([anchor_of(block.text())])
                cursor.setCharFormat(anchored)
            elif OF_PICTURE not in block.text():
                cursor.mergeBlockFormat(_airy())
            block = block.next()


def _heading() -> QTextBlockFormat:
    room = QTextBlockFormat()
    room.setTopMargin(theme.AROUND)
    room.setBottomMargin(theme.BETWEEN)
    return room


def _airy() -> QTextBlockFormat:
    lines = QTextBlockFormat()
    lines.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    return lines
