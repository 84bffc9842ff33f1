"""The courses of a regimen that are far from every dose in which their drug is given."""

from __future__ import annotations

from bonecast.drugs import unusual_dose
from bonecast.regimens.regimen import Regimen


def unusual_courses(plan: Regimen) -> tuple[str, ...]:
    """List the courses of a regimen that must be asked about, by the forms and regimens of the drug catalogue.

    Parameters
    ----------
    plan : Regimen
        The regimen.

    Returns
    -------
    tuple of str
        The reason for each.

    Examples
    --------
    >>> from bonecast.regimens import parse_regimen
    >>> unusual_courses(parse_regimen("teriparatide 20 mg daily for 2 years"))
    ('20 mg of teriparatide is 1,000 times the usual 20 ug',)
    """
    found = []
    for course in (course for step in plan.steps for course in step.courses):
        repeated = course.interval is not None and course.n_doses > 1
        reason = unusual_dose(course.drug, course.amount, course.unit, course.cover_d if repeated else None)
        found += [reason] if reason else []
    return tuple(dict.fromkeys(found))
