"""What the message bar says of an import: every image of the folder is counted once."""

from __future__ import annotations

from pathlib import Path

from core.project.project import Project
from gui.library.importing import say_import
from gui.messages import Message, Tone
from tests.conftest import draw_picture
from tests.project_acts import import_folder


def test_images_that_cannot_be_read_are_counted_and_told_each_time(
    tmp_path: Path, image_folder: Path, messages: list[Message]
) -> None:
    with Project.create(tmp_path / "p.catalejo") as project:
        say_import(import_folder(project, image_folder))
        draw_picture(700, "blue").save(image_folder / "blue" / "blue_1.png")
        say_import(import_folder(project, image_folder))
    first, again = messages
    assert first.sentence.startswith("21 images in the folder: 20 new.")
    assert again.sentence.startswith("21 images in the folder: 20 unchanged. 1 image changed")
    for message in messages:
        assert message.sentence.endswith("1 file cannot be read.") and message.tone is Tone.DOUBT
