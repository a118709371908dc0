"""The review page: complete in itself, escaped, and sound for no mistakes, many classes and lost pictures."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.jobs import JobCancelled, JobContext
from core.review import report
from core.review.metrics import class_figures, confusion_matrix, wilson_interval
from core.review.mistakes import Mistake
from core.review.report import ReportInput, ReportTest, write_report
from core.runs.record import OUT_OF_FOLD, RunRecord
from tests.conftest import RecordingContext, draw_picture

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """Counts tags, keeps texts and attributes, and minds that every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, self._open
        self.text = " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.texts.append(data)


def record_of(classes: tuple[str, ...], labels: np.ndarray, predicted: np.ndarray) -> RunRecord:
    confusion = confusion_matrix(labels, predicted, len(classes))
    n, n_right = len(labels), int(np.trace(confusion))
    return RunRecord(
        run="2026-11-22-001-transfer", created_at="2026-11-22T10:00:00+00:00", program_version="0.1.0",
        strategy="transfer", backbone="efficientnet-lite0", seed=0, settings={"n_folds": 5}, classes=classes,
        n_train=n, n_validation=n, accuracy=n_right / n, accuracy_kind=OUT_OF_FOLD,
        interval=wilson_interval(n_right, n), log_loss=0.1, per_class=class_figures(confusion, classes),
        confusion=tuple(tuple(row) for row in confusion.tolist()), seconds=0.4, fit={"n_folds": 5, "strength": 0.01},
    )


def mistake(path: Path, *, label: str = "pistol", prediction: str = "phone", reading: str = "") -> Mistake:
    return Mistake(1, path, path.name, label, prediction, 0.031, 0.969, reading)


@pytest.fixture
def two_classes() -> RunRecord:
    labels = np.repeat([0, 1], [391, 350])
    predicted = labels.copy()
    predicted[:5] = 1
    return record_of(("pistol", "phone"), labels, predicted)


def write(tmp_path: Path, inputs: ReportInput) -> Page:
    write_report(inputs, tmp_path / "review.html")
    return Page((tmp_path / "review.html").read_text(encoding="utf-8"))


def test_says_the_result_in_plain_words(tmp_path: Path, two_classes: RunRecord) -> None:
    draw_picture(1, "red", (900, 300)).save(tmp_path / "a.jpg")
    found = mistake(tmp_path / "a.jpg", reading="window screen 0.41")
    page = write(tmp_path, ReportInput("guns", two_classes, (found,)))
    assert "Right for 99.3 of 100 new pictures (98.4–99.7); 5 of 741 wrong." in page.text
    assert "read as: window screen 0.41" in page.text and "3.1 %" in page.text and "96.9 %" in page.text
    assert "386 98.7 %" in page.text and "5 1.3 %" in page.text
    assert ("img", "alt", "a.jpg, labelled pistol, taken for phone") in page.attributes


def test_is_complete_in_itself(tmp_path: Path, two_classes: RunRecord) -> None:
    draw_picture(1, "red", (900, 300)).save(tmp_path / "a.jpg")
    page = write(tmp_path, ReportInput("guns", two_classes, (mistake(tmp_path / "a.jpg"),)))
    html = (tmp_path / "review.html").read_text(encoding="utf-8")
    assert "script" not in page.tags and "link" not in page.tags
    assert not re.search(r"https?:|url\(|@import", html)
    addresses = [value or "" for _, name, value in page.attributes if name == "src"]
    assert len(addresses) == 1
    assert addresses[0].startswith("data:image/jpeg;base64,")
    assert len(html) < 60_000


def test_every_header_cell_says_what_it_heads(tmp_path: Path, two_classes: RunRecord) -> None:
    page = write(tmp_path, ReportInput("guns", two_classes, (mistake(tmp_path / "gone.jpg"),)))
    assert page.tags.count("th") == sum(1 for tag, name, _ in page.attributes if (tag, name) == ("th", "scope"))
    assert page.tags.count("table") == page.tags.count("caption") == 4


