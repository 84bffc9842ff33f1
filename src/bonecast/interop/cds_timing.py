"""How often a draft order repeats a bone drug, held against the labelled regimens of the catalogue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from bonecast.core import DAYS_IN
from bonecast.drugs import LabelledRegimen
from bonecast.interop.cds_orders import Order, objects_in
from bonecast.interop.fhir_dosage import interval_of
from bonecast.interop.fhir_products import IN_MG
from bonecast.interop.fhir_resources import Dosage

TOLERANCE = 0.1  # 28 days and a month, or 24 weeks and 6 months, are one interval
MOST_LOADING = 3  # doses of a first month with extra doses on days 8 and 15


@dataclass(frozen=True)
class TimingFault:
    """An order whose timing no label has, or that cannot be read.

    `sooner` is true where it repeats the drug more often than any label.
    """

    summary: str
    detail: str
    sooner: bool = False


def timing_faults(order: Order, resource: dict[str, Any]) -> Iterator[TimingFault]:
    """What of the timing of an order has to be asked about.

    Denosumab is held to its label in both directions: sooner is an overdose, later lets bone loss begin. Other drugs
    are named only where they are repeated sooner than any label has it.
    """
    regimens = _regimens(order)
    if not regimens:
        return
    usual = " or ".join(dict.fromkeys(every(one.interval) for one in regimens))
    name, seen = order.drug.generic, set[str]()
    for dosage in objects_in(resource.get("dosageInstruction")):
        if dosage.get("asNeededBoolean") is True or dosage.get("asNeededCodeableConcept"):
            yield _fault(f"{name} is ordered as needed; labels give it {usual}")
        for said in _intervals(dosage):
            if said is None:
                yield _fault(f"How often {name} is ordered could not be read; labels give it {usual}")
                continue
            days = _days(said)
            if said in seen or _is_loading(dosage, regimens):
                continue
            seen.add(said)
            labelled = [_days(one.interval) for one in regimens]
            sooner = days < min(labelled) * (1 - TOLERANCE)
            fits = any(abs(days - one) <= TOLERANCE * one for one in labelled)
            if sooner or (name == "denosumab" and not fits):
                yield _fault(f"{name} is ordered {every(said)}; labels give it {usual}", sooner)


def every(interval: str) -> str:
    """An interval in words.

    >>> every("1 days"), every("6 months"), every("0.5 days")
    ('every day', 'every 6 months', '2 times a day')
    """
    number, _, span = interval.partition(" ")
    span = span.removesuffix("s")
    value = float(number)
    if value < 1:
        return f"{1 / value:.3g} times a {span}"
    return f"every {span}" if value == 1 else f"every {value:.4g} {span}s"


def _fault(summary: str, sooner: bool = False) -> TimingFault:
    return TimingFault(
        summary, f"{summary}. Correct the order, or confirm that it is meant: nothing was changed.", sooner
    )


def _regimens(order: Order) -> list[LabelledRegimen]:
    """The regimens with an interval of this drug in this amount; all of the drug where none has the amount."""
    repeated = [one for one in order.drug.regimens if one.interval]
    amount = order.amount_mg
    if order.drug.generic == "denosumab":
        amount = 120.0 if amount == 120.0 else 60.0  # as the order is judged
    same = [one for one in repeated if amount is not None and abs(one.dose * IN_MG[one.unit] - amount) < 1e-9]
    return same or repeated


def _intervals(dosage: dict[str, Any]) -> Iterator[str | None]:
    """The intervals that a dosage says in its timing and in its words; None for a timing that cannot be read."""
    timing = dosage.get("timing")
    if timing is not None:
        try:
            found = Dosage.model_validate({"timing": timing})
        except ValidationError:
            yield None
        else:
            single = found.timing and found.timing.repeat and found.timing.repeat.count == 1
            coded = None if single else interval_of(found)
            if coded is not None:
                yield coded
            if isinstance(timing, dict) and (days := _apart(timing.get("event"))) is not None:
                yield f"{days} days"
    for key in ("text", "patientInstruction"):
        words = dosage.get(key)
        said = interval_of(Dosage(text=words)) if isinstance(words, str) else None
        if said is not None and _days(said) > 0:
            yield said


def _apart(events: object) -> int | None:
    """The fewest days between two fixed days of an order."""
    days: set[dt.date] = set()
    for one in events if isinstance(events, list) else []:
        try:
            days.add(dt.date.fromisoformat(str(one)[:10]))
        except ValueError:
            continue
    return min(((after - before).days for before, after in pairwise(sorted(days))), default=None)


def _is_loading(dosage: dict[str, Any], regimens: list[LabelledRegimen]) -> bool:
    """Is this the first month of a regimen with extra doses at its start?"""
    timing = dosage.get("timing")
    repeat = timing.get("repeat") if isinstance(timing, dict) else None
    count = repeat.get("count") if isinstance(repeat, dict) else None
    return isinstance(count, int) and count <= MOST_LOADING and any(one.loading for one in regimens)


def _days(interval: str) -> float:
    number, _, span = interval.partition(" ")
    return float(number) * DAYS_IN[span if span in DAYS_IN else f"{span}s"]
