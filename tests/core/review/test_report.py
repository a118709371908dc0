"""The review page: complete in itself, escaped, and sound for no mistakes, many classes and lost pictures."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from core.errors import InputError
from core.jobs import JobCancelled, JobContext
from core.review.metrics import class_figures, confusion_matrix, wilson_interval
from core.review.baseline import describe_baseline, describe_warning, judge_confusion
from core.review.report import write_report
from core.review.report_figures import curve_charts
from core.review.report_input import Mistake, ReportInput, ReportPart
from core.review.verdict import describe_accuracy, describe_doubt, describe_measure
from core.review.calibrate import fit_in_folds
from core.review.charts import Axis, draw_intervals
from core.review.reliability import describe_calibration, measure_calibration
from core.runs.record import CROSS_VALIDATION, RunRecord
from core.text import Message, text
from core.text.language import set_language
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
        n_train=n, n_validation=n, accuracy=n_right / n, accuracy_kind=CROSS_VALIDATION,
        interval=wilson_interval(n_right, n), log_loss=0.1, per_class=class_figures(confusion, classes),
        confusion=tuple(tuple(row) for row in confusion.tolist()), seconds=0.4, fit={"n_folds": 5, "strength": 0.01},
    )


def mistake(path: Path, *, label: str = "pistol", prediction: str = "phone", reading: str = "") -> Mistake:
    return Mistake(path, path.name, label, prediction, 0.031, 0.969, reading)


def page_of(
    project: str, record: RunRecord, mistakes: tuple[Mistake, ...] = (), **others: object
) -> ReportInput:
    """What the page of a run shows whose labels did not change since."""
    standing = judge_confusion(record.confusion, record.classes)
    part = ReportPart(
        describe_warning(standing),
        describe_accuracy(standing.n_right, standing.n_images, standing.interval, kind=record.accuracy_kind),
        describe_baseline(standing), (), record.classes, record.confusion, mistakes)
    return ReportInput(
        project, record, part, describe_doubt(standing.interval),
        describe_measure(record.accuracy_kind, standing.n_images), standing.interval,
        **others)  # type: ignore[arg-type]


@pytest.fixture
def two_classes() -> RunRecord:
    labels = np.repeat([0, 1], [391, 350])
    predicted = labels.copy()
    predicted[:5] = 1
    return record_of(("pistol", "phone"), labels, predicted)


def write(tmp_path: Path, inputs: ReportInput) -> Page:
    write_report(inputs, tmp_path / "review.html")
    return Page((tmp_path / "review.html").read_text(encoding="utf-8"))


def test_says_the_result_and_its_meaning(tmp_path: Path, two_classes: RunRecord) -> None:
    draw_picture(1, "red", (900, 300)).save(tmp_path / "a.jpg")
    found = mistake(tmp_path / "a.jpg", reading="window screen 0.41")
    page = write(tmp_path, page_of("guns", two_classes, (found,)))
    assert ("Accuracy 99.3 % (95 % CI 98.4–99.7) – of 100 new images like these, about 99 are classified correctly."
            ) in page.text
    assert "ImageNet: window screen 0.41" in page.text and "3.1 %" in page.text and "96.9 %" in page.text
    assert "386 98.7 %" in page.text and "5 1.3 %" in page.text
    f1 = 2 * 386 / (2 * 386 + 5)
    assert f"391 386 98.7 % 97.0–99.5 100.0 % 99.0–100.0 {100 * f1:.1f} % 98.5–99.7" in page.text, (
        "labelled, predicted, recall, precision, F1, each with its interval")
    assert ("img", "alt", "a.jpg, labelled pistol, predicted phone") in page.attributes


def test_the_calibration_is_said_and_drawn(tmp_path: Path, two_classes: RunRecord) -> None:
    assert "Reliability diagram" not in write(tmp_path, page_of("guns", two_classes)).text
    probabilities = np.linspace(0.51, 0.99, 300, dtype=np.float32)[:, None] * [1, -1] + [0, 1]
    labels, folds = (np.arange(300) % 4 == 0).astype(int), np.arange(300) % 5
    found = measure_calibration(probabilities.astype(np.float32), labels, folds, fit_in_folds(
        probabilities, labels, folds))
    fit = {**two_classes.fit, "temperature": 0.9, "calibration": found.to_json()}
    record = dataclasses.replace(two_classes, fit=fit)
    page = write(tmp_path, page_of("guns", record))
    assert "By the labels that the run was trained on." in page.text, "unlike all other figures"
    assert all(sentence in page.text for sentence in describe_calibration(found)) and "Temperature" not in page.text
    assert page.tags.count("circle") == 15 + 15 + 2 + 2, "before, after, their samples in the legend, two recalls"
    assert "50.8" not in page.text and page.text.count("95 % CI") >= 2


def test_training_curves_are_drawn_with_their_table(tmp_path: Path, two_classes: RunRecord) -> None:
    history = [{"epoch": e, "n_epochs": 3, "loss": 1 / e, "accuracy": 0.5 + e / 10, "val_loss": 1.1 / e,
                "val_accuracy": 0.45 + e / 10} for e in (1, 2, 3)]
    assert text("report.curves") not in write(tmp_path, page_of("guns", two_classes)).text
    record = dataclasses.replace(two_classes, fit={"history": history, "stop_reason": "completed"})
    page = write(tmp_path, page_of("guns", record))
    assert "3 75.0 % 80.0 %" in page.text and f"3 {1.1 / 3:.4f} {1 / 3:.4f}" in page.text
    assert page.tags.count("svg") == 3 and page.tags.count("details") == 3, "recall, accuracy, loss"
    assert len([value for tag, name, value in page.attributes if tag == "path" and "dasharray" in name]) == 4


@pytest.mark.parametrize(("largest", "top", "n_labels"), [
    (1.06, 1.5, 4), (0.4, 0.4, 5), (2.31, 3.0, 4), (0.0, 0.25, 2), (1e-9, 1e-9, 5)])
def test_the_axis_of_a_loss_is_labelled_in_round_steps(largest: float, top: float, n_labels: int) -> None:
    history = [{"epoch": 1, "val_loss": largest}, {"epoch": 2, "val_loss": float("nan")}]
    (chart,) = curve_charts(history)
    words = [part.text or "" for part in ElementTree.fromstring(chart.svg).iter() if part.get("text-anchor") == "end"]
    assert words[1:] == [f"{top * at / (n_labels - 1):.3g}" for at in range(n_labels)], "after the legend"
    assert "nan" not in chart.svg and len(chart.table.rows) == 1


def test_a_run_without_mistakes_shows_what_it_was_least_sure_of(tmp_path: Path) -> None:
    draw_picture(1, "red").save(tmp_path / "x.png")
    record = record_of(("a", "b"), np.array([0, 1]), np.array([0, 1]))
    unsure = Mistake(tmp_path / "x.png", "x.png", "a", "a", 0.52, 0.52)
    inputs = page_of("p", record)
    inputs = dataclasses.replace(inputs, judged=dataclasses.replace(inputs.judged, uncertain=(unsure,)))
    page = write(tmp_path, inputs)
    assert text("report.no_mistakes_uncertain") in page.text and page.tags.count("img") == 1
    assert "52.0 %" in page.text and text("report.p_label") not in page.text


def test_test_predictions_are_a_contact_sheet(tmp_path: Path, two_classes: RunRecord) -> None:
    draw_picture(1, "red").save(tmp_path / "x.png")
    draw_picture(2, "red").save(tmp_path / "y.png")
    right = Mistake(tmp_path / "x.png", "x.png", "", "phone", None, 0.98)
    wrong = Mistake(tmp_path / "y.png", "y.png", "phone", "pistol", None, 0.6)
    page = write(tmp_path, page_of("p", two_classes, sheet=(wrong, right), n_sheet=5, n_not_predicted=2))
    assert page.tags.count("img") == 2 and page.text.index("0.60, label phone") < page.text.index("0.98")
    assert text("report.sheet_shown", shown=2, n=5) in page.text
    assert text("report.sheet_not_predicted", n=2) in page.text
    assert ("li", "class", "wrong") in page.attributes
    assert ("img", "alt", "x.png, predicted phone") in page.attributes


def test_a_heat_map_stands_beside_its_image(tmp_path: Path, two_classes: RunRecord) -> None:
    draw_picture(1, "red").save(tmp_path / "x.png")
    found = dataclasses.replace(mistake(tmp_path / "x.png"), heat=b"\xff\xd8heat")
    page = write(tmp_path, page_of("p", two_classes, (found,)))
    assert [value for tag, name, value in page.attributes if (tag, name) == ("img", "alt")][1] == (
        "Heat map of x.png for phone")


def test_every_drawing_is_sound_svg(tmp_path: Path, two_classes: RunRecord) -> None:
    evil = '"><script>'
    drawn = draw_intervals(evil + "\x00", [(evil * 9, 0.5, 0.4, 0.6), ("b", None, 0.0, 1.0)], Axis(
        evil, 0.0, 1.0, ((0.5, evil),)))[0]
    root = ElementTree.fromstring(drawn)
    assert "script" not in {part.tag for part in root.iter()} and root.get("aria-label", "").startswith(evil)
    assert [part.text for part in root.iter() if part.tag.endswith("title")] == [evil * 9], "cut names are whole here"


def test_is_complete_in_itself(tmp_path: Path, two_classes: RunRecord) -> None:
    draw_picture(1, "red", (900, 300)).save(tmp_path / "a.jpg")
    page = write(tmp_path, page_of("guns", two_classes, (mistake(tmp_path / "a.jpg"),)))
    html = (tmp_path / "review.html").read_text(encoding="utf-8")
    assert "script" not in page.tags and "link" not in page.tags
    assert not re.search(r"https?:|url\(|@import", html)
    addresses = [value or "" for _, name, value in page.attributes if name == "src"]
    assert len(addresses) == 1
    assert addresses[0].startswith("data:image/jpeg;base64,")
    assert len(html) < 60_000


def test_every_header_cell_says_what_it_heads(tmp_path: Path, two_classes: RunRecord) -> None:
    page = write(tmp_path, page_of("guns", two_classes, (mistake(tmp_path / "gone.jpg"),)))
    assert page.tags.count("th") == sum(1 for tag, name, _ in page.attributes if (tag, name) == ("th", "scope"))
    assert page.tags.count("table") == page.tags.count("caption") == 4


def test_names_cannot_bring_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    record = record_of((evil, '" onmouseover="x'), np.array([0, 0, 1]), np.array([0, 1, 1]))
    found = Mistake(tmp_path / "x", "<img src=x>", evil, '" onmouseover="x', 0.1, 0.9, "<b>reading</b>")
    page = write(tmp_path, page_of("<h1>", record, (found,), colors={evil: "red;background:url(//x)"}))
    assert "script" not in page.tags and "b" not in page.tags and "img" not in page.tags
    assert evil in page.text and "<img src=x>" in page.text
    assert not [a for a in page.attributes if a[1].startswith("on")]
    assert not [a for a in page.attributes if a[1] == "style" and "url" in (a[2] or "")]


def test_no_mistakes_is_a_sentence(tmp_path: Path) -> None:
    page = write(tmp_path, page_of("p", record_of(("a", "b"), np.array([0, 1]), np.array([0, 1]))))
    assert text("report.no_mistakes") in page.text and "Accuracy 100 %" in page.text
    assert describe_doubt(wilson_interval(2, 2)) in page.text


def test_a_thousand_classes_show_the_most_confused_pairs(tmp_path: Path) -> None:
    classes = tuple(f"class {i}" for i in range(1000))
    labels = np.repeat(np.arange(1000), 3)
    predicted = labels.copy()
    predicted[[0, 1, 30]] = [7, 7, 8]
    page = write(tmp_path, page_of("p", record_of(classes, labels, predicted)))
    assert ("table", "class", "matrix") not in page.attributes
    assert "class 0 ▶ class 7 2 66.7 %" in page.text
    assert text("report.other_classes", n=960) in page.text
    assert (tmp_path / "review.html").stat().st_size < 1_000_000


def test_only_so_many_confused_pairs_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.review.report_content.MAX_PAIRS", 1)
    classes = tuple(f"class {i}" for i in range(1000))
    labels = np.repeat(np.arange(1000), 3)
    predicted = labels.copy()
    predicted[[0, 1, 30]] = [7, 7, 8]
    page = write(tmp_path, page_of("p", record_of(classes, labels, predicted)))
    assert "class 0 ▶ class 7" in page.text and "class 8 1 33.3 %" not in page.text


def test_a_lost_or_broken_image_is_said(tmp_path: Path, two_classes: RunRecord, image_folder: Path) -> None:
    mistakes = (mistake(tmp_path / "gone.jpg"), mistake(image_folder / "blue" / "broken.jpg"))
    page = write(tmp_path, page_of("p", two_classes, mistakes))
    assert page.text.count(text("report.no_image", reason="")) == 2 and "img" not in page.tags


def test_only_the_worst_are_shown(
    tmp_path: Path, two_classes: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.review.report_content.MAX_MISTAKES", 2)
    page = write(tmp_path, page_of("p", two_classes, (mistake(tmp_path / "gone.jpg"),) * 5))
    assert text("report.mistakes_shown", shown=2, n=5) in page.text
    assert page.text.count(text("report.no_image", reason="")) == 2


def test_notes_and_doubt_stand_at_the_top(tmp_path: Path) -> None:
    record = record_of(("a", "b"), np.array([0, 1, 1]), np.array([0, 1, 0]))
    record = dataclasses.replace(record, notes=(Message("An older note."), Message("text.runs", n=2)), findings=(
        {"key": "k", "sentence": Message("text.images", n=3).to_json(), "details": [], "acknowledged": "known"},))
    said = write(tmp_path, page_of("p", record)).text
    assert 0 < said.index("An older note.") < said.index("2 runs") < said.index(text("report.measured"))
    assert f"3 images {text('report.accepted', reason='known')}" in said


def test_progress_and_cancel(tmp_path: Path, two_classes: RunRecord, recording_context: RecordingContext) -> None:
    inputs = page_of("p", two_classes, (mistake(tmp_path / "gone.jpg"),) * 3)
    write_report(inputs, tmp_path / "r.html", context=recording_context)
    assert recording_context.last.done == recording_context.last.total == 3
    with pytest.raises(JobCancelled):
        write_report(inputs, tmp_path / "other.html", context=RecordingContext(cancel_after=1))
    assert not (tmp_path / "other.html").exists()


def test_a_folder_that_is_not_there(tmp_path: Path, two_classes: RunRecord) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_report(page_of("p", two_classes), tmp_path / "no" / "r.html", context=JobContext())


@pytest.mark.parametrize(("kind", "code"), [
    ("held back", "review.measured_on_held_out"), ("untrained", "review.measured_untrained"),
])
def test_says_what_the_figures_come_from(tmp_path: Path, kind: str, code: str) -> None:
    labels = np.array([0, 0, 1, 1])
    record = dataclasses.replace(record_of(("a", "b"), labels, labels), accuracy_kind=kind)
    write_report(page_of("p", record), tmp_path / "page.html")
    assert text(code, n=4) in Page((tmp_path / "page.html").read_text()).text


def test_a_run_that_learnt_nothing_says_so(tmp_path: Path) -> None:
    labels = np.array([0, 0, 1, 1])
    record = dataclasses.replace(record_of(("a", "b"), labels, labels), accuracy_kind="untrained", n_train=0)
    write_report(page_of("p", record), tmp_path / "page.html")
    said = Page((tmp_path / "page.html").read_text()).text
    assert text("report.untrained") in said and "0 images" not in said


def test_a_run_without_labels_has_no_figure(tmp_path: Path) -> None:
    none = np.array([], np.int64)
    blank = dataclasses.replace(
        record_of(("a", "b"), np.array([0]), np.array([0])), n_validation=0, accuracy=None, interval=None,
        log_loss=None, accuracy_kind="no labels", confusion=((0, 0), (0, 0)),
        per_class=class_figures(confusion_matrix(none, none, 2), ("a", "b")),
        fit={"history": [{"epoch": 1}], "chosen": [1, 2]},
    )
    write_report(page_of("p", blank), tmp_path / "page.html")
    said = Page((tmp_path / "page.html").read_text()).text
    assert text("review.no_accuracy") in said and text("report.not_measured") in said
    assert "confidence interval runs" not in said and "1, 2" in said and "'epoch'" not in said


def test_a_warning_stands_before_the_figure(tmp_path: Path) -> None:
    record = record_of(("disc", "square"), np.repeat([0, 1], [60, 3]), np.zeros(63, np.int64))
    said = write(tmp_path, page_of("shapes", record)).text
    assert 0 < said.index("Never predicted: “square” (3 images)") < said.index("Accuracy 95.2 %")
    assert said.index("Accuracy 95.2 %") < said.index("Balanced accuracy 50.0 %.")


def test_the_test_set_has_a_section_of_its_own(two_classes: RunRecord, tmp_path: Path) -> None:
    draw_picture(0, "red").save(tmp_path / "a.png")
    wrong = Mistake(tmp_path / "a.png", "a.png", "<toy>", "pistol", None, 0.9)
    shown = ReportPart(
        "On the test images: never predicted: “<toy>” (1 image).", "Test accuracy 50.0 % on 2 labelled test images.",
        "Balanced accuracy 50.0 %.", ("The run does not know “<toy>”.",), ("pistol", "phone", "<toy>"),
        ((1, 0, 0), (0, 0, 0), (1, 0, 0)), (wrong,))
    page = write(tmp_path, page_of("guns", two_classes, test=shown))
    said = page.text
    assert said.index("Accuracy 99.3 %") < said.index("Test accuracy 50.0 %") < said.index("Test set")
    after = said[said.index("On the test images"):]
    assert "The run does not know “<toy>”." in after and "a.png" in after and "none" in after
    assert after.index("On the test images") < after.index("Test accuracy 50.0 %")
    labels = [value for _, name, value in page.attributes if name == "aria-label"]
    assert labels.count("Confusion matrix") == labels.count("Confusion matrix of the test set") == 1


def test_a_test_set_that_is_not_predicted_yet_says_so(two_classes: RunRecord, tmp_path: Path) -> None:
    notes = ("2 labelled test images are not predicted yet by this run.",)
    later = ReportPart("", "", "", notes, ("pistol", "phone"), ((0, 0), (0, 0)), ())
    said = write(tmp_path, page_of("guns", two_classes, test=later)).text
    assert text("report.test_not_predicted") in said and "not predicted yet" in said


def test_it_speaks_the_language_in_force(tmp_path: Path, two_classes: RunRecord) -> None:
    set_language("es")
    try:
        page = write(tmp_path, page_of("guns", two_classes, (mistake(tmp_path / "gone.jpg"),)))
        assert ("html", "lang", "es") in page.attributes and "Matriz de confusión" in page.text
        assert "Exactitud 99,3 % (IC del 95 %: 98,4–99,7)" in page.text
    finally:
        set_language("en")


def test_nothing_bypasses_the_catalogue(tmp_path: Path) -> None:
    """In the pseudo-locale every word of the page is in brackets but names, values and units."""
    labels = np.repeat([0, 1], [30, 30])
    predicted = labels.copy()
    predicted[:4] = 1
    record = dataclasses.replace(record_of(("a", "b"), labels, predicted), settings={}, fit={})
    draw_picture(1, "red").save(tmp_path / "x.png")
    set_language("pseudo")
    try:
        page = write(tmp_path, page_of("1", record, (mistake(tmp_path / "x.png", label="a", prediction="b"),)))
    finally:
        set_language("en")
    outside = re.sub(r"⟦[^⟧]*⟧", "", page.text)
    names = ("2026-11-22-001-transfer", "transfer", "efficientnet-lite0", "Catalejo 0.1.0", "x.png")
    for name in names:
        outside = outside.replace(name, "")
    assert not re.findall(r"[A-Za-z]{3,}", outside), outside