def test_names_cannot_bring_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    record = record_of((evil, '" onmouseover="x'), np.array([0, 0, 1]), np.array([0, 1, 1]))
    found = Mistake(1, tmp_path / "x", "<img src=x>", evil, '" onmouseover="x', 0.1, 0.9, "<b>reading</b>")
    page = write(tmp_path, ReportInput("<h1>", record, (found,), {evil: "red;background:url(//x)"}))
    assert "script" not in page.tags and "b" not in page.tags and "img" not in page.tags
    assert evil in page.text and "<img src=x>" in page.text
    assert not [a for a in page.attributes if a[1].startswith("on")]
    assert not [a for a in page.attributes if a[1] == "style" and "url" in (a[2] or "")]


def test_no_mistakes_is_a_sentence(tmp_path: Path) -> None:
    page = write(tmp_path, ReportInput("p", record_of(("a", "b"), np.array([0, 1]), np.array([0, 1])), ()))
    assert "No mistakes here." in page.text and "Right for all 2 held-back pictures" in page.text
    assert "Too few labels to tell" in page.text


def test_a_thousand_classes_show_the_most_confused_pairs(tmp_path: Path) -> None:
    classes = tuple(f"class {i}" for i in range(1000))
    labels = np.repeat(np.arange(1000), 3)
    predicted = labels.copy()
    predicted[[0, 1, 30]] = [7, 7, 8]
    page = write(tmp_path, ReportInput("p", record_of(classes, labels, predicted), ()))
    assert ("table", "class", "matrix") not in page.attributes
    assert "class 0 ▶ class 7 2 66.7 %" in page.text
    assert "The other 960 classes" in page.text
    assert (tmp_path / "review.html").stat().st_size < 1_000_000


def test_only_so_many_confused_pairs_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.review.report.MAX_PAIRS", 1)
    classes = tuple(f"class {i}" for i in range(1000))
    labels = np.repeat(np.arange(1000), 3)
    predicted = labels.copy()
    predicted[[0, 1, 30]] = [7, 7, 8]
    page = write(tmp_path, ReportInput("p", record_of(classes, labels, predicted), ()))
    assert "class 0 ▶ class 7" in page.text and "class 8 1 33.3 %" not in page.text


def test_a_lost_or_broken_picture_is_said(tmp_path: Path, two_classes: RunRecord, image_folder: Path) -> None:
    mistakes = (mistake(tmp_path / "gone.jpg"), mistake(image_folder / "blue" / "broken.jpg"))
    page = write(tmp_path, ReportInput("p", two_classes, mistakes))
    assert page.text.count("No picture:") == 2 and "img" not in page.tags


def test_only_the_worst_are_shown(
    tmp_path: Path, two_classes: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "MAX_MISTAKES", 2)
    page = write(tmp_path, ReportInput("p", two_classes, (mistake(tmp_path / "gone.jpg"),) * 5))
    assert "The 2 worst of 5 are shown." in page.text and page.text.count("No picture:") == 2


def test_notes_and_doubt_stand_at_the_top(tmp_path: Path) -> None:
    record = record_of(("a", "b"), np.array([0, 1, 1]), np.array([0, 1, 0]))
    record = dataclasses.replace(record, notes=("Judged in 2 parts instead of 5.",))
    text = write(tmp_path, ReportInput("p", record, ())).text
    assert 0 < text.index("Judged in 2 parts") < text.index("How this was measured")


def test_progress_and_cancel(tmp_path: Path, two_classes: RunRecord, recording_context: RecordingContext) -> None:
    inputs = ReportInput("p", two_classes, (mistake(tmp_path / "gone.jpg"),) * 3)
    write_report(inputs, tmp_path / "r.html", context=recording_context)
    assert recording_context.last.done == recording_context.last.total == 3
    with pytest.raises(JobCancelled):
        write_report(inputs, tmp_path / "other.html", context=RecordingContext(cancel_after=1))
    assert not (tmp_path / "other.html").exists()


def test_a_folder_that_is_not_there(tmp_path: Path, two_classes: RunRecord) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_report(ReportInput("p", two_classes, ()), tmp_path / "no" / "r.html", context=JobContext())


