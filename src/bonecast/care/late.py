"""Late and stopping: how late, what the rules say at that lateness, and the options with what a forecast says of each.

The forecast's numbers come in ready-made: this room computes none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from bonecast.care.check import COVER_D, Check, case_of, check
from bonecast.care.firing import Outcome
from bonecast.care.variables import table
from bonecast.core import gettext
from bonecast.records import Patient

NOTHING = "nothing"  # the key of the course without any further dose
_TOPICS = ("delayed-dose", "discontinuation")


@dataclass(frozen=True)
class LatenessBand:
    """A forecast number with its 90 % range over similar patients.

    Parameters
    ----------
    low : float
        5th percentile.
    median : float
        50th percentile.
    high : float
        95th percentile.
    """

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class ForecastNumbers:
    """Forecast of one option from the day of the question on; None where there is no number.

    Parameters
    ----------
    months : int
        Length of the forecast in months.
    ctx_ng_mL : LatenessBand, optional
        Mean CTX of months 7 to 12 in ng/mL, when the rebound after an uncovered injection is highest.
    ctx_above : float, optional
        Fraction (0 to 1) of similar patients whose CTX exceeds the premenopausal reference range.
    spine_bmd_pct : LatenessBand, optional
        Change of lumbar spine BMD at the end, in %.
    vertebral_per_1000 : LatenessBand, optional
        People of 1,000 with a new vertebral fracture by the end.
    """

    months: int
    ctx_ng_mL: LatenessBand | None = None
    ctx_above: float | None = None
    spine_bmd_pct: LatenessBand | None = None
    vertebral_per_1000: LatenessBand | None = None


@dataclass(frozen=True)
class LateOption:
    """One strategy: the act, its plan in words, what the rules say of it, and the forecast where one was given.

    A blocked one has no forecast. comparison : it is never offered: doing nothing has no exit. What it would cost
    stands in `Lateness.untreated`.
    """

    key: str
    title: str
    plan: str
    text: str
    check: Check
    forecast: ForecastNumbers | None
    comparison: bool = False

    @property
    def outcome(self) -> Outcome:
        """What the rules say of it; "blocked" where it is there for comparison only, whatever they say."""
        return "blocked" if self.comparison else self.check.outcome

    @property
    def why(self) -> str:
        """The advice of the rules behind the outcome, or else the text that stands with it."""
        severity = "block" if self.outcome == "blocked" else "warn"
        answer = [f"{f.rule}: {gettext(f.advice)}" for f in self.check.findings if f.severity == severity]
        answer += [
            gettext("The record contradicts itself: {what}.", what=one.what)
            for one in self.check.contradictions
        ]
        if self.check.state == "do_not_give" and (obtain := self.check.alternatives.obtain):
            answer.append(
                gettext(
                    "Obtain first: {names}; with the result it is judged again the same day.",
                    names=", ".join(obtain),
                )
            )
        return " ".join(answer) or (self.text if self.comparison else "")


@dataclass(frozen=True)
class Lateness:
    """How late an injection is, and the options.

    Parameters
    ----------
    last : date
        Day of the last injection.
    due : date
        Day on which the next one is due.
    days_since : int
        Days since the last injection.
    days_late : int
        Days since the due date; negative before it.
    now : Check
        Check of the next injection on this day.
    options : tuple of LateOption
        Options, each with its check and forecast.
    untreated : ForecastNumbers, optional
        Forecast of the course without any further dose: a risk, not an option.
    """

    last: dt.date
    due: dt.date
    days_since: int
    days_late: int
    now: Check
    options: tuple[LateOption, ...]
    untreated: ForecastNumbers | None = None

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules on delay and stopping that fire at this lateness."""
        return tuple(finding.rule for finding in self.now.findings if finding.topic in _TOPICS)


def lateness(
    patient: Patient,
    jurisdiction: str | None = None,
    on: dt.date | None = None,
    forecasts: Mapping[str, ForecastNumbers] | None = None,
) -> Lateness | None:
    """Compute how late the next injection is on a day, and check the options.

    Parameters
    ----------
    patient : Patient
        The record.
    jurisdiction : str, optional
        "US", "EU", "UK", "CA" or "AU"; by default that of the record, or else the strictest.
    on : date, optional
        Day of the question; by default the day of the record.
    forecasts : mapping of str to ForecastNumbers, optional
        Numbers by option key: "give-now", "restart", "zoledronate", "oral" or "nothing".
        A blocked option takes none; those of "nothing" become `Lateness.untreated`.

    Returns
    -------
    Lateness or None
        How late, and the options; None where no denosumab was ever given.

    Raises
    ------
    InputError
        If the day is before the record.
    UnknownName
        If the jurisdiction is not known.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> found = lateness(read_patient("examples/late-dose.toml"), "UK", dt.date(2026, 12, 1))
    >>> found.days_late, found.rules, found.options[-1].check.outcome
    (77, ('DD-03', 'DD-09', 'DD-02', 'DD-10'), 'blocked')
    """
    case = case_of(patient, None, jurisdiction, on)
    last, strength = case.known("last_denosumab_offset_days"), case.known("current_dose_mg")
    if last is None or last.date is None:
        return None
    dose = int(strength.value) if strength is not None and isinstance(strength.value, float) else 60
    covered = COVER_D[dose]
    since = (case.on - last.date).days
    return Lateness(
        last.date,
        last.date + dt.timedelta(days=covered),
        since,
        since - covered,
        check(patient, f"continue_{dose}", jurisdiction, on),
        tuple(
            _option(row, patient, jurisdiction, on, forecasts or {})
            for row in _rows()
            if row["dose"] in ("", str(dose))
        ),
        (forecasts or {}).get(NOTHING),
    )


def _option(
    row: dict[str, str],
    patient: Patient,
    jurisdiction: str | None,
    on: dt.date | None,
    forecasts: Mapping[str, ForecastNumbers],
) -> LateOption:
    facts = dict(fact.split("=") for fact in row["facts"].split())
    found = check(patient, row["action"], jurisdiction, on, facts)
    option = LateOption(
        row["key"], row["title"], row["plan"], row["text"], found, None, row["offered"] == "no"
    )
    return option if option.outcome == "blocked" else replace(option, forecast=forecasts.get(row["key"]))


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(table("late_options.csv"))
