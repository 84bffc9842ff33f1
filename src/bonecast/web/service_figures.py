"""What the figures of the service count: each with its numerator, its denominator and the words that define it.

A person, or a pair of injections, counts only when its window has passed on the day of the count; who died or moved
leaves the denominator. What the record does not hold is named and not guessed.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from bonecast.care import limit_days
from bonecast.drugs import find_drug
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, history_of

By = Literal["all", "month", "owner", "site"]
BY: tuple[By, ...] = ("all", "month", "owner", "site")
MOST_MONTHS = 120
FEWEST = 10  # people or pairs below which a share has no colour
MONTH_D = DAYS_IN["months"]
Z = 1.959963984540054  # of a 95 % interval
# Days after an injection of 60 mg: too early before, on time until, short delay until; a stop after.
EARLY, ON_TIME, SHORT = (limit_days(key) for key in ("early_d", "on_time_last_d", "very_late_d"))
DUE = limit_days("due_d")
STOPPED = 239
EXIT_D = 270  # days after the last injection within which another drug follows it
_SIX_MONTHS = dt.timedelta(DUE)
LOW_CALCIUM = 2.0  # mmol/L


class Counted(NamedTuple):
    """One thing that was counted: in which month, of which owner and site, and whether it fulfils the measure."""

    day: dt.date
    owner: str
    site: str
    holds: bool
    value: float | None = None


@dataclass(frozen=True)
class ServiceMeasure:
    """A figure in words: what it is, numerator, denominator, source. `kind` : how it is counted."""

    key: str
    title: str
    numerator: str
    denominator: str
    source: str
    kind: Literal["share", "median", "rate", "absent"] = "share"
    per: int = 100
    bands: tuple[int, int] | None = None


@dataclass(frozen=True)
class ServiceFigure:
    """A measure in one group. `shown` in words; `low` and `high` its Wilson interval in per cent, None for no share."""

    measure: ServiceMeasure
    group: str
    numerator: float
    denominator: float
    shown: str
    low: float | None = None
    high: float | None = None

    @property
    def band(self) -> str:
        """ "red", "amber" or "green" where the source has bands and there are enough people; else empty."""
        if self.measure.bands is None or self.denominator < FEWEST:
            return ""
        share = 100 * self.numerator / self.denominator
        low, high = self.measure.bands
        return "red" if share < low else "amber" if share <= high else "green"


HADJI, LYU = "Hadji 2015, Osteoporos Int 26:2479", "Lyu 2020, Ann Intern Med 173:516"
ECTS, OWN = "ECTS 2020 as used in the care rules; window of this project", "definition of this project"
JAVAID = "Javaid 2020, Osteoporos Int 31:1193"
_PAIRS = "pairs of injections of 60 mg whose second was due in the period; an injection that is late today is one more"
MEASURES: tuple[ServiceMeasure, ...] = (
    ServiceMeasure("on_time", "On time", "day 155 to 211 after the last", _PAIRS, f"{HADJI}; {LYU}"),
    ServiceMeasure("early", "Early", "before day 155", _PAIRS, OWN),
    ServiceMeasure("short", "Short delay", "day 212 to 295", _PAIRS, LYU),
    ServiceMeasure("long", "Long delay", "after day 295; each is reviewed", _PAIRS, LYU),
    ServiceMeasure("delay", "Median delay, days", "days past day 183", "pairs that were given", OWN, "median"),
    ServiceMeasure(
        "persistence_12", "Persistence at 12 months", "2 injections, no gap over 239 days, covered at month 12",
        "people who began 12 months and 8 weeks ago or earlier", HADJI,
    ),
    ServiceMeasure(
        "persistence_24", "Persistence at 24 months", "4 injections, no gap over 239 days, covered at month 24",
        "people who began 24 months and 8 weeks ago or earlier", f"extended from {HADJI}",
    ),
    ServiceMeasure(
        "coverage", "Covered for 80 % of the time", "183 days an injection cover 80 % of the days since the first",
        "people with an injection at least 6 months ago", f"{HADJI}; the limit of 80 % is recalled",
    ),
    ServiceMeasure(
        "exit", "Exit with follow-on", f"another bone drug by day {EXIT_D} after the last injection",
        "people with 2 injections or more who stopped: recorded, no injection by day 239, or changed", ECTS,
    ),
    ServiceMeasure(
        "calcium_before", "Calcium before the dose",
        "corrected or ionised calcium in the 28 days before (14 where the last eGFR is below 30)",
        "injections given", "labels ask for a normal calcium; the days are of this project",
    ),
    ServiceMeasure(
        "calcium_after", "Calcium after the dose, weak kidneys", "calcium on day 7 to 14",
        "injections of people with an eGFR below 30", "US label: within 14 days (recalled)",
    ),
    ServiceMeasure(
        "vitamin_d", "Vitamin D at the dose", "25-OH vitamin D of 50 nmol/L or more in the 12 months before",
        "injections given", OWN,
    ),
    ServiceMeasure(
        "kidneys", "Kidney result", "eGFR in the 12 months before (6 where the last is below 30)",
        "injections given", OWN,
    ),
    ServiceMeasure(
        "low_calcium", "Low calcium after a dose, of 1,000 doses", "calcium below 2.00 mmol/L within 30 days",
        "injections given 30 days ago or earlier", OWN, "rate", 1000,
    ),
    ServiceMeasure(
        "rebound", "Vertebral fractures after stopping, of 100 person-years",
        "vertebral fractures between month 7 and 24 after the last injection", "person-years in that time",
        "Cummings 2018", "rate", 100,
    ),
    ServiceMeasure(
        "dxa", "DXA after a fracture (indicator 4)", "DXA within 84 days",
        "dated fractures at 50 years or more; who needed no DXA is not recorded", JAVAID, bands=(50, 80),
    ),
    ServiceMeasure(
        "started", "Medicine after a fracture (indicator 9)", "a bone drug begun within 112 days, or taken already",
        "dated fractures at 50 years or more; what was recommended is not recorded", JAVAID, bands=(50, 80),
    ),
    ServiceMeasure(
        "one_year", "On a medicine at 52 weeks (indicator 10)", "a bone drug covers day 364 after it was begun",
        "people who began a bone drug 52 weeks ago or earlier", JAVAID, bands=(50, 80),
    ),
    *(
        ServiceMeasure(f"absent_{number}", f"{title} (indicator {number})", what, "not in the record", JAVAID, "absent")
        for number, title, what in (
            (1, "Identification, non-spine", "needs the expected number of local fractures"),
            (2, "Identification, spine", "needs the number of local hip fractures"),
            (3, "Time to assessment", "needs the day of the assessment"),
            (5, "Falls", "needs the day of the falls assessment"),
            (6, "Treatment recommended", "needs the recommendation"),
            (7, "Strength and balance", "needs the day on which exercise began"),
            (8, "Follow-up", "needs the day of the contact"),
            (11, "Completeness", "needs the fields of the other indicators"),
        )
    ),
)  # fmt: skip


def history_for_figures(patient: Patient) -> dict[str, Any]:
    """The days of a record that the figures are counted from, as JSON: small, since every person's is read at once."""
    days: dict[str, list[Any]] = {name: [] for name in ("calcium", "low", "egfr", "d", "dxa")}
    albumin = {one.date for one in patient.measurements if one.test == "albumin"}
    for one in patient.measurements:
        day = one.date.isoformat()
        if one.test in ("corrected calcium", "ionised calcium") or (
            one.test == "calcium" and one.date in albumin
        ):
            days["calcium"].append(day)
        if one.test == "corrected calcium" and one.value < LOW_CALCIUM and not one.above_limit:
            days["low"].append(day)
        if one.test in ("eGFR", "25-OH vitamin D"):
            days["egfr" if one.test == "eGFR" else "d"].append([day, one.value])
        if one.test == "BMD":
            days["dxa"].append(day)
    history = history_of(patient)
    spans: list[list[Any]] = []
    for one in history.doses:
        at, cover = history.date(one.time_d), round(one.cover_d)
        if not find_drug(one.drug).treatments and one.drug != "denosumab":
            continue
        last = spans[-1] if spans else None
        if last and last[1] == one.drug != "denosumab" and (at - last[0]).days <= last[3] + 1:
            last[3] = (at - last[0]).days + cover  # a course of tablets is one span
        else:
            spans.append([at, one.drug, one.amount, cover])
    covers = [[at.isoformat(), *rest] for at, *rest in spans]
    broken = [[one.date.isoformat(), one.site] for one in patient.fractures]
    return {
        **{name: sorted(found) for name, found in days.items()},
        "doses": covers,
        "fractures": broken,
        "born": patient.birth_date.isoformat(),
        "died": patient.death_date.isoformat() if patient.death_date else None,
    }


