"""The assessment of one case: what the values say, how likely the drug caused it, and what to do."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from bonecast.charts import Picture
from bonecast.core import DISCLAIMER, gettext
from bonecast.errors import InputError
from bonecast.liver.case import LiverCase
from bonecast.liver.case_file import read_case
from bonecast.liver.criteria import CTCAE, STOPPING_RULES
from bonecast.liver.edish import QUADRANTS, edish_of_case
from bonecast.liver.findings import Features, LiverFinding, findings
from bonecast.liver.laboratory import check_values, needs_limit
from bonecast.liver.livertox import LiverToxEntry, livertox_entry
from bonecast.liver.measures import SHORT, measure
from bonecast.liver.rucam import PATTERN, Rucam, causes_excluded, score_case
from bonecast.liver.thresholds import limit, thresholds
from bonecast.liver.timeline import timeline
from bonecast.records import Patient

RECAM = "RECAM (2022) is another method with other items and bands (total -6 to +20); it is not scored here"


@dataclass(frozen=True)
class Assessment:
    """The result of assessing one case. Null and None mean unknown.

    Parameters
    ----------
    case : LiverCase
        What was assessed.
    values : polars.DataFrame
        The checked values, each with its multiple of the upper limit (`x`).
    measured : dict of str to object
        Peaks, R, criteria and grades, with the names of the columns of a cohort.
    rucam : Rucam or None
        The score; None where it cannot be scored.
    not_scored : str
        Why there is no score; empty where there is one.
    livertox : LiverToxEntry or None
        The LiverTox entry of the suspect drug; None where there is none.
    findings : tuple of LiverFinding
        What the clinician should know, each with its source.
    notes : tuple of str
        What was assumed or left out.
    """

    case: LiverCase
    values: pl.DataFrame
    measured: dict[str, Any]
    rucam: Rucam | None
    not_scored: str
    livertox: LiverToxEntry | None
    findings: tuple[LiverFinding, ...]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Assessment: pattern {self.pattern or 'unknown'}, {len(self.findings)} findings>"

    def _repr_html_(self) -> str:
        from bonecast.liver.notebook import assessment_html

        return assessment_html(self)

    @property
    def pattern(self) -> str | None:
        """The pattern by the convention that was chosen; None where R says nothing."""
        return self.measured[PATTERN[self.case.options.convention]] if self.measured["R_meaningful"] else None

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The timeline of values and doses and, where the person has a place, the eDISH plot."""
        drawn = (timeline(self), edish_of_case(self))
        return tuple(picture for picture in drawn if picture is not None)

    def table(self) -> pl.DataFrame:
        """The results as one row, with the columns of a cohort and the RUCAM score."""
        score = {"rucam_total": None, "rucam_band": None, "rucam_low": None, "rucam_high": None}
        if self.rucam is not None:
            score = {name: getattr(self.rucam, name.removeprefix("rucam_")) for name in score}
        return pl.DataFrame([{**self.measured, "pattern": self.pattern, **score}])

    def summary(self) -> list[tuple[str, str]]:
        """The main results in words, each with its name."""
        measured = self.measured
        convention = {"rucam-2016": "RUCAM 2016", "livertox": "LiverTox"}[self.case.options.convention]
        ratio = (
            f"{measured['R']:.2f}, {self.pattern} ({convention})" if self.pattern else gettext("not reported")
        )
        grades = [
            f"{test} {grade}"
            for test, short in SHORT.items()
            if (grade := measured.get(f"ctcae_{short}")) is not None
        ]
        stops = [rule for name, rule in STOPPING_RULES.items() if measured[name]]
        return [
            (gettext("case of liver injury"), _yes_no(measured["dili"])),
            (gettext("R and pattern"), ratio),
            (gettext("Hy's law, 1: upper right"), _yes_no(measured["upper_right"])),
            (gettext("Hy's law, 2: without cholestasis"), _yes_no(measured["hy_biochem"])),
            (gettext("Hy's law, 3: no other cause"), _yes_no(measured["hy_law"])),
            (gettext("Hy's law by R >= 5"), _yes_no(measured["hy_by_r"])),
            ("eDISH", QUADRANTS.get(measured["edish"], "unknown")),
            (f"{CTCAE} grades", ", ".join(grades) or "unknown"),
            (gettext("DILIN severity"), _severity(measured["dilin"], measured["dilin_possible"])),
            (
                gettext("international severity"),
                _severity(measured["international"], measured["international_possible"]),
            ),
            (
                gettext("stop rules met (recalled, unverified)"),
                "; ".join(stops) or ("unknown" if measured["stop"] is None else "none"),
            ),
            ("RUCAM", self._rucam_in_words()),
            *([("LiverTox", _livertox_in_words(self.livertox))] if self.livertox else []),
        ]

    def peaks(self) -> list[tuple[str, str, str, str]]:
        """First and highest value of each test in multiples of the upper limit, and the day of the highest."""
        measured = self.measured
        return [
            (
                test,
                f"{measured[f'{short}_first_x']:.3g}",
                f"{measured[f'{short}_peak_x']:.3g}",
                measured[f"{short}_peak_at"].date().isoformat(),
            )
            for test, short in SHORT.items()
            if measured[f"{short}_peak_x"] is not None
        ]

    def to_dict(self) -> dict[str, Any]:
        """All results as JSON takes them; each limit stands with mark and source."""
        return {
            "standing_line": DISCLAIMER,
            "case": self.case.id,
            "suspect": self.case.suspect,
            "convention": self.case.options.convention,
            "pattern": self.pattern,
            "measured": {name: _plain(value) for name, value in self.measured.items()},
            "values": [
                {name: _plain(value) for name, value in row.items()}
                for row in self.values.drop("row").iter_rows(named=True)
            ],
            "stop_rules_met": [rule for name, rule in STOPPING_RULES.items() if self.measured[name]],
            "rucam": self.rucam.to_dict() if self.rucam else {"not_scored": self.not_scored},
            "recam": RECAM,
            "livertox": asdict(self.livertox) if self.livertox else None,
            "findings": [asdict(finding) for finding in self.findings],
            "notes": list(self.notes),
            "ctcae": CTCAE,
            "thresholds": [asdict(threshold) for threshold in thresholds().values()],
        }

    def _rucam_in_words(self) -> str:
        rucam = self.rucam
        if rucam is None:
            return gettext("not scored: {not_scored}", not_scored=self.not_scored)
        if rucam.total is None:
            return gettext("{band}: the time to onset excludes a score", band=rucam.band)
        span = (
            ""
            if rucam.low == rucam.high
            else gettext("; {low} to {high} over unknown items", low=rucam.low, high=rucam.high)
        )
        return f"{rucam.total}, {rucam.band} ({rucam.injury_type.replace('_', ' or ')} form{span})"


