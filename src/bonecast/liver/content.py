"""An assessment as plain data for JSON, and as rows of words for a screen or a page."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from bonecast.core import DISCLAIMER
from bonecast.liver.assessment import Assessment
from bonecast.liver.ctcae import VERSION as CTCAE
from bonecast.liver.edish import QUADRANTS
from bonecast.liver.rucam import VERSION as RUCAM
from bonecast.liver.rucam import Rucam
from bonecast.liver.stopping import STOP_RULES
from bonecast.liver.threshold import thresholds

NAMES = {"alt": "ALT", "ast": "AST", "alp": "ALP", "ggt": "GGT", "bili": "bilirubin"}
RECAM = "RECAM (2022) is another method with other items and bands (total -6 to +20); it is not scored here"


def content(made: Assessment) -> dict[str, Any]:
    """Everything that was found, as JSON takes it; null means unknown. Each limit stands with mark and source."""
    measured = {key: _plain(value) for key, value in made.measured.items()}
    return {
        "standing_line": DISCLAIMER,
        "case": made.case.id,
        "suspect": made.case.suspect,
        "convention": made.case.options.convention,
        "pattern": made.pattern,
        "measured": measured,
        "values": [{k: _plain(v) for k, v in row.items() if k != "row"} for row in made.values.to_dicts()],
        "stop_rules_met": [words for name, words in STOP_RULES.items() if made.measured[name]],
        "rucam": rucam_content(made.rucam) if made.rucam else {"not_scored": made.no_rucam},
        "recam": RECAM,
        "livertox": asdict(made.standing) if made.standing else None,
        "findings": [asdict(one) for one in made.findings],
        "notes": list(made.notes),
        "ctcae": CTCAE,
        "thresholds": [asdict(one) for one in thresholds().values()],
    }


def rucam_content(rucam: Rucam) -> dict[str, Any]:
    """The score with the text of every choice, its points, mark and source, and what was assumed."""
    items = [
        {**asdict(a.choice), "why": a.why, "assumed": a.assumed, "possible": list(a.possible)}
        for a in rucam.answers
    ]
    return {
        "version": RUCAM,
        "injury": rucam.injury_type,
        "alcohol_and_pregnancy": rucam.counting,
        "total": rucam.total,
        "band": rucam.band,
        "range": [rucam.low, rucam.high],
        "items": items,
    }


def told(made: Assessment) -> list[tuple[str, str]]:
    """The main results in words, each with its name."""
    found = made.measured
    by = {"rucam-2016": "RUCAM 2016", "livertox": "LiverTox"}[made.case.options.convention]
    ratio = f"{found['R']:.2f}, {made.pattern} ({by})" if made.pattern else "not reported"
    grades = [
        f"{NAMES[s]} {found[f'ctcae_{s}']}"
        for s in ("alt", "ast", "alp", "bili")
        if found[f"ctcae_{s}"] is not None
    ]
    stops = [words for name, words in STOP_RULES.items() if found[name]]
    place = QUADRANTS[found["edish"]] if found["edish"] else "unknown"
    return [
        ("case of liver injury", _word(found["dili"])),
        ("R and pattern", ratio),
        ("Hy's law, 1: upper right", _word(found["upper_right"])),
        ("Hy's law, 2: without cholestasis", _word(found["hy_biochem"])),
        ("Hy's law, 3: no other cause", _word(found["hy_law"])),
        ("Hy's law by R >= 5", _word(found["hy_by_r"])),
        ("eDISH", place),
        (f"{CTCAE} grades", ", ".join(grades) or "unknown"),
        ("DILIN severity", _grade(found["dilin"], found["dilin_possible"])),
        ("international severity", _grade(found["international"], found["international_possible"])),
        (
            "stop rules met (recalled, unverified)",
            "; ".join(stops) or ("unknown" if found["stop"] is None else "none"),
        ),
        ("RUCAM", _score(made)),
        *([("LiverTox", _likelihood(made))] if made.standing else []),
    ]


def peaks(made: Assessment) -> list[tuple[str, str, str, str]]:
    """First and highest value of each test in multiples of the upper limit, and the day of the highest."""
    found = made.measured
    return [
        (name, f"{found[f'{short}_first_x']:.3g}", f"{found[f'{short}_peak_x']:.3g}",
         found[f"{short}_peak_at"].date().isoformat())
        for short, name in NAMES.items()
        if found[f"{short}_peak_x"] is not None
    ]  # fmt: skip


def items(rucam: Rucam) -> list[tuple[str, str, str, str]]:
    """Each item of the score: its title, points, the text of the choice, why and what was assumed."""
    return [
        (
            f"{a.choice.item} {a.choice.title}",
            "" if a.choice.points is None else str(a.choice.points),
            a.choice.text,
            "; ".join(filter(None, [a.why, a.assumed and f"assumed: {a.assumed}"])),
        )
        for a in rucam.answers
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value


def _word(value: bool | None) -> str:
    return "unknown" if value is None else "yes" if value else "no"


def _grade(certain: int | None, possible: int | None) -> str:
    if possible is None:
        return "no injury"
    known = "unknown" if certain is None else str(certain)
    return known if certain == possible else f"{known}; up to {possible} by what is not stated"


def _score(made: Assessment) -> str:
    rucam = made.rucam
    if rucam is None:
        return f"not scored: {made.no_rucam}"
    if rucam.total is None:
        return f"{rucam.band}: the time to onset excludes a score"
    span = "" if rucam.low == rucam.high else f"; {rucam.low} to {rucam.high} over unknown items"
    return f"{rucam.total}, {rucam.band} ({rucam.injury_type.replace('_', ' or ')} form{span})"


def _likelihood(made: Assessment) -> str:
    standing = made.standing
    assert standing is not None
    count = standing.recount
    return f"{standing.published} as published; {count.category} by recount of {count.cases} ({count.system})"
