"""Which bones were broken and when: fragility fractures with their day, checked, and the facts that follow."""

from __future__ import annotations

from collections.abc import Mapping

from bonecast.core import Faults, gettext
from bonecast.errors import InputError, UnknownName
from bonecast.records.file_format import FractureLines, read_lines
from bonecast.records.lifetime import Lifetime
from bonecast.records.patient import FactValue, PriorFracture

FRACTURE_SITES = ("vertebra", "hip", "wrist", "humerus", "pelvis", "rib", "other")


def read_fractures(
    entries: list[tuple[str, object]], lifetime: Lifetime, faults: Faults
) -> tuple[PriorFracture, ...]:
    """Which fractures do these entries (place and lines) give, in order of date? Each fault is noted."""
    found = []
    for place, lines in entries:
        if faults.full:
            break
        entry = read_lines(FractureLines, lines, place, faults)
        if entry is None:
            continue
        with faults.noting():
            site = entry.site.strip().casefold()
            if site not in FRACTURE_SITES:
                raise UnknownName(f"{place}, site", "site of fracture", entry.site, FRACTURE_SITES)
            found.append(PriorFracture(site, lifetime.check(entry.date, f"{place}, date", "fracture")))
    return tuple(sorted(found, key=lambda one: (one.date, one.site)))


def facts_with(
    facts: Mapping[str, FactValue], fractures: tuple[PriorFracture, ...], place: str, faults: Faults
) -> tuple[tuple[str, FactValue], ...]:
    """The facts with what the listed fractures add to them; fewer stated than listed is a fault.

    A fact that is not stated becomes what is listed, at least; none listed says nothing.

    >>> import datetime as dt
    >>> facts_with({}, (PriorFracture("hip", dt.date(2024, 3, 2)),), "person", Faults())
    (('n_fragility_fractures', 1), ('prior_hip_fracture', True))
    """
    kept = dict(facts)
    vertebral = sum(one.site == "vertebra" for one in fractures)
    listed = {
        "prior_vertebral_fractures": ("n_vertebral_fractures", vertebral),
        "prior_fragility_fractures": ("n_fragility_fractures", len(fractures)),
    }
    for key, (name, count) in listed.items():
        stated = kept.get(name)
        with faults.noting():
            if isinstance(stated, int) and stated < count:
                cause = gettext(
                    "{stated} is less than the {count} listed under [[fractures]]", stated=stated, count=count
                )
                raise InputError(f"{place}, {key}", cause, gettext("correct one of the two"))
        if stated is None and count:
            kept[name] = count
    if any(one.site == "hip" for one in fractures):
        with faults.noting():
            if kept.get("prior_hip_fracture") is False:
                cause = gettext("it is false, and a hip fracture is listed under [[fractures]]")
                raise InputError(f"{place}, prior_hip_fracture", cause, gettext("correct one of the two"))
        kept["prior_hip_fracture"] = True
    return tuple(sorted(kept.items()))
