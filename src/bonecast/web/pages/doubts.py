"""What a form asks before it is kept: a dose far from every usual one, two doses close together, a T-score that does
not belong to its BMD. Asked of what is new or changed only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bonecast.core import gettext
from bonecast.drugs import unusual_dose
from bonecast.errors import InputError
from bonecast.outcomes import YOUNG_NORMALS
from bonecast.records import Measurement, Patient, unusual_doses
from bonecast.web.store import people
from bonecast.web.store.merge import Record, with_keys

CONFIRMED_FIELD = "unusual_dose_confirmed"  # of [person]
DAY_D = 6.0  # no two doses of a drug that is not taken daily or weekly are closer (assumption)
# By how much the T-score of young white women may differ from a printed one (assumption): references differ between
# makers and versions, and some printouts of men use a reference of men.
MOST_T = {"female": 1.0, "male": 1.5}
_SITES = {"lumbar spine": "LS_BMD", "total hip": "TH_BMD", "femoral neck": "FN_BMD"}


@dataclass(frozen=True)
class Doubt:
    """One question. `is_dose` : the record itself can say that the dose was given as written."""

    text: str
    is_dose: bool = False

    @property
    def name(self) -> str:
        """The field of the form that answers it."""
        return f"right-{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"


def new_doubts(record: Record, base: Record | None) -> list[Doubt]:
    """What must be asked of this record and was not of the one that it was made from; nothing where it is refused."""
    try:
        known = set(_doubts(people.checked(with_keys(base)))) if base else set()
        return [one for one in _doubts(people.checked(with_keys(record))) if one not in known]
    except InputError:
        return []


def _doubts(patient: Patient) -> Iterator[Doubt]:
    for text in unusual_doses(patient):
        yield Doubt(text, is_dose=True)
    for before, after in pairwise(sorted(patient.doses, key=lambda one: (one.drug, one.date))):
        days = (after.date - before.date).days
        close = before.drug == after.drug and 0 < days <= DAY_D
        if close and unusual_dose(after.drug, after.amount, after.unit, float(days)):
            yield Doubt(
                gettext(
                    "{drug} on {first} and again on {second}: {days} days apart",
                    drug=after.drug,
                    first=before.date,
                    second=after.date,
                    days=days,
                )
            )
    for scan in patient.measurements:
        by_site = _t_score(scan)
        if scan.t_score is not None and by_site:
            nearest = min(by_site, key=lambda one: abs(one - (scan.t_score or 0.0)))
            if abs(nearest - scan.t_score) > MOST_T[patient.sex]:
                yield Doubt(
                    gettext(
                        "{site} on {day}: a BMD of {bmd} is a T-score of about {usual}, not {given}",
                        site=gettext(scan.site or ""),
                        day=scan.date,
                        bmd=scan.given,
                        usual=f"{nearest:.1f}",
                        given=f"{scan.t_score:g}",
                    )
                )


def _t_score(scan: Measurement) -> list[float]:
    """The T-scores of this BMD by the references of its maker, or of every maker where it is not known."""
    if scan.test != "BMD" or scan.below_limit:
        return []
    rows = [row for row in YOUNG_NORMALS if row.endpoint == _SITES.get(scan.site or "")]
    own = [row for row in rows if scan.scanner and row.scanner in scan.scanner]
    return [(scan.value - row.mean) / row.sd for row in own or rows]