def assess(case: LiverCase | str | os.PathLike[str]) -> Assessment:
    """Assess a case: whether a drug injured the liver, how, and how likely.

    Parameters
    ----------
    case : LiverCase or str or path
        A case, or the path of a case file (`read_case`).

    Returns
    -------
    Pattern, case definition, grades, severity, Hy's law, RUCAM, LiverTox entry and findings, each with its source.

    Raises
    ------
    InputError
        The file cannot be read, or values cannot be used; a RecordError names each fault.

    Examples
    --------
    >>> import bonecast as bc
    >>> result = bc.assess_liver("examples/liver-case.toml")
    >>> result.pattern, result.measured["edish"], result.rucam.total
    ('hepatocellular', 'hy', 4)
    >>> result.table().select("R", "dili", "rucam_band").row(0)
    (14.5714286, True, 'possible')
    """
    if not isinstance(case, LiverCase):
        case = read_case(case)
    values = check_values(case.rows(), lambda row: case.values[row].place)
    _check_bounds(case, values)
    known = _known(case)
    scored = score_case(case, _measured(values, known), values)
    rucam, not_scored = (None, scored) if isinstance(scored, str) else (scored, "")
    measured = _measured(values, {**known, "causes_excluded": causes_excluded(rucam)})
    return Assessment(
        case=case,
        values=values,
        measured=measured,
        rucam=rucam,
        not_scored=not_scored,
        livertox=livertox_entry(case.suspect or ""),
        findings=findings(Features(case, values, measured, rucam)),
        notes=(*case.notes, *_notes(case, measured)),
    )


