"""Starts a training from anywhere in the window, and asks first what has to be asked.

Networks are fetched after a question only, the key of “Train again” is asked about where a person prefers that, and
so is a training that would repeat a run.
"""

from __future__ import annotations

from functools import partial

from core.text import Message, text
from core.workflow.again import SameRun
from core.workflow.readiness import Concern, count_training_data, find_concerns
from gui import messages
from gui.jobs import Job
from gui.pages import PageContext
from gui.train.networks import Network, list_networks, what_to_fetch
from gui.train.plan import TrainingPlan
from gui.widgets.questions import yes_no_box

TRAINS = messages.cause_of("train")
"""Cause of messages that are over once a training begins."""


def start_training(context: PageContext, *, is_key: bool = False) -> None:
    """Train as planned; speaks through messages where that cannot be done now.

    Args:
        is_key: It may have been pressed by accident, so it is asked about where a person prefers that.
    """
    plan, watch = context.plan, context.training
    if watch.is_training and watch.job is not None:
        messages.doubt(
            Message("window_train.not_finished", title=watch.job.title), Message("window_train.not_finished.hint"),
            cause=TRAINS)
        return
    blocking = [c for c in _concerns(context, plan) if c.is_blocking]
    if blocking:
        messages.doubt(blocking[0].message, cause=TRAINS)
        return
    missing = what_to_fetch(plan.backbones, list_networks()) if plan.backbones else None
    if missing is not None and not context.preferences.may_fetch:
        messages.doubt(Message("window.may_not_fetch", name=missing.name), Message("window.may_not_fetch.hint"),
                       cause=TRAINS)
    elif missing is not None:
        _ask_to_fetch(context, plan, missing)
    elif is_key and context.preferences.asks_before_training:
        _ask_first(context, plan)
    else:
        _train(context, plan)


def _concerns(context: PageContext, plan: TrainingPlan) -> tuple[Concern, ...]:
    data = count_training_data(context.session.project)
    return find_concerns(data, needs_labels=plan.declaration.needs_labels)


def _train(
    context: PageContext, plan: TrainingPlan, *, allow_download: bool = False, is_sure: bool = False
) -> None:
    """Train; unless somebody `is_sure`, it is asked first where a run has learnt the same already."""
    ask = None if is_sure else partial(_ask_to_repeat, context, plan)
    with messages.warned():
        context.jobs.train(plan.strategy, plan.settings, allow_download=allow_download,
                           weights=plan.weights if plan.backbone else None, ask_if_same=ask)


def _ask_to_repeat(context: PageContext, plan: TrainingPlan, job: Job, same: SameRun) -> None:
    context.training.forget(job)
    box = yes_no_box(
        context.window, text("window_train.same_title"), text("window_train.same", run=same.run),
        text("window_train.same.further") if same.would_go_further else text("window_train.same.hint"),
        yes=text("window_train.same_yes"), no=text("window_train.do_not_train"), yes_name="again",
    )
    box.setObjectName("sameQuestion")
    box.accepted.connect(lambda: _train(context, plan, is_sure=True))
    box.open()


def _ask_first(context: PageContext, plan: TrainingPlan) -> None:
    data = count_training_data(context.session.project)
    box = yes_no_box(
        context.window, text("window_train.train_again"),
        text("window_train.train_now", strategy=plan.declaration.title), text("window_train.train_now.hint"),
        yes=text("window_train.train_on", n=data.n_labels) if plan.declaration.needs_labels
        else text("window_train.predict_images", n=data.n_images),
        no=text("window_train.do_not_train"), yes_name="train",
    )
    box.setObjectName("trainQuestion")
    box.accepted.connect(lambda: _train(context, plan))
    box.open()


def _ask_to_fetch(context: PageContext, plan: TrainingPlan, network: Network) -> None:
    box = yes_no_box(
        context.window, text("window_train.fetch_title"), text("window_train.not_here_yet", name=network.name),
        text("window_train.fetch_explained", mb=network.download_mb, licence=network.licence),
        yes=text("window_train.fetch_and_train", mb=network.download_mb), no=text("window_train.do_not_fetch"),
        yes_name="fetch",
    )
    box.accepted.connect(lambda: _train(context, plan, allow_download=True))
    box.open()
