"""The content of a report, section by section: what is said of a run before anything is painted."""

from __future__ import annotations

from collections.abc import Sequence

from core.jobs import JobContext
from core.review.class_report import ClassScores, report_classes
from core.review.reliability import describe_calibration, read_calibration
from core.review.report_blocks import Block, Fold, Heading, Notice, Paragraph, Report
from core.review.report_figures import (
    MAX_PAIRS, Looks, class_table, counts_of, curve_charts, look_of, matrix_block, recall_chart, recipe_table,
    reliability_chart,
)
from core.review.report_images import IMAGE_SIDE_PX, TILE_SIDE_PX, Pictures, cards_of, sheets_of
from core.review.report_input import Mistake, ReportInput, ReportPart
from core.review.verdict import shown_share
from core.runs.environment import say_environment
from core.runs.record import RunRecord, recorded_findings
from core.text import Message, text
from core.text.language import language

MAX_MISTAKES = 200
"""Mistakes shown with their image, of each set."""

MAX_CLASS_ROWS = 40
"""With more classes those with the lowest recall come first and the others are folded away."""


def build_report(inputs: ReportInput, context: JobContext) -> Report:
    """The report in the language in force.

    Raises:
        JobCancelled: The caller asked to end.
    """
    record, test = inputs.record, inputs.test
    shown = [*_shown(inputs.judged), *(_shown(test) if test else ())]
    pictures = Pictures([*((one, IMAGE_SIDE_PX) for one in shown), *((one, TILE_SIDE_PX) for one in inputs.sheet)],
                        context)
    look = look_of((*inputs.judged.classes, *(test.classes if test else ())), inputs.colors)
    blocks = [
        *_summary(inputs), *_measured(inputs), *_classes(inputs.judged, look, "classes"),
        *_matrix(inputs.judged, look), *_calibration(record), *_curves(record),
        *_mistakes(inputs.judged, look, pictures),
        *(_test(test, look, pictures) if test else ()), *_sheet(inputs, look, pictures), *_made(record),
    ]
    return Report(language(), text("report.title", project=inputs.project, run=record.run), inputs.project,
                  text("report.heading", run=record.run), tuple(blocks),
                  text("report.footer", version=record.program_version))


def _shown(part: ReportPart) -> Sequence[Mistake]:
    return (part.mistakes or part.uncertain)[:MAX_MISTAKES]


def _summary(inputs: ReportInput) -> list[Block]:
    """The figure, what warns of it, what it is to be compared with."""
    part, test = inputs.judged, inputs.test
    leading = inputs.expected if inputs.is_expected_lower else ""
    blocks: list[Block] = [Notice((Paragraph("", lead=said),)) for said in (leading, part.warning) if said]
    blocks.append(Paragraph(part.verdict, style="verdict"))
    blocks += [Paragraph(part.baseline)] if part.baseline else []
    if test is not None and test.verdict:
        blocks.append(Paragraph("", lead=test.verdict, link="test-set", link_text=text("report.see_test_set")))
    blocks += [Paragraph(inputs.expected)] if inputs.expected and not inputs.is_expected_lower else []
    return [*blocks, *_findings(inputs.record), *_doubts(inputs)]


def _findings(record: RunRecord) -> list[Block]:
    """What the data check found when the run was trained, and why that was accepted."""
    lines = []
    for finding in recorded_findings(record.findings):
        reason = finding.get("acknowledged")
        accepted = () if reason is None else (text("report.accepted", reason=reason),)
        lines.append(Paragraph(" ".join(map(str, (finding.get("sentence", ""), *finding["details"], *accepted)))))
    return [Notice((Paragraph("", lead=text("report.findings")), *lines))] if lines else []


def _doubts(inputs: ReportInput) -> list[Block]:
    part = inputs.judged
    lines = []
    if inputs.doubt:
        lines.append(Paragraph(text("report.label_more") if part.n_wrong else "", lead=inputs.doubt))
    notes = [str(Message.from_json(note) if isinstance(note, str) else note) for note in inputs.record.notes]
    lines += [Paragraph(note) for note in (*part.notes, *notes)]
    return [Notice(tuple(lines))] if lines else []


def _measured(inputs: ReportInput) -> list[Block]:
    said = f"{inputs.measure or text('report.not_measured')} {text('report.labels_now')}"
    blocks: list[Block] = [Heading(text("report.measured"), "measured"), Paragraph(said)]
    if inputs.interval:
        low, high = map(shown_share, inputs.interval)
        blocks.append(Paragraph(text("report.interval", low=low, high=high)))
    return blocks


def _classes(part: ReportPart, look: Looks, anchor: str) -> list[Block]:
    return [Heading(text("report.each_class"), anchor), Paragraph(text("report.terms"), style="soft"),
            *_class_figures(part, look)]


