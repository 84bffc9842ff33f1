"""Which drugs were given and when: single doses and courses, checked, with no drug twice on a day."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from itertools import pairwise

from bonecast.core import MOST_DOSES, SHORTEST_INTERVAL_D, Faults, gettext, read_span
from bonecast.drugs import drug_names, find_drug
from bonecast.errors import InputError, UnknownName, close_matches, printable
from bonecast.records.file_format import DoseLines, read_lines
from bonecast.records.lifetime import Lifetime
from bonecast.records.patient import Course, GivenDose, Skipped
from bonecast.records.quantity import folded, quantities
from bonecast.records.units import find_unit, read_quantity


def read_dosing(
    entries: list[tuple[str, object]], lifetime: Lifetime, faults: Faults
) -> tuple[tuple[GivenDose, ...], tuple[Course, ...], tuple[Skipped, ...]]:
    """Which doses and courses do these entries (place and lines) give, in order of date, and which are passed over?

    Each fault is noted, also two doses of one drug on one day. A drug that the catalogue does not hold, nor anything
    like it, costs its own entry only.
    """
    doses: list[GivenDose] = []
    courses: list[Course] = []
    skipped: list[Skipped] = []
    # Drug, first day, last day, place: what must not share a day within one drug.
    stretches: list[tuple[str, dt.date, dt.date, str]] = []
    for place, lines in entries:
        if faults.full:
            break
        entry = read_lines(DoseLines, lines, place, faults)
        if entry is None:
            continue
        if _is_unknown(entry.drug):
            reason = (
                f"'{printable(entry.drug)}' is not in the drug catalogue: what is it, and in what strength?"
            )
            skipped.append(Skipped(place, reason, is_drug=True))
            continue
        with faults.noting():
            if _is_course(entry, place):
                course = _course(entry, lifetime, place)
                courses.append(course)
                stretches.append((course.drug, course.start, course.end or lifetime.record, place))
            else:
                dose = _dose(entry, lifetime, place)
                doses.append(dose)
                stretches.append((dose.drug, dose.date, dose.date, place))
    _check_shared_days(stretches, faults)
    with faults.noting():
        _check_number(courses, lifetime)
    return (
        tuple(sorted(doses, key=lambda d: (d.date, d.drug))),
        tuple(sorted(courses, key=lambda c: (c.start, c.drug))),
        tuple(skipped),
    )


def _is_unknown(drug: str) -> bool:
    """Is this neither a name of the catalogue nor a slip of the keyboard in one?"""
    try:
        find_drug(drug)
    except UnknownName:
        return not close_matches(drug, drug_names())
    return False


def _is_course(entry: DoseLines, place: str) -> bool:
    if entry.every is None:
        if entry.start or entry.end:
            raise InputError(
                place, gettext("a course has no interval"), gettext('add every, such as every = "1 week"')
            )
        return False
    if entry.date is not None:
        raise InputError(
            place, gettext("a course has a date"), gettext("give from and to instead, or leave every out")
        )
    if entry.start is None:
        raise InputError(
            place, gettext("a course has no first day"), gettext("add from, such as from = 2024-03-04")
        )
    for name, value in (
        ("lot", entry.lot),
        ("injection site", entry.injection_site),
        ("given_by", entry.given_by),
    ):
        if value is not None:
            raise InputError(
                place,
                gettext("a course has a {name}", name=name),
                gettext("give the {name} with single doses only", name=name),
            )
    return True


def _dose(entry: DoseLines, lifetime: Lifetime, place: str) -> GivenDose:
    if entry.date is None:
        raise InputError(
            place,
            gettext("date is missing"),
            gettext("add a date, such as 2026-03-04, or every, from and to"),
        )
    drug, product = _drug(entry, place)
    amount, unit = _amount(entry, place)
    date = lifetime.check(entry.date, f"{place}, date", "dose")
    return GivenDose(drug, amount, unit, date, product, entry.lot, entry.injection_site, entry.given_by)


def _course(entry: DoseLines, lifetime: Lifetime, place: str) -> Course:
    assert entry.start is not None
    assert entry.every is not None
    drug, product = _drug(entry, place)
    amount, unit = _amount(entry, place)
    start = lifetime.check(entry.start, f"{place}, from", "dose")
    if entry.end is not None:
        lifetime.check(entry.end, f"{place}, to", "last dose")
        if entry.end < start:
            raise InputError(
                f"{place}, to",
                gettext("{end} lies before {start}", end=entry.end, start=start),
                gettext("exchange from and to"),
            )
    every_d = read_span(entry.every, f"{place}, every")
    if every_d < SHORTEST_INTERVAL_D:
        cause = gettext(
            "'{every}' is shorter than {shortest_interval_d:g} days",
            every=printable(entry.every),
            shortest_interval_d=SHORTEST_INTERVAL_D,
        )
        raise InputError(
            f"{place}, every", cause, gettext('write what is given a day as one dose, every = "1 day"')
        )
    return Course(drug, amount, unit, every_d, start, entry.end, product)


def _check_number(courses: list[Course], lifetime: Lifetime) -> None:
    """All courses, written out dose by dose, stay within what a lifetime holds."""
    count = sum(((one.end or lifetime.record) - one.start).days / one.every_d + 1 for one in courses)
    if count > MOST_DOSES:
        cause = gettext("the courses come to {count:,.0f} doses", count=count)
        raise InputError(
            "doses",
            cause,
            gettext("keep them to {most_doses:,}; check from, to and every", most_doses=MOST_DOSES),
        )


def _drug(entry: DoseLines, place: str) -> tuple[str, str | None]:
    """The agent, and the product where one was named; "Prolia" as the drug is a product name."""
    drug = find_drug(entry.drug, place=f"{place}, drug")
    if entry.product is None:
        products = {folded(product.name) for product in drug.products}
        return drug.generic, entry.drug.strip() if folded(entry.drug) in products else None
    with suppress(UnknownName):  # no catalogue holds every brand; only a known contradiction is a fault
        agent = find_drug(entry.product).generic
        if agent != drug.generic:
            cause = gettext(
                "{product} is {agent}, not {generic}",
                product=printable(entry.product),
                agent=agent,
                generic=drug.generic,
            )
            raise InputError(f"{place}, product", cause, gettext("correct one of the two"))
    return drug.generic, entry.product


def _amount(entry: DoseLines, place: str) -> tuple[float, str]:
    """The amount in the unit as written (mg or ug), which is how plans and labels state it."""
    dose, at = quantities()["dose"], f"{place}, amount"
    _, written = read_quantity(dose, entry.amount, at, exact=True)
    return written.number, find_unit(dose, written.unit, at)


def _check_shared_days(stretches: list[tuple[str, dt.date, dt.date, str]], faults: Faults) -> None:
    """Note each pair of neighbours of one drug that share a day."""
    for (drug, _, end, _), (next_drug, start, _, place) in pairwise(_reaching(stretches)):
        if drug == next_drug and start <= end:
            cause = gettext("{drug} is given twice on {start}", drug=drug, start=start)
            faults.note(
                InputError(place, cause, gettext("leave one out, or end the earlier course the day before"))
            )


def _reaching(stretches: list[tuple[str, dt.date, dt.date, str]]) -> list[tuple[str, dt.date, dt.date, str]]:
    """The stretches in order, each with the last day its drug has reached so far: neighbours then suffice."""
    reached: dict[str, dt.date] = {}
    ordered = []
    for drug, start, end, place in sorted(stretches):
        reached[drug] = max(end, reached.get(drug, end))
        ordered.append((drug, start, reached[drug], place))
    return ordered
