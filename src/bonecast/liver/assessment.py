"""One case, assessed: what the values say, how likely the drug did it, and what a clinician should be told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from bonecast.errors import InputError
from bonecast.liver.admission import admit
from bonecast.liver.attribution import attribute, causes_excluded
from bonecast.liver.case import LiverCase
from bonecast.liver.findings import Finding, Seen, findings
from bonecast.liver.livertox import Standing, standing
from bonecast.liver.measures import measure
from bonecast.liver.rucam import Rucam
from bonecast.liver.threshold import limit


@dataclass(frozen=True)
class Assessment:
    """What was found. `measured` is the row of `measure`; `values` are the checked values with their multiples.

    `rucam` is None where it cannot be scored, and `no_rucam` says why. `notes` name what was assumed or left out.
    """

    case: LiverCase
    values: pl.DataFrame
    measured: dict[str, Any]
    rucam: Rucam | None
    no_rucam: str
    standing: Standing | None
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Assessment: pattern {self.pattern or 'unknown'}, {len(self.findings)} findings>"

    def _repr_html_(self) -> str:
        from bonecast.liver.notebook import assessment_html

        return assessment_html(self)

    @property
    def pattern(self) -> str | None:
        """The pattern by the convention that was chosen; None where R says nothing."""
        if not self.measured["R_meaningful"]:
            return None
        return self.measured[
            "pattern_2016" if self.case.options.convention == "rucam-2016" else "pattern_livertox"
        ]


def assess(case: LiverCase) -> Assessment:
    """Did a drug hurt this liver: whether, how, and how likely?

    Raises RecordError, which names each fault, where the values cannot be used.

    >>> from bonecast.liver import read_case
    >>> made = assess(read_case("examples/liver-case.toml"))
    >>> made.pattern, made.measured["edish"], made.rucam.total
    ('hepatocellular', 'hy', 4)
    """
    values = admit(case.rows(), lambda row: case.values[row].place)
    _check_bounds(case, values)
    known = _known(case)
    rucam, no_rucam = attribute(case, _measured(values, known), values)
    measured = _measured(values, {**known, "causes_excluded": causes_excluded(rucam)})
    seen = Seen(
        case,
        measured,
        rucam,
        _alp_of_liver(case, measured),
        _alp_since_dose(case, values),
        _since_dose(case, measured),
    )
    told = findings(seen)
    return Assessment(
        case, values, measured, rucam, no_rucam, standing(case.suspect or ""), told, _notes(case, measured)
    )


def _known(case: LiverCase) -> dict[str, Any]:
    """The row of this person: ALP may be of bone where that is stated, and under denosumab unless denied."""
    stated = case.stated
    bone = case.suspect == "denosumab" if stated.bone_source is None else stated.bone_source
    start = dt.datetime.combine(case.start, dt.time()) if case.start is not None else None
    known = {"person": case.id, "start": start, "bone_alp": bone, "alp_origin": stated.alp_origin}
    return {**known, **stated.facts}


def _measured(values: pl.DataFrame, known: dict[str, Any]) -> dict[str, Any]:
    return measure(values, pl.DataFrame([known])).to_dicts()[0]


def _check_bounds(case: LiverCase, values: pl.DataFrame) -> None:
    """A value below the limit of the method is taken at that limit, which must not itself be a raised value."""
    for row in values.iter_rows(named=True):
        value = case.values[row["row"]]
        if value.below_limit and row["x"] is not None and row["x"] > limit("raised"):
            cause = f"<{value.value:g} {value.unit} lies above the upper limit of the {row['test']}"
            raise InputError(value.place, cause, "give the measured number")


def _alp_of_liver(case: LiverCase, measured: dict[str, Any]) -> bool | None:
    """Is the ALP of this case the liver's, over all its days? What speaks for the liver on any day decides."""
    if case.stated.alp_origin is not None:
        return case.stated.alp_origin == "liver"
    if measured["ggt_peak_x"] is not None:
        return measured["ggt_peak_x"] > limit("ggt_raised")
    return None if measured["bone_alp"] else True


def _alp_since_dose(case: LiverCase, values: pl.DataFrame) -> tuple[float, float] | None:
    """The last ALP of before the first dose (else the first), and the last of all."""
    if case.start is None:
        return None
    alp = values.filter(pl.col("test") == "ALP").sort("at")
    before = alp.filter(pl.col("at") <= dt.datetime.combine(case.start, dt.time()))
    if alp.height < 2:
        return None
    return (before["x"][-1] if before.height else alp["x"][0]), alp["x"][-1]


def _since_dose(case: LiverCase, measured: dict[str, Any]) -> int | None:
    """Days from the last dose of the drug in question to the onset."""
    onset = case.stated.onset or (measured["onset"].date() if measured["onset"] else None)
    before = [use.start for use in case.suspect_uses if onset is not None and use.start <= onset]
    return (onset - before[-1]).days if onset is not None and before else None


def _notes(case: LiverCase, measured: dict[str, Any]) -> tuple[str, ...]:
    """What was assumed or left out, in words."""
    notes = []
    if measured["values_before"]:
        notes.append(f"{measured['values_before']} values of before treatment are the baseline")
    if any(value.below_limit for value in case.values):
        notes.append("values below the limit of the method are taken at that limit")
    if measured["R"] is not None and not measured["R_meaningful"]:
        notes.append("R is not reported: neither ALT nor ALP is raised")
    if measured["R"] is None:
        notes.append("R is unknown: it takes ALT and ALP of the onset, drawn within two days")
    if measured["alt_peak_x"] is not None and measured["bili_edish_x"] is None:
        notes.append("no place on eDISH: no bilirubin within 30 days of the peak ALT")
    elif measured["bili_edish_x"] != measured["bili_peak_x"]:
        notes.append(
            "eDISH: the highest bilirubin lies more than 30 days from the peak ALT and is not the one drawn"
        )
    if case.suspect is None:
        notes.append("no drug is named: neither RUCAM nor LiverTox")
    return tuple(notes)
