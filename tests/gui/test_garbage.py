"""Garbage is collected in the window's thread and in no other."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtWidgets import QApplication

from gui.garbage import GarbageInThisThread


class Knot:
    """Refers to itself, so that only the cyclic collector frees it."""

    def __init__(self) -> None:
        self.itself = self


def tie_many_knots() -> None:
    for _ in range(20_000):
        Knot()


def test_a_worker_thread_collects_nothing(qapp: QApplication) -> None:
    watched = weakref.ref(Knot())
    thread = threading.Thread(target=tie_many_knots)
    thread.start()
    thread.join()
    assert watched() is not None


def test_the_window_collects_what_is_due(qapp: QApplication) -> None:
    keeper = qapp.findChild(GarbageInThisThread)
    assert keeper is not None
    gc.collect()
    watched = weakref.ref(Knot())
    tie_many_knots()
    keeper.collect_what_is_due()
    assert watched() is None
