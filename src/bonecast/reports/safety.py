"""What stands beside a forecast: the check of the next injection and of each strategy, dates, and the liver."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from bonecast.care import (
    Check,
    Finding,
    Override,
    Schedule,
    StrategyCheck,
    calendar,
    check,
    check_strategy,
    schedule,
)
from bonecast.charts import Picture
from bonecast.core import gettext
from bonecast.forecasts import Forecast
from bonecast.liver import Assessment, assess_patient
from bonecast.records import Patient

STATES = {
    "do_not_give": "Do not give",
    "not_complete": "Not complete",
    "caution": "Caution",
    "clear": "Clear",
    "given": "Given",
}


def emergency_sentence(found: Finding) -> str:
    """Write what must be done today, before any forecast is read.

    Parameters
    ----------
    found : Finding
        The emergency.

    Returns
    -------
    str
        A sentence.
    """
    return gettext(
        "Act today, before reading a forecast. {advice} ({rule})",
        advice=gettext(found.advice),
        rule=found.rule,
    )


def reasons(forecast: Forecast) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each reason of the care rules with the strategies that it blocks; an emergency is said once and left out here."""
    said: dict[str, list[str]] = {}
    emergency = forecast.emergency.rule if forecast.emergency else ""
    for one in forecast.blocked:
        for why in one.reasons:
            if not emergency or not why.startswith(f"{emergency}: "):
                said.setdefault(why, []).append(one.name)
    return tuple((why, tuple(names)) for why, names in said.items())


def would_lift(one: StrategyCheck, but: str = "") -> tuple[str, ...]:
    """What would lift each block of a strategy, in words; empty where nothing that can change would.

    but : a rule that is said elsewhere.
    """
    return tuple(
        dict.fromkeys(
            gettext(
                "{rule} lifts when {names}",
                rule=finding.rule,
                names=gettext(", or ").join(finding.would_change),
            )
            for finding in one.blocks
            if finding.would_change and finding.rule != but
        )
    )


def not_possible(one: StrategyCheck, but: str = "") -> str:
    """Name a blocked strategy with the rules, the reason and what would lift it. but : a rule that is said elsewhere.

    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import parse_regimen
    >>> person = read_patient("examples/late-dose.toml")
    >>> not_possible(check_strategy("stop", parse_regimen("nothing for 2 years"), person))[-58:]
    'DC-01 lifts when follow-on antiresorptive is planned: yes.'
    """
    lifts = "; ".join(would_lift(one, but))
    why = " ".join(reason for reason in one.reasons if not but or not reason.startswith(f"{but}: "))
    return gettext(
        "Not possible: {name}. {why}", name=one.name, why=why or gettext("The emergency comes first.")
    ) + (f" {lifts}." if lifts else "")


def due_date(forecast: Forecast) -> dt.date | None:
    """When the next injection is or was due; None where the care rules block it."""
    return forecast.due if check(forecast.patient).outcome != "blocked" else None


def not_offered(forecast: Forecast) -> tuple[str, ...]:
    """Name the strategies that the care rules block: they were not followed and have no number.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    tuple of str
        A sentence each.
    """
    said = forecast.emergency.rule if forecast.emergency else ""
    return tuple(not_possible(one, said) for one in forecast.blocked)


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


def safety_of(forecast: Forecast, overrides: Iterable[Override] = ()) -> Safety:
    """What do the care rules and the liver values say of this record and these strategies?"""
    patient, overridden = forecast.patient, tuple(overrides)
    return Safety(
        check(patient, overrides=overridden),
        checked_ways(forecast),
        schedule(patient, overrides=overridden),
        assess_patient(patient),
    )


def checked_ways(forecast: Forecast) -> dict[str, StrategyCheck]:
    """What the care rules say of each strategy that was followed; those that they block are in `Forecast.blocked`.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    dict
        Name of the strategy to its check.
    """
    known = {one.name: one for one in forecast.checks}
    return {
        s.name: known.get(s.name) or check_strategy(s.name, s.plan, forecast.patient)
        for s in forecast.strategies
    }


def calendar_of(patient: Patient, previous: bytes | None = None) -> str | None:
    """The dates as a calendar file; None where the care rules withhold the injection.

    previous : the file of an earlier run: it stays as it is where nothing in it has changed.
    """
    made = schedule(patient)
    return None if made.withheld else calendar(made, previous=previous).decode("utf-8")
