"""What was measured: each value checked and brought to the usual unit of its test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bonecast.core import Faults, gettext
from bonecast.errors import InputError
from bonecast.records.file_format import MeasurementLines, read_lines
from bonecast.records.lifetime import Lifetime
from bonecast.records.patient import Measurement
from bonecast.records.quantity import Quantity, find_test
from bonecast.records.site import find_scanner, find_site
from bonecast.records.units import read_quantity

FARTHEST_T_SCORE = 10.0  # standard deviations: a BMD in place of a T-score passes, a percentage does not


def read_measurements(
    entries: list[tuple[str, object]],
    lifetime: Lifetime,
    faults: Faults,
    known: Sequence[Measurement] = (),
) -> tuple[Measurement, ...]:
    """Which measurements do these entries (place and lines) give, in order of date? Each fault is noted.

    `known` are their values, in the same order, where they were read before.
    """
    kept: dict[Measurement, None] = {}
    for number, (place, lines) in enumerate(entries):
        if faults.full:
            break
        value = known[number] if known else read_measurement(place, lines, lifetime, faults)
        if value in kept:
            cause = gettext(
                "the same {test} of {date} stands in the record twice", test=value.test, date=value.date
            )
            faults.note(InputError(place, cause, gettext("leave one of the two out")))
        elif value is not None:
            kept[value] = None
    return tuple(sorted(kept, key=_order))


def read_measurement(place: str, lines: object, lifetime: Lifetime, faults: Faults) -> Measurement | None:
    """The measurement of one entry; None where something is wrong with it, which is noted."""
    entry = read_lines(MeasurementLines, lines, place, faults)
    if entry is not None:
        with faults.noting():
            return _measurement(entry, lifetime, place)
    return None


def _order(m: Measurement) -> tuple:
    """By day and time of day, then test and site; the rest only makes the order of the file irrelevant."""
    rest = (m.assay, m.lab, m.scanner, m.t_score, m.fasting, m.reference_low, m.reference_high)
    return (m.date, m.time or dt.time.min, m.test, m.site or "", m.value, m.given, str(rest))


def _measurement(entry: MeasurementLines, lifetime: Lifetime, place: str) -> Measurement:
    test = find_test(entry.test, f"{place}, test")
    site, scanner = _where(entry, test, place)
    is_scan = test.name == "BMD"
    value, written = read_quantity(test, entry.value, f"{place}, value", exact=is_scan, above=not is_scan)
    low = _limit(test, entry.reference_low, f"{place}, reference_low")
    high = _limit(test, entry.reference_high, f"{place}, reference_high")
    if low is not None and high is not None and low >= high:
        raise InputError(
            f"{place}, reference_low",
            gettext("the lower limit is not below the upper"),
            gettext("exchange the two"),
        )
    return Measurement(
        test=test.name,
        site=site,
        value=value,
        unit=test.usual,
        below_limit=written.below,
        above_limit=written.above,
        date=lifetime.check(entry.date, f"{place}, date", test.name),
        given=entry.value,
        time=entry.time,
        fasting=entry.fasting,
        assay=entry.assay,
        lab=entry.lab,
        scanner=scanner,
        t_score=entry.t_score,
        reference_low=low,
        reference_high=high,
    )


def _where(entry: MeasurementLines, test: Quantity, place: str) -> tuple[str | None, str | None]:
    """The site and scanner, which a BMD has and no other test."""
    if test.name == "BMD":
        if entry.site is None:
            raise InputError(
                place, gettext("a BMD has no site"), gettext('add site, such as site = "lumbar spine"')
            )
        if entry.t_score is not None and abs(entry.t_score) > FARTHEST_T_SCORE:
            cause = gettext("{t_score:g} is not a T-score", t_score=entry.t_score)
            raise InputError(f"{place}, t_score", cause, gettext("give standard deviations, such as -2.6"))
        scanner = find_scanner(entry.scanner, f"{place}, scanner") if entry.scanner is not None else None
        return find_site(entry.site, f"{place}, site"), scanner
    for key in ("site", "scanner", "t_score"):
        if getattr(entry, key) is not None:
            raise InputError(
                f"{place}, {key}",
                gettext("a {name} has no {key}", name=test.name, key=key),
                gettext("leave it out; it belongs to a BMD"),
            )
    return None, None


def _limit(test: Quantity, text: str | None, place: str) -> float | None:
    return None if text is None else read_quantity(test, text, place, exact=True)[0]
