"""All checks of the data, in the order in which they run and in which findings of equal gravity are listed.

To add a check: a class of `core.checks.check.Check` in a file of its own, a line here, and its words in the
catalogues (`checks.po`: `checks.name.<name>` and what its messages say).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.checks.balance import BalanceCheck
from core.checks.check import CatalogState, Check, Finding, sort_findings
from core.checks.confused_classes import ConfusedClassesCheck
from core.checks.coverage import CoverageCheck
from core.checks.duplicates import DuplicatesCheck
from core.checks.earlier_versions import EarlierVersionsCheck
from core.checks.fold_leakage import FoldLeakageCheck
from core.checks.inputs import HealthResult
from core.checks.label_issues import LabelIssuesCheck
from core.checks.leakage import LeakageCheck
from core.checks.learning_curve import LearningCurveCheck
from core.checks.outliers import OutliersCheck
from core.checks.shift import ShiftCheck
from core.checks.shortcuts import ShortcutsCheck
from core.checks.unreadable import UnreadableCheck
from core.files.plain import from_plain

CHECKS: tuple[Check[Any], ...] = (
    BalanceCheck(), UnreadableCheck(), DuplicatesCheck(), LeakageCheck(), FoldLeakageCheck(), LabelIssuesCheck(),
    ConfusedClassesCheck(), ShortcutsCheck(), OutliersCheck(), CoverageCheck(), ShiftCheck(),
    LearningCurveCheck(), EarlierVersionsCheck(),
)


def find_check(name: str) -> Check[Any]:
    """The check of that name.

    Raises:
        KeyError: There is none (a fault of the program).
    """
    return _BY_NAME[name]


_BY_NAME: Mapping[str, Check[Any]] = {check.name: check for check in CHECKS}


def list_findings(result: HealthResult, now: CatalogState) -> tuple[Finding, ...]:
    """Everything that was found, as things are now: gravest first, accepted findings last."""
    found = ((check, result.evidence.get(check.name, check.always)) for check in CHECKS)
    return sort_findings((f for check, it in found if it is not None for f in check.findings(it, now)), now.reasons)


def list_facts(result: HealthResult, now: CatalogState) -> dict[str, Any]:
    """The result by the keys of `health --json`: plain values and messages."""
    facts: dict[str, Any] = {"findings": [finding.facts() for finding in list_findings(result, now)]}
    for check in CHECKS:
        found = result.evidence.get(check.name)
        facts |= check.no_facts if found is None else check.facts(found, now)
    return facts | {
        "unchecked": [{"part": u.title, "reason": u.reason} for u in result.unchecked],
        "skipped": [{"path": now.path(s.image_id), "reason": s.reason or ""} for s in result.skipped],
        "n_images": result.n_images, "seconds": result.seconds, "is_quick": result.is_quick,
        "backbone": result.backbone, "checked_at": result.checked_at,
    }


def result_from_json(content: Any) -> HealthResult:
    """A result from a file; evidence of checks that there are no more is left out.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: The content is no result.
    """
    stored = content.pop("evidence")
    result = from_plain(HealthResult, content)
    evidence = {name: from_plain(check.evidence, stored[name]) for name, check in _BY_NAME.items() if name in stored}
    return replace(result, evidence=evidence)
