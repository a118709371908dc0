"""The inspector shows what the camera noted, and nothing where it noted nothing."""

from __future__ import annotations

from datetime import datetime

from pytestqt.qtbot import QtBot

from core.images.photo_facts import PhotoFacts
from gui.inspector.photo_section import PhotoSection


def test_facts_are_said_as_cameras_write_them(qtbot: QtBot) -> None:
    section = PhotoSection()
    qtbot.addWidget(section)
    section.show_facts(PhotoFacts(datetime(2024, 5, 6, 7, 8), "Acme X", "Prime", 0.004, 2.8, 400, 35.0, True))
    assert section.isVisible() and section.camera.text() == "Acme X · Prime"
    assert section.exposure.text() == "1/250 s · f/2.8 · ISO 400 · 35 mm"
    assert section.taken.text().startswith("Taken ")
    section.show_facts(PhotoFacts(exposure_s=2.0))
    assert section.exposure.text() == "2 s" and not section.camera.isVisible() and not section.place.isVisible()
    section.show_facts(PhotoFacts())
    assert not section.isVisible()