@pytest.mark.parametrize(("kind", "sentence"), [
    ("held back", "neither learnt from nor used to decide when to stop"),
    ("untrained", "none of them was learnt from"),
])
def test_says_what_the_figures_come_from(tmp_path: Path, kind: str, sentence: str) -> None:
    labels = np.array([0, 0, 1, 1])
    record = dataclasses.replace(record_of(("a", "b"), labels, labels), accuracy_kind=kind)
    write_report(ReportInput("p", record, ()), tmp_path / "page.html")
    assert sentence in Page((tmp_path / "page.html").read_text()).text


def test_a_run_that_learnt_nothing_says_so(tmp_path: Path) -> None:
    labels = np.array([0, 0, 1, 1])
    record = dataclasses.replace(record_of(("a", "b"), labels, labels), accuracy_kind="untrained", n_train=0)
    write_report(ReportInput("p", record, ()), tmp_path / "page.html")
    text = Page((tmp_path / "page.html").read_text()).text
    assert "nothing: it reads with what it knew before" in text and "0 pictures" not in text


def test_a_run_without_labels_has_no_figure(tmp_path: Path) -> None:
    none = np.array([], np.int64)
    blank = dataclasses.replace(
        record_of(("a", "b"), np.array([0]), np.array([0])), n_validation=0, accuracy=None, interval=None,
        log_loss=None, accuracy_kind="no labels", confusion=((0, 0), (0, 0)),
        per_class=class_figures(confusion_matrix(none, none, 2), ("a", "b")),
        fit={"history": [{"epoch": 1}], "chosen": [1, 2]},
    )
    write_report(ReportInput("p", blank, ()), tmp_path / "page.html")
    text = Page((tmp_path / "page.html").read_text()).text
    assert "Not measured" in text and "there is no figure" in text and "with a certainty of" not in text
    assert "1, 2" in text and "'epoch'" not in text


def test_a_warning_stands_before_the_figure(tmp_path: Path) -> None:
    record = record_of(("disc", "square"), np.repeat([0, 1], [60, 3]), np.zeros(63, np.int64))
    text = write(tmp_path, ReportInput("shapes", record, ())).text
    assert 0 < text.index("Never predicted: “square” (3 images)") < text.index("Right for 95.2 of 100")
    assert text.index("Right for 95.2 of 100") < text.index("Balanced accuracy 50.0 %.")


def test_the_test_set_has_a_section_of_its_own(two_classes: RunRecord, tmp_path: Path) -> None:
    draw_picture(0, "red").save(tmp_path / "a.png")
    wrong = Mistake(7, tmp_path / "a.png", "a.png", "<toy>", "pistol", None, 0.9)
    shown = ReportTest(
        "On the test images: never predicted: “<toy>” (1 image).", "Test accuracy 50.0 % on 2 labelled test images.",
        "Balanced accuracy 50.0 %.", ("The run does not know “<toy>”.",), ("pistol", "phone", "<toy>"),
        ((1, 0, 0), (0, 0, 0), (1, 0, 0)), (wrong,))
    page = write(tmp_path, ReportInput("guns", two_classes, (), test=shown))
    text = page.text
    assert text.index("Right for 99.3") < text.index("Test accuracy 50.0 %") < text.index("Test set")
    after = text[text.index("On the test images"):]
    assert "The run does not know “<toy>”." in after and "a.png" in after and "none" in after
    assert after.index("On the test images") < after.index("Test accuracy 50.0 %")
    labels = [value for _, name, value in page.attributes if name == "aria-label"]
    assert labels.count("Confusion matrix") == labels.count("Confusion matrix of the test set") == 1


def test_a_test_set_that_is_not_predicted_yet_says_so(two_classes: RunRecord, tmp_path: Path) -> None:
    notes = ("2 labelled test images are not predicted yet by this run.",)
    later = ReportTest("", "", "", notes, ("pistol", "phone"), ((0, 0), (0, 0)), ())
    text = write(tmp_path, ReportInput("guns", two_classes, (), test=later)).text
    assert "No labelled test image was predicted by this run." in text and "not predicted yet" in text
