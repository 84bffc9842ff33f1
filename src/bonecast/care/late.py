"""Late and stopping: how late, what the rules say at that lateness, and the options with what a forecast says of each.

The forecast's numbers come in ready-made: this room computes none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bonecast.care.check import Check, case_of, check
from bonecast.care.variables import table
from bonecast.patients import Patient

DUE_D = 183  # days after the last injection: 6 months (rule DD-01)
_TOPICS = ("delayed-dose", "discontinuation")


@dataclass(frozen=True)
class Band:
    """A forecast number: the 5th, 50th and 95th percentile of people like this one."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class ForecastNumbers:
    """What a forecast says of one strategy; None where no model carries it.

    ctx_pct : CTX in per cent of the start. spine_bmd_pct : change of spine BMD from today, per cent.
    vertebral_per_1000 : people of 1,000 with a new vertebral fracture within the months.
    """

    months: int
    ctx_pct: Band | None = None
    spine_bmd_pct: Band | None = None
    vertebral_per_1000: Band | None = None


@dataclass(frozen=True)
class LateOption:
    """One way on: the act, its plan in words, what the rules say of it, and the forecast where one was given."""

    key: str
    title: str
    plan: str
    text: str
    check: Check
    forecast: ForecastNumbers | None


@dataclass(frozen=True)
class Lateness:
    """How late an injection is, and the options. `days_late` is negative before the due date."""

    last: dt.date
    due: dt.date
    days_since: int
    days_late: int
    now: Check
    options: tuple[LateOption, ...]

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
    """How late is the next injection on this day, and which options are there? None where none was ever given.

    `forecasts` holds the numbers by option key ("give-now", "restart", "zoledronate", "oral", "nothing").

    >>> from bonecast.patients import read_patient
    >>> found = lateness(read_patient("examples/late-dose.toml"), "UK", dt.date(2026, 12, 1))
    >>> found.days_late, found.rules, found.options[-1].check.outcome
    (77, ('DD-03', 'DD-09', 'DD-02', 'DD-10'), 'blocked')
    """
    last = case_of(patient, None, jurisdiction, on).known("last_denosumab_offset_days")
    if last is None or last.date is None:
        return None
    day = on or patient.record_date
    since = (day - last.date).days
    return Lateness(
        last.date,
        last.date + dt.timedelta(days=DUE_D),
        since,
        since - DUE_D,
        check(patient, "continue_60", jurisdiction, on),
        tuple(
            LateOption(
                row["key"],
                row["title"],
                row["plan"],
                row["text"],
                check(patient, row["action"], jurisdiction, on),
                (forecasts or {}).get(row["key"]),
            )
            for row in _rows()
        ),
    )


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(table("late_options.csv"))
