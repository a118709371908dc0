"""Starting a training from anywhere in the window: what blocks it is said, what is fetched is asked first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from core.errors import AppError
from core.text import Message, render, text
from core.workflow.readiness import Concern, count_training_data, find_concerns
from gui import messages
from gui.pages import PageContext
from gui.train.networks import Network, find_network
from gui.train.plan import TrainingPlan


def start_training(context: PageContext) -> None:
    """Train as planned; speaks through messages where that cannot be done now."""
    plan, watch = context.plan, context.training
    if watch.is_training and watch.job is not None:
        messages.tell(
            text("window_train.not_finished", title=watch.job.title),
            text("window_train.not_finished.hint"),
        )
        return
    blocking = [c for c in _concerns(context, plan) if c.is_blocking]
    if blocking:
        messages.doubt(render(blocking[0].message))
        return
    network = find_network(plan.backbone) if plan.backbone and plan.weights is None else None
    if network is not None and not network.is_here and not context.preferences.may_fetch:
        messages.doubt(Message("window.may_not_fetch", name=network.name), Message("window.may_not_fetch.hint"))
    elif network is not None and not network.is_here:
        _ask_to_fetch(context, plan, network)
    else:
        _train(context, plan)


def _concerns(context: PageContext, plan: TrainingPlan) -> tuple[Concern, ...]:
    data = count_training_data(context.session.project)
    return find_concerns(data, needs_labels=plan.declaration.needs_labels)


def _train(context: PageContext, plan: TrainingPlan, *, allow_download: bool = False) -> None:
    try:
        context.jobs.train(plan.strategy, plan.settings, allow_download=allow_download, weights=plan.weights)
    except AppError as error:
        messages.warn(error)


def _ask_to_fetch(context: PageContext, plan: TrainingPlan, network: Network) -> None:
    box = build_consent(network, context.window)
    box.accepted.connect(lambda: _train(context, plan, allow_download=True))
    box.open()


def build_consent(network: Network, parent: QWidget) -> QMessageBox:
    """Asks before anything is fetched; `accepted` means yes."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(text("window_train.fetch_title"))
    box.setText(text("window_train.not_here_yet", name=network.name))
    box.setInformativeText(text("window_train.fetch_explained", mb=network.download_mb, licence=network.licence))
    fetch = box.addButton(
        text("window_train.fetch_and_train", mb=network.download_mb), QMessageBox.ButtonRole.AcceptRole
    )
    fetch.setObjectName("fetch")
    keep = box.addButton(text("window_train.do_not_fetch"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    return box