def wilson(count: float, of: float) -> tuple[float, float]:
    """The 95 % interval of a share, in per cent.

    >>> [round(one, 1) for one in wilson(8, 10)]
    [49.0, 94.3]
    """
    share, spread = count / of, Z * Z / of
    middle = share + spread / 2
    half = Z * math.sqrt(share * (1 - share) / of + spread / of / 4)
    return 100 * (middle - half) / (1 + spread), 100 * (middle + half) / (1 + spread)


def months_back(today: dt.date, months: int) -> dt.date:
    """The first day of the month that lies so many months back, this one counted.

    >>> months_back(dt.date(2026, 2, 14), 12)
    datetime.date(2025, 3, 1)
    """
    number = today.year * 12 + today.month - months
    return dt.date(number // 12, number % 12 + 1, 1)


def counted_of(
    history: dict[str, Any], owner: str, site: str, status: str, today: dt.date
) -> Iterator[tuple[str, Counted]]:
    """Each measure with each thing that is counted for it of one person, in the last `MOST_MONTHS` months."""
    first = months_back(today, MOST_MONTHS)
    for key, found in _Person(history, owner, site, status, today, first).counted():
        if first <= found.day <= today:
            yield key, found


class _Person:
    """One person's days, and everything that is counted of them."""

    def __init__(
        self, history: dict[str, Any], owner: str, site: str, status: str, today: dt.date, first: dt.date
    ) -> None:
        day = dt.date.fromisoformat
        self.owner, self.site, self.status, self.today, self.first = owner, site, status, today, first
        every = [(day(at), drug, amount, cover) for at, drug, amount, cover in history.get("doses", ())]
        self.doses = [at for at, drug, amount, _ in every if drug == "denosumab" and amount == 60.0]
        self.bone = [(at, cover) for at, _, _, cover in every]
        last = self.doses[-1] if self.doses else None
        self.after = [
            at for at, drug, _, _ in every if drug != "denosumab" and last is not None and at > last
        ]
        self.days = {name: [day(at) for at in history.get(name, ())] for name in ("calcium", "low", "dxa")}
        self.values = {
            name: [(day(at), value) for at, value in history.get(name, ())] for name in ("egfr", "d")
        }
        self.fractures = [(day(at), site) for at, site in history.get("fractures", ())]
        self.born = day(history["born"]) if history.get("born") else None
        self.died = day(history["died"]) if history.get("died") else None
        self.gone = status == "moved" or self.died is not None

    def counted(self) -> Iterator[tuple[str, Counted]]:
        """Each measure with each thing that is counted for it."""
        yield from self._pairs()
        yield from self._persistence()
        yield from self._injections()
        yield from self._exits()
        yield from self._fractures()

    def _made(self, day: dt.date, holds: bool, value: float | None = None) -> Counted:
        return Counted(day, self.owner, self.site, holds, value)

    def _pairs(self) -> Iterator[tuple[str, Counted]]:
        pairs = [(one, (other - one).days) for one, other in zip(self.doses, self.doses[1:], strict=False)]
        for at, gap in pairs:
            if (due := at + _SIX_MONTHS) >= self.first:
                yield "delay", self._made(due, True, gap - DUE)
        if self.doses and not self.after and not self.gone and (self.today - self.doses[-1]).days > ON_TIME:
            pairs.append((self.doses[-1], (self.today - self.doses[-1]).days))
        for at, gap in pairs:
            due = at + _SIX_MONTHS
            if not self.first <= due <= self.today:
                continue
            yield "early", self._made(due, gap < EARLY)
            yield "on_time", self._made(due, EARLY <= gap <= ON_TIME)
            yield "short", self._made(due, ON_TIME < gap <= SHORT)
            yield "long", self._made(due, gap > SHORT)

    def _persistence(self) -> Iterator[tuple[str, Counted]]:
        if not self.doses:
            return
        first = self.doses[0]
        for key, month, count in (("persistence_12", 12, 2), ("persistence_24", 24, 4)):
            end = first + dt.timedelta(round(month * MONTH_D))
            over = end + dt.timedelta(56)
            if over > self.today or self.status == "moved" or (self.died is not None and self.died < end):
                continue
            inside = [at for at in self.doses if at <= end]
            gaps = [(b - a).days for a, b in zip(inside, [*inside[1:], end], strict=True)]
            yield key, self._made(over, len(inside) >= count and max(gaps) <= STOPPED)
        until = min(self.died or self.today, self.today)
        if (until - first).days >= DUE and self.status != "moved":
            ends = [*self.doses[1:], until]
            covered = sum(max(0, min((b - a).days, DUE)) for a, b in zip(self.doses, ends, strict=True))
            yield "coverage", self._made(until, covered >= 0.8 * (until - first).days)
        begun, _ = self.bone[0]
        end = begun + dt.timedelta(364)
        if end <= self.today and self.status != "moved" and (self.died is None or self.died > end):
            on = any(at <= end <= at + dt.timedelta(cover + 56) for at, cover in self.bone)
            yield "one_year", self._made(end, on)

    def _injections(self) -> Iterator[tuple[str, Counted]]:
        for at in self.doses:
            if at < self.first:
                continue
            egfr = [value for day, value in self.values["egfr"] if day <= at]
            weak = bool(egfr) and egfr[-1] < 30
            yield "calcium_before", self._made(at, self._within("calcium", at, 14 if weak else 28))
            kidney = any(0 <= (at - day).days <= (183 if weak else 365) for day, _ in self.values["egfr"])
            yield "kidneys", self._made(at, kidney)
            d = [value for day, value in self.values["d"] if 0 <= (at - day).days <= 365]
            yield "vitamin_d", self._made(at, bool(d) and d[-1] >= 50)
            if at + dt.timedelta(30) <= self.today:
                low = any(0 < (day - at).days <= 30 for day in self.days["low"])
                yield "low_calcium", self._made(at, low)
            if weak and at + dt.timedelta(14) <= self.today:
                yield (
                    "calcium_after",
                    self._made(at, any(7 <= (day - at).days <= 14 for day in self.days["calcium"])),
                )

    def _within(self, name: str, at: dt.date, days: int) -> bool:
        return any(0 <= (at - day).days <= days for day in self.days[name])

    def _exits(self) -> Iterator[tuple[str, Counted]]:
        if not self.doses:
            return
        last = self.doses[-1]
        since = (self.today - last).days
        recorded = self.status in ("declined", "stopped with plan")
        if len(self.doses) >= 2 and not self.gone and (self.after or recorded or since > STOPPED):
            followed = bool(self.after) and (self.after[0] - last).days <= EXIT_D
            if followed or since > EXIT_D:
                yield "exit", self._made(last + dt.timedelta(EXIT_D if not followed else 183), followed)
        begins, ends = last + dt.timedelta(213), last + dt.timedelta(730)
        until = min(self.today, ends, *self.after[:1], *filter(None, [self.died]))
        if until > begins and since > STOPPED and not self.after:
            broken = sum(begins <= day <= until and "vertebra" in site for day, site in self.fractures)
            years = (until - begins).days / 365.25
            yield "rebound", self._made(until, False, years)
            for _ in range(broken):
                yield "rebound", self._made(until, True, 0.0)

    def _fractures(self) -> Iterator[tuple[str, Counted]]:
        for day, _ in self.fractures:
            if self.born is None or (day - self.born).days < 50 * 365.25:
                continue
            for key, limit, done in (
                ("dxa", 84, lambda day: any(0 <= (at - day).days <= 84 for at in self.days["dxa"])),
                ("started", 112, self._treated_by),
            ):
                over = day + dt.timedelta(limit)
                if over <= self.today and (self.died is None or self.died > over):
                    yield key, self._made(over, done(day))

    def _treated_by(self, day: dt.date) -> bool:
        return any(
            at <= day + dt.timedelta(112) and at + dt.timedelta(cover) >= day for at, cover in self.bone
        )
