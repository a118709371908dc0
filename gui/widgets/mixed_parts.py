"""The question before one act touches training and test images alike: the training images alone, or all?

A label on a training image is learnt from, one on a test image measures: whoever presses a digit over everything
seldom means both.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from core.text import Message, text
from core.workflow.touched import Touched, split_touched
from gui.session import Session

Act = Callable[[np.ndarray], object]
Role = QMessageBox.ButtonRole


def settle_parts(session: Session, parent: QWidget, what: str, image_ids: np.ndarray, act: Act) -> QMessageBox | None:
    """Do something to images; where they are of both parts, once it is said to which.

    Args:
        parent: Under whose window it is asked.
        what: The act, as in the codes `widgets.also.<what>`.
        image_ids: (n_images,) int64.
        act: Does it to those that are meant.

    Returns:
        The question, open; None where there was nothing to ask and it is done.
    """
    touched = split_touched(session.project, image_ids)
    if not touched.is_mixed:
        act(image_ids)
        return None
    box = MixedPartsBox(touched, what, parent.window())
    session.project_changed.connect(box.reject)  # ids of one project mean other images in the next
    box.chosen_train.clicked.connect(lambda: act(touched.train_ids))
    box.chosen_all.clicked.connect(lambda: act(image_ids))
    box.open()
    return box


class MixedPartsBox(QMessageBox):
    """Enter takes the training images alone, Escape nothing.

    Attributes:
        chosen_train, chosen_all: The buttons.
    """

    def __init__(self, touched: Touched, what: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle(text("widgets.mixed_title"))
        self.setText(text(f"widgets.also.{what}", n=len(touched.test_ids)))
        self.setInformativeText(text("widgets.mixed_hint", images=touched.words))
        n_all = len(touched.train_ids) + len(touched.test_ids)
        self.chosen_train = self.addButton(
            text("widgets.only_these", images=Message("text.training_images", n=len(touched.train_ids))),
            Role.AcceptRole)
        self.chosen_all = self.addButton(
            text("widgets.all_these", images=Message("text.images", n=n_all)), Role.YesRole)
        cancel = self.addButton(QMessageBox.StandardButton.Cancel)
        self.setDefaultButton(self.chosen_train)
        self.setEscapeButton(cancel)
