"""What to write into a submission, and what for images without a prediction, as two boxes to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Generic, TypeVar

from PySide6.QtWidgets import QComboBox

from core.submission import Missing, Says

Choice = TypeVar("Choice", bound=StrEnum)


class ChoiceBox(QComboBox, Generic[Choice]):
    """Words to choose from, each for a choice or for none.

    Args:
        name: What is chosen, for screen readers and as a tooltip.
        kind: Whose values the choices are; Qt gives plain texts back.
        choices: Words and choice of each line.
    """

    def __init__(self, name: str, kind: type[Choice], choices: Sequence[tuple[str, Choice | None]]) -> None:
        super().__init__()
        self._kind = kind
        self.setAccessibleName(name)
        self.setToolTip(name)
        for words, choice in choices:
            self.addItem(words, None if choice is None else str(choice))

    @property
    def choice(self) -> Choice | None:
        """What is chosen."""
        value = self.currentData()
        return None if value is None else self._kind(value)

    def choose(self, choice: Choice | None) -> None:
        """As if a person chose it."""
        self.setCurrentIndex(self.findData(None if choice is None else str(choice)))


class WriteBox(ChoiceBox[Says]):
    """What is written where the template could want several things."""

    def __init__(self) -> None:
        super().__init__(self.tr("What to write"), Says, (
            (self.tr("What the template asks for"), None), (self.tr("The class"), Says.CLASS),
            (self.tr("Probabilities"), Says.PROBABILITY), (self.tr("One-hot: 1 for the class, else 0"), Says.ONE_HOT),
        ))


class MissingBox(ChoiceBox[Missing]):
    """What is written for images without a prediction."""

    def __init__(self) -> None:
        super().__init__(self.tr("What to write for images without a prediction"), Missing, (
            (self.tr("No line; refused if the template has one"), None),
            (self.tr("The class with the most labels"), Missing.MAJORITY),
            (self.tr("The mean probability of all others"), Missing.MEAN),
        ))