def assess_patient(patient: Patient) -> Assessment | None:
    """Assess the liver values of a person's record.

    Parameters
    ----------
    patient : Patient
        The record. Each enzyme and bilirubin needs the laboratory's upper limit (`reference_high`); a value without it
        is named in the notes and not read. Values before the first dose of denosumab are the baseline.

    Returns
    -------
    The assessment; None where the record holds no liver value that can be read.

    Raises
    ------
    RecordError
        Values cannot be used; each fault is named.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> assess_patient(read_patient("examples/late-dose.toml")) is None
    True
    """
    case = LiverCase.from_patient(patient)
    return assess(case) if any(value.test in needs_limit() for value in case.values) else None


def _known(case: LiverCase) -> dict[str, Any]:
    """The row of this person: ALP may be of bone where that is stated, and under denosumab unless denied."""
    bone = case.facts.bone_source
    return {
        "person": case.id,
        "start": dt.datetime.combine(case.start, dt.time()) if case.start is not None else None,
        "bone_alp": case.suspect == "denosumab" if bone is None else bone,
        **case.facts.model_dump(exclude={"bone_source", "onset"}),
    }


def _measured(values: pl.DataFrame, known: dict[str, Any]) -> dict[str, Any]:
    return measure(values, pl.DataFrame([known])).row(0, named=True)


def _check_bounds(case: LiverCase, values: pl.DataFrame) -> None:
    """A value below the limit of the method is taken at that limit, which must not itself be a raised value."""
    for row in values.iter_rows(named=True):
        value = case.values[row["row"]]
        if value.below_limit and row["x"] is not None and row["x"] > limit("raised"):
            cause = f"<{value.value:g} {value.unit} lies above the upper limit of the {row['test']}"
            raise InputError(value.place, cause, "give the measured number")


def _notes(case: LiverCase, measured: dict[str, Any]) -> list[str]:
    """What was assumed or left out, in words."""
    no_bilirubin = measured["alt_peak_x"] is not None and measured["bili_edish_x"] is None
    other_peak = not no_bilirubin and measured["bili_edish_x"] != measured["bili_peak_x"]
    notes = {
        gettext(
            "{value} values of before treatment are the baseline", value=measured["values_before"]
        ): measured["values_before"],
        gettext("values below the limit of the method are taken at that limit"): any(
            value.below_limit for value in case.values
        ),
        gettext("R is not reported: neither ALT nor ALP is raised"): measured["R"] is not None
        and not measured["R_meaningful"],
        gettext("R is unknown: it takes ALT and ALP of the onset, drawn within two days"): measured["R"]
        is None,
        gettext("no place on eDISH: no bilirubin within 30 days of the peak ALT"): no_bilirubin,
        gettext(
            "eDISH: the highest bilirubin lies more than 30 days from the peak ALT and is not the one drawn"
        ): other_peak,
        gettext("no drug is named: neither RUCAM nor LiverTox"): case.suspect is None,
    }
    return [note for note, holds in notes.items() if holds]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value


def _yes_no(value: bool | None) -> str:
    return "unknown" if value is None else "yes" if value else "no"


def _severity(certain: int | None, possible: int | None) -> str:
    if possible is None:
        return gettext("no injury")
    known = "unknown" if certain is None else str(certain)
    return (
        known
        if certain == possible
        else gettext("{known}; up to {possible} by what is not stated", known=known, possible=possible)
    )


def _livertox_in_words(entry: LiverToxEntry) -> str:
    count = entry.recount
    return gettext(
        "{published} as published; {category} by recount of {cases} ({system})",
        published=entry.published,
        category=count.category,
        cases=count.cases,
        system=count.system,
    )
