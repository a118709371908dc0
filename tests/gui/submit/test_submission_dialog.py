"""The competition dialog: checked while one types, nothing saved that does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from core.jobs import JobContext
from core.project.exclusion import exclude_images
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.removal import remove_images
from core.project.rows import list_sources
from core.submission import Missing, Says
from core.submission import make as make_module
from core.submission.evidence import Agreement
from core.text import text
from gui import theme
from gui.messages import Message
from gui.pages import PageContext
from gui.submit.submission_dialog import N_PREVIEW, SubmissionDialog
from gui.submit.dialog_parts import Tone
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder

NAMES = ["blue_0.png", "blue_1.png", "red_0.png", "red_1.png", "red_2.png"]


@pytest.fixture
def dialog(context: PageContext, project_folder: Path, qtbot: QtBot) -> SubmissionDialog:
    context.session.open(project_folder)
    made = SubmissionDialog(context, context.window)
    made.show()
    return made


def template(folder: Path, text: str) -> str:
    path = folder / "template.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def type_code(dialog: SubmissionDialog, name: str, code: str) -> None:
    row = next(i for i in range(dialog.codes.rowCount()) if dialog.codes.item(i, 0).text() == name)
    dialog.codes.item(row, 1).setText(code)


def preview(dialog: SubmissionDialog) -> list[list[str]]:
    model = dialog.preview.model()
    return [[model.index(i, j).data() for j in range(model.columnCount())] for i in range(model.rowCount())]


def test_without_a_template_it_is_ready_at_once(dialog: SubmissionDialog) -> None:
    assert (dialog.verdict.tone, dialog.verdict.label.text()) == (
        Tone.RIGHT, "Ready: 5 lines, every test image exactly once.")
    assert preview(dialog) == [[name, "0" if name.startswith("blue") else "1"] for name in NAMES]
    needed = N_PREVIEW * theme.row_px(dialog.preview) + dialog.preview.horizontalHeader().sizeHint().height()
    assert dialog.preview.sizeHint().height() > needed, "all lines of the preview are in sight where there is room"
    assert dialog.codes.codes == {"blue": "0", "red": "1"} and dialog.save.isEnabled()


def test_codes_that_are_typed_show_at_once(dialog: SubmissionDialog) -> None:
    type_code(dialog, "red", "7")
    assert preview(dialog)[-1] == ["red_2.png", "7"]
    type_code(dialog, "red", "")
    assert dialog.verdict.label.text().startswith("The class map has no code for “red”")
    assert not dialog.save.isEnabled() and preview(dialog) == []
    type_code(dialog, "red", "0")
    assert dialog.verdict.tone is Tone.DOUBT and dialog.save.isEnabled()


def test_a_template_gives_columns_order_and_codes(dialog: SubmissionDialog, tmp_path: Path) -> None:
    lines = "\n".join(f"{name},blue" for name in reversed(NAMES))
    dialog.template.setText(template(tmp_path, f"picture,says\n{lines}\n"))
    assert dialog.verdict.tone is Tone.RIGHT
    assert preview(dialog)[0] == ["red_2.png", "red"]
    assert dialog.save_to(tmp_path / "s.csv")
    assert (tmp_path / "s.csv").read_text().splitlines()[:2] == ["picture,says", "red_2.png,red"]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("ID,T\nblue_0.png,0\n", "The template has no line for “blue_1.png”, “red_0.png”, “red_1.png” and 1 more."),
        ("ID,T\n" + "".join(f"{n},0\n" for n in [*NAMES, "red_0.png"]), "The template names “red_0.png” twice."),
        ("ID,T\n" + "".join(f"{n},0\n" for n in [*NAMES, "x.png"]), "“x.png”, but there is no such"),
        ("ID\nred_0.png\n", "is not a table with at least two columns."),
        ("ID,T\n" + "".join(f"{n},what\n" for n in NAMES), "are neither classes nor numbers."),
    ],
)
def test_a_template_that_does_not_fit_is_refused_in_words(
    dialog: SubmissionDialog, tmp_path: Path, table: str, sentence: str
) -> None:
    dialog.template.setText(template(tmp_path, table))
    assert dialog.verdict.tone is Tone.WRONG and sentence in dialog.verdict.label.text()
    assert not dialog.save.isEnabled()
    assert not dialog.save_to(tmp_path / "s.csv") and not (tmp_path / "s.csv").exists()
    dialog.template.clear()
    assert dialog.save.isEnabled()


def test_codes_typed_by_hand_help_where_the_template_suggests_none(dialog: SubmissionDialog, tmp_path: Path) -> None:
    dialog.template.setText(template(tmp_path, "ID,T\n" + "".join(f"{n},what\n" for n in NAMES)))
    type_code(dialog, "red", "r")
    assert "no code for “blue”" in dialog.verdict.label.text()
    type_code(dialog, "blue", "b")
    assert preview(dialog)[0] == ["blue_0.png", "b"]


def test_the_form_and_the_source_of_the_codes_are_shown(dialog: SubmissionDialog, tmp_path: Path) -> None:
    assert dialog.about.text() == (
        "One column, “Ground_Truth”, with the code of the predicted class. "
        "These codes follow the natural order of the class names: check them, or give others.")
    dialog.template.setText(template(tmp_path, "id,red,blue\n" + "".join(f"{n},0,0\n" for n in NAMES)))
    assert dialog.about.text().startswith(text("submission.form.columns_probability"))
    assert not dialog.codes.isEnabled(), "the columns name the classes"
    assert float(preview(dialog)[0][2]) > 0.5, "blue_0.png is blue"
    dialog.template.clear()
    assert dialog.codes.isEnabled()


def test_what_to_write_can_be_chosen(dialog: SubmissionDialog, tmp_path: Path) -> None:
    dialog.template.setText(template(tmp_path, "id,label\n" + "".join(f"{n},0\n" for n in NAMES)))
    dialog.write.setCurrentIndex(dialog.write.findData(str(Says.PROBABILITY)))
    assert "the probability of red" in dialog.about.text() and float(preview(dialog)[0][1]) < 0.5
    dialog.write.setCurrentIndex(dialog.write.findData(str(Says.ONE_HOT)))
    assert dialog.verdict.tone is Tone.WRONG and "--" not in dialog.verdict.label.text()


def test_example_answers_that_contradict_are_refused_until_codes_are_typed(
    dialog: SubmissionDialog, tmp_path: Path
) -> None:
    def contradict(*_: object) -> Agreement:
        return Agreement(9, 0, {"blue": "1", "red": "0"}, 9, True)

    lines = "".join(f"{n},{int(n.startswith('blue'))}\n" for n in NAMES)
    with pytest.MonkeyPatch.context() as patch:  # five images are too few to contradict
        patch.setattr(make_module, "compare_examples", contradict)
        dialog.template.setText(template(tmp_path, f"id,label\n{lines}"))
        assert dialog.verdict.tone is Tone.WRONG and "contradict the codes" in dialog.verdict.label.text()
        assert not dialog.save.isEnabled()
        type_code(dialog, "blue", "1")
        type_code(dialog, "red", "0")
        assert dialog.save.isEnabled() and preview(dialog)[0] == ["blue_0.png", "1"]
        type_code(dialog, "blue", "0")
        type_code(dialog, "red", "1")
        assert dialog.save.isEnabled(), "the proposed codes, typed, count as given"


def test_an_image_that_cannot_be_read_is_named_and_answered_as_chosen(
    context: PageContext, project_folder: Path, tmp_path: Path
) -> None:
    with Project.open(project_folder) as project:
        (folder,) = (source.path for source in list_sources(project) if source.split == "test")
        (folder / "cut.png").write_bytes((folder / NAMES[0]).read_bytes()[:300])
        import_folder(project, folder, split="test", with_labels=False, context=JobContext())
    context.session.open(project_folder)
    dialog = SubmissionDialog(context, context.window)
    dialog.show()
    assert dialog.verdict.tone is Tone.DOUBT and "5 lines; no line for cut.png (" in dialog.verdict.label.text()
    assert dialog.save.isEnabled()
    lines = "".join(f"{n},blue\n" for n in [*NAMES, "cut.png"])
    dialog.template.setText(template(tmp_path, f"id,label\n{lines}"))
    assert dialog.verdict.tone is Tone.WRONG and "“cut.png” cannot be read (" in dialog.verdict.label.text()
    dialog.missing.setCurrentIndex(dialog.missing.findData(str(Missing.MAJORITY)))
    assert dialog.verdict.tone is Tone.DOUBT and "written as chosen: cut.png" in dialog.verdict.label.text()
    assert dialog.save_to(tmp_path / "s.csv")
    assert len((tmp_path / "s.csv").read_text().splitlines()) == 7


def test_saving_says_where_and_closes(
    dialog: SubmissionDialog, tmp_path: Path, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = str(tmp_path / "mine")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen, ""))
    dialog.save.click()
    assert (tmp_path / "mine.csv").read_text().startswith("ID,Ground_Truth\nblue_0.png,0\n")
    said = messages[-1].sentence
    assert said.startswith("5 lines in ") and said.endswith("read back and compared.")
    assert not dialog.isVisible()


def test_a_place_that_cannot_be_written_is_said_and_the_dialog_stays(
    dialog: SubmissionDialog, tmp_path: Path
) -> None:
    assert not dialog.save_to(tmp_path / "nowhere" / "s.csv")
    assert "cannot be written" in dialog.verdict.label.text() and dialog.isVisible()


def test_pictures_that_are_new_since_the_run_are_predicted_first(
    context: PageContext, trained: Path, project_folder: Path, runner_now: RunnerNow, tmp_path: Path
) -> None:
    write_class_folder(tmp_path / "more", "blue", 2, first_seed=400)
    for number, path in enumerate(sorted((tmp_path / "more").iterdir())):
        path.rename(path.with_name(f"new_{number}.png"))
    context.session.open(project_folder)
    import_folder(context.session.project, tmp_path / "more", split="test", with_labels=False, context=JobContext())
    dialog = SubmissionDialog(context, context.window)
    dialog.show()
    assert "2 test images" in dialog.verdict.label.text() and not dialog.save.isEnabled()
    runner_now.run_all()
    assert dialog.verdict.label.text().startswith("Ready: 7 lines")
    run = context.session.run
    assert run is not None
    assert len(image_ids(context.session.project, ImageFilter(split="test", run_id=run.id))) == 7


def test_a_dialog_that_is_closed_wants_nothing_more(
    context: PageContext, project_folder: Path, runner_now: RunnerNow, tmp_path: Path
) -> None:
    write_class_folder(tmp_path / "more", "blue", 1, first_seed=400)
    context.session.open(project_folder)
    import_folder(context.session.project, tmp_path / "more", split="test", with_labels=False, context=JobContext())
    dialog = SubmissionDialog(context, context.window)
    dialog.show()
    job = runner_now.current
    dialog.reject()
    runner_now.run_all()
    assert job is not None and job.signalsBlocked()


def test_the_act_opens_it(context: PageContext, project_folder: Path) -> None:
    context.session.open(project_folder)
    context.window.actions_table.do("file.submission")
    assert context.window.findChild(SubmissionDialog).isVisible()  # type: ignore[union-attr]


def test_excluded_test_images_keep_their_lines_and_removed_ones_are_missed_aloud(
    context: PageContext, project_folder: Path, tmp_path: Path
) -> None:
    context.session.open(project_folder)
    test = image_ids(context.session.project, ImageFilter(split="test"))
    exclude_images(context.session.project, test[:2])
    dialog = SubmissionDialog(context, context.window)
    said = dialog.verdict.label.text()
    assert (dialog.verdict.tone, len(preview(dialog))) == (Tone.RIGHT, 5) and "2 of the images are excluded" in said
    dialog.reject()
    remove_images(context.session.project, test[:1])
    dialog = SubmissionDialog(context, context.window)
    said = dialog.verdict.label.text()
    assert (dialog.verdict.tone, len(preview(dialog))) == (Tone.DOUBT, 4) and "1 image was removed" in said
    assert "catalejo" not in said, "the window has no command line"
    lines = "\n".join(f"{name},blue" for name in NAMES)
    dialog.template.setText(template(tmp_path, f"picture,says\n{lines}\n"))
    assert dialog.verdict.tone is Tone.WRONG and "blue_0.png" in dialog.verdict.label.text()
    assert not dialog.save.isEnabled()
    dialog.reject()