def _class_figures(part: ReportPart, look: Looks) -> list[Block]:
    """A chart of few classes, the table of all; of many those with the lowest recall first."""
    scores = list(report_classes(counts_of(part), part.classes, design_effect=part.design_effect))
    chart = recall_chart(scores)
    blocks: list[Block] = [] if chart is None else [chart]
    if len(scores) <= MAX_CLASS_ROWS:
        return [*blocks, class_table(scores, look, text("report.classes_caption"))]
    scores.sort(key=_weakest_first)
    first, rest = scores[:MAX_CLASS_ROWS], scores[MAX_CLASS_ROWS:]
    return [*blocks, class_table(first, look, text("report.lowest_recall_caption", n=len(first))),
            Fold(text("report.other_classes", n=len(rest)),
                 (class_table(rest, look, text("report.other_classes_caption")),))]


def _weakest_first(scores: ClassScores) -> tuple[float, int]:
    return 2.0 if scores.recall is None else scores.recall.value, -scores.n_images


def _matrix(part: ReportPart, look: Looks) -> list[Block]:
    name = text("report.matrix")
    return [Heading(name, "matrix"), matrix_block(part, look, name, most_pairs=MAX_PAIRS)]


def _calibration(record: RunRecord) -> list[Block]:
    found = read_calibration(record.fit)
    if found is None:
        return []
    return [Heading(text("report.calibration"), "calibration"), *map(Paragraph, describe_calibration(found)),
            Paragraph(text("report.labels_of_training"), style="soft"), reliability_chart(found)]


def _curves(record: RunRecord) -> list[Block]:
    charts = curve_charts(record.fit.get("history") or ())
    return [Heading(text("report.curves"), "curves"), *charts] if charts else []


def _mistakes(part: ReportPart, look: Looks, pictures: Pictures) -> list[Block]:
    """The mistakes; where nothing is wrong the images that the run was least sure of."""
    name = text("report.mistakes")
    blocks: list[Block] = [Heading(name, "mistakes")]
    if part.mistakes:
        return [*blocks, Paragraph(f"{text('report.mistakes_order')} {_say_first(part)}".strip()), *_heat_note(part),
                cards_of(name, part.mistakes[:MAX_MISTAKES], look, pictures)]
    if not part.n_images:
        return [*blocks, Paragraph(text("report.no_labels"))]
    if part.n_wrong:
        return [*blocks, Paragraph(text("report.mistakes_not_listed", n=part.n_wrong))]
    if not part.uncertain:
        return [*blocks, Paragraph(text("report.no_mistakes"))]
    return [*blocks, Paragraph(text("report.no_mistakes_uncertain")), *_heat_note(part),
            cards_of(text("report.uncertain"), part.uncertain[:MAX_MISTAKES], look, pictures)]


def _heat_note(part: ReportPart) -> list[Block]:
    return [Paragraph(part.heat_note, style="soft")] if part.heat_note else []


def _say_first(part: ReportPart) -> str:
    n_shown = len(part.mistakes[:MAX_MISTAKES])
    return text("report.mistakes_shown", shown=n_shown, n=part.n_wrong) if part.n_wrong > n_shown else ""


def _test(part: ReportPart, look: Looks, pictures: Pictures) -> list[Block]:
    blocks: list[Block] = [Heading(text("report.test_set"), "test-set")]
    blocks += [Notice((Paragraph("", lead=part.warning),))] if part.warning else []
    blocks.append(Paragraph(part.baseline, lead=part.verdict or text("report.test_not_predicted")))
    blocks += map(Paragraph, part.notes)
    if not part.verdict:
        return blocks
    blocks += [Paragraph(text("report.test_labels_now"), style="soft"), *_class_figures(part, look),
               matrix_block(part, look, text("report.test_matrix"), most_pairs=MAX_PAIRS)]
    if not part.mistakes:
        return [*blocks, Paragraph(text("report.no_test_mistakes"))]
    return [*blocks, Paragraph(f"{text('report.test_mistakes_order')} {_say_first(part)}".strip()), *_heat_note(part),
            cards_of(text("report.test_mistakes"), part.mistakes[:MAX_MISTAKES], look, pictures)]


def _sheet(inputs: ReportInput, look: Looks, pictures: Pictures) -> list[Block]:
    """Every prediction of a test image, class by class."""
    if not inputs.n_sheet and not inputs.n_not_predicted:
        return []
    said = [text("report.sheet_explained", n=inputs.n_sheet)] if inputs.n_sheet else []
    if len(inputs.sheet) < inputs.n_sheet:
        said.append(text("report.sheet_shown", shown=len(inputs.sheet), n=inputs.n_sheet))
    if inputs.n_not_predicted:
        said.append(text("report.sheet_not_predicted", n=inputs.n_not_predicted))
    return [Heading(text("report.sheet"), "test-predictions"), Paragraph(" ".join(said)),
            *sheets_of(inputs.sheet, look, pictures)]


def _made(record: RunRecord) -> list[Block]:
    """The recipe, what it ran with, and that the data check found nothing where that is so."""
    environment = [Paragraph(str(said), style="soft") for said in say_environment(record.environment)]
    nothing = [] if record.findings else [Paragraph(text("report.no_findings"), style="soft")]
    return [Heading(text("report.made"), "made"), recipe_table(record), *environment, *nothing]
