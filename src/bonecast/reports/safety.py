"""What stands beside a forecast: the check of the next injection and of each strategy, dates, and the liver."""

from __future__ import annotations

from dataclasses import dataclass

from bonecast.care import Check, Schedule, StrategyCheck, calendar, check, check_strategy, schedule
from bonecast.charts import Picture
from bonecast.forecasts import Forecast
from bonecast.liver import Assessment, assess_patient
from bonecast.records import Patient


def not_offered(forecast: Forecast) -> tuple[str, ...]:
    """Name the usual strategies that the care rules block: they were not followed.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    tuple of str
        A sentence each.
    """
    return tuple(f"Not offered: '{one.name}'. {one.why}" for one in forecast.blocked)


@dataclass(frozen=True)
class Safety:
    """check : of the next injection. ways : of each strategy, by name. plan : what is done when. liver : None where
    no liver value is on record."""

    check: Check
    ways: dict[str, StrategyCheck]
    plan: Schedule
    liver: Assessment | None

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures of the liver."""
        return self.liver.pictures if self.liver is not None else ()


def safety_of(forecast: Forecast) -> Safety:
    """What do the care rules and the liver values say of this record and these strategies?"""
    patient = forecast.patient
    return Safety(check(patient), checked_ways(forecast), schedule(patient), assess_patient(patient))


def checked_ways(forecast: Forecast) -> dict[str, StrategyCheck]:
    """Check each strategy that was followed against the care rules.

    One that was asked for although they block it is marked: what it would cost is a reason against it. Those that were
    left out are in `Forecast.blocked`.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    dict
        Name of the strategy to its check.
    """
    return {s.name: check_strategy(s.name, s.plan, forecast.patient) for s in forecast.strategies}


def calendar_of(patient: Patient, previous: bytes | None = None) -> str | None:
    """The dates as a calendar file; None where the care rules withhold the injection.

    previous : the file of an earlier run: it stays as it is where nothing in it has changed.
    """
    made = schedule(patient)
    return None if made.withheld else calendar(made, previous=previous).decode("utf-8")
