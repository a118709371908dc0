"""Networks on the Train page: what they cost, fetched after a question only, or given as a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from core.training.strategies.transfer import TransferSettings
from core.text import text
from gui.pages import PageContext
from gui.train.networks import NetworkChooser, list_networks
from gui.train.train_page import TrainPage
from tests.gui.conftest import RunnerNow


def dialog(context: PageContext) -> QMessageBox:
    (box,) = (b for b in context.window.findChildren(QMessageBox) if b.isVisible())
    return box


def click(box: QMessageBox, name: str) -> None:
    button = box.findChild(QPushButton, name)
    assert button is not None
    button.click()


def test_a_download_is_asked_for_first(
    page: TrainPage, context: PageContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, runner_now: RunnerNow
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    context.plan.choose_strategy("transfer")
    context.plan.keep_settings(TransferSettings("MobileNet_v2"))
    page.start.click()
    box = dialog(context)
    size = next(n for n in list_networks() if n.name == "mobilenet-v2").download_mb
    assert f"{size:.0f} MB" in box.informativeText() and box.defaultButton().objectName() != "fetch"
    box.reject()
    watch = context.training
    assert watch.job is None
    page.start.click()
    click(dialog(context), "fetch")
    runner_now.prepare_all()
    assert watch.job is not None and watch.job.inputs.allow_download  # type: ignore[attr-defined]
    watch.job.cancel()


def test_a_weights_file_of_ones_own_needs_no_download(
    page: TrainPage, context: PageContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, runner_now: RunnerNow
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    context.plan.choose_strategy("transfer")
    context.plan.keep_settings(TransferSettings("mobilenet-v2"))
    page.setup.weights.chosen.emit(tmp_path / "own.h5")
    page.start.click()
    watch = context.training
    runner_now.prepare_all()
    assert watch.job is not None and watch.job.inputs.weights == tmp_path / "own.h5"  # type: ignore[attr-defined]
    watch.job.cancel()


def test_networks_say_what_they_cost(page: TrainPage, context: PageContext, qtbot: QtBot) -> None:
    context.plan.choose_strategy("transfer")
    chooser = page.setup.findChild(NetworkChooser)
    qtbot.waitUntil(lambda: chooser.list.count() > 10, timeout=60_000)
    assert chooser.list.itemText(0) == "efficientnet-lite0 · on this computer"
    assert any("download of" in chooser.list.itemText(i) for i in range(chooser.list.count()))
    chooser.list.setCurrentIndex(chooser.list.findData("vgg19"))
    assert page.hint.text() == text("window_train.fetch_first", mb=575)
    assert page.setup.form.settings().backbone == "vgg19"
