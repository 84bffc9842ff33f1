"""Why a paper gives no date: from what the judge says to the reasons that a person reads."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.care.check import Check
from bonecast.care.findings import Finding
from bonecast.care.rules import find_rule

OTHER, CONTRADICTION, PURPOSE = "other", "contradiction", "purpose"


@dataclass(frozen=True)
class Reason:
    """One reason: the rules behind it, what the person reads, and the reasons that it stands in for."""

    key: str
    rules: tuple[str, ...]
    warnings: tuple[str, ...]
    instead_of: tuple[str, ...]
    lines: tuple[str, ...]


@cache
def reasons() -> dict[str, Reason]:
    """Every reason by key, the most urgent first.

    >>> reasons()["calcium_unknown"].lines
    ('We need a blood test first.',)
    """
    rows = tomllib.loads((files("bonecast.care") / "reasons.toml").read_text("utf-8"))["reason"]
    return {
        row["key"]: Reason(
            row["key"],
            tuple(row.get("rules", ())),
            tuple(row.get("warnings", ())),
            tuple(row.get("instead_of", ())),
            tuple(row["lines"]),
        )
        for row in rows
    }


def withheld(check: Check) -> bool:
    """Check whether the rules withhold the act now, so that nothing is dated, offered or printed for it.

    Parameters
    ----------
    check : Check
        Check of the act.

    Returns
    -------
    bool
        True where a finding or a contradiction withholds it.

    Examples
    --------
    >>> from bonecast.care import check
    >>> from bonecast.interop import read_patient
    >>> withheld(check(read_patient("examples/late-dose.toml"), "stop", "UK"))
    True
    """
    return bool(check.contradictions) or bool(findings_behind(check))


def findings_behind(check: Check) -> tuple[Finding, ...]:
    """The findings that keep the act from being done now."""
    return tuple(
        finding
        for finding in check.findings
        if not finding.overridden and (find_rule(finding.rule).binding or _holds(finding))
    )


def reasons_of(checks: Iterable[Check]) -> tuple[str, ...]:
    """The keys of the reasons for which these checks withhold an act, the most urgent first; none where none does."""
    found: set[str] = set()
    for check in checks:
        if not withheld(check):
            continue
        behind = findings_behind(check)
        found |= {_reason_of(finding) for finding in behind}
        if check.contradictions:
            found.add(CONTRADICTION)
        elif not behind:
            found.add(OTHER)
    left_out = {key for one in found for key in reasons()[one].instead_of}
    return tuple(key for key in reasons() if key in found - left_out)


def _holds(finding: Finding) -> bool:
    held = (one.warnings for one in reasons().values())
    return (
        not finding.overridden and finding.severity == "warn" and finding.rule in {r for w in held for r in w}
    )


def _reason_of(finding: Finding) -> str:
    return next((r.key for r in reasons().values() if finding.rule in (*r.rules, *r.warnings)), OTHER)
