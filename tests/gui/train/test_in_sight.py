"""What stands in sight on the Train page: the button, the chosen preset, labels beside their curves."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.training.strategies.auto import QUICK_SECONDS, AutoSettings
from gui.pages import PageContext
from gui.train.train_page import TrainPage
from gui.widgets.plots import CurvePlot, Series


def test_the_button_stays_in_sight_and_the_inspector_gives_its_room(
    page: TrainPage, context: PageContext, qtbot: QtBot
) -> None:
    workbench = context.window.workbench
    workbench.set_panel("right", QLabel("inspector"))
    workbench.go_to("library")
    context.window.resize(1024, 700)
    assert workbench.is_panel_shown("right")
    workbench.go_to("train")
    assert not workbench.is_panel_shown("right")
    bar = page.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    for value in (0, bar.maximum()):
        bar.setValue(value)
        assert page.start.visibleRegion().boundingRect().height() == page.start.height()
    workbench.go_to("library")
    assert workbench.is_panel_shown("right")


def test_the_chosen_preset_is_shown_as_chosen(page: TrainPage, context: PageContext) -> None:
    plan, buttons = context.plan, page.effort.buttons
    plan.choose_strategy("auto")
    plan.keep_settings(AutoSettings())
    assert [name for name, button in buttons.items() if button.isChecked()] == ["good"]
    plain = buttons["quick"].grab().toImage().pixelColor(6, 6)
    buttons["quick"].click()
    assert [name for name, button in buttons.items() if button.isChecked()] == ["quick"]
    buttons["quick"].clearFocus()
    assert buttons["quick"].grab().toImage().pixelColor(6, 6) != plain, "and looks so"
    assert plan.settings.seconds == QUICK_SECONDS


@pytest.mark.parametrize("ends", [(50.0, 50.0), (50.0, 50.4), (20.0, 95.0)])
def test_labels_of_curves_lie_over_no_line_and_apart(qtbot: QtBot, ends: tuple[float, float]) -> None:
    titles = {"a": "validation set", "b": "training set"}
    series = {key: Series(title, "accent", is_main=True) for key, title in titles.items()}
    chart = CurvePlot("Accuracy (%)", series)
    qtbot.addWidget(chart)
    chart.resize(420, 260)
    chart.show()
    for epoch in range(1, 6):
        chart.add(epoch, {"a": ends[0] * epoch / 5, "b": ends[1] * epoch / 5})
    qtbot.wait(1)
    box = chart.plot.getPlotItem().vb
    places = [label.mapRectToScene(label.boundingRect()) for label in chart._labels.values()]
    last = box.mapViewToScene(QPointF(5, 0)).x()
    assert all(place.left() > last for place in places), "right of the last epoch"
    assert not places[0].adjusted(0, 3, 0, -3).intersects(places[1].adjusted(0, 3, 0, -3))
    assert all(place.right() <= box.mapRectToScene(box.boundingRect()).right() + 1 for place in places)
