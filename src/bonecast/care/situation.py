"""The situation of a person: which paper they get. The rules choose it, never a form.

Where the judge blocks the act that a paper would be about, the situation is one that dates nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bonecast.care.actions import act_giving
from bonecast.care.case import CareCase
from bonecast.care.check import Check, case_of
from bonecast.care.exits import Exit, check_exit, check_with, find_exit
from bonecast.care.limits import limit_days
from bonecast.care.overrides import LONGEST_REASON, Override
from bonecast.care.reasons import findings_behind, reasons_of
from bonecast.care.schedule_table import EXIT_D, anchor_dates
from bonecast.care.variables import Value
from bonecast.drugs import Product, find_drug
from bonecast.errors import InputError, UnknownName, printable
from bonecast.records import Patient
from bonecast.regimens import history_of

SituationName = Literal[
    "first",
    "on_time",
    "late",
    "overdue",
    "lapsed",
    "restart",
    "cancer",
    "gctb",
    "hcm",
    "unspecified",
    "stopping",
    "cancer_stopping",
    "gctb_stopping",
    "blocked",
    "unplanned",
]
AT_60: tuple[SituationName, ...] = ("first", "on_time", "late", "overdue", "lapsed", "restart")
AT_120: tuple[SituationName, ...] = ("cancer", "gctb", "hcm")
UNSPECIFIED: SituationName = "unspecified"  # 120 mg, and the record does not say what for
STOPPING: tuple[SituationName, ...] = ("stopping", "cancer_stopping", "gctb_stopping")
WITHHELD: tuple[SituationName, ...] = ("blocked", "unplanned")
SITUATIONS: tuple[SituationName, ...] = (*AT_60, *AT_120, UNSPECIFIED, *STOPPING, *WITHHELD)
# The last day of each situation at 60 mg, counted from the last injection (rules DD-01, DD-03, DD-04, DD-06).
LAST_DAYS: dict[SituationName, int] = {
    "on_time": limit_days("due_d"),
    "late": limit_days("on_time_last_d"),
    "overdue": limit_days("very_late_d"),
    "lapsed": limit_days("lapsed_d"),
}
_BY_INDICATION: dict[str, SituationName] = {
    "BONE_METS": "cancer",
    "MYELOMA": "cancer",
    "GCTB": "gctb",
    "HCM": "hcm",
}


@dataclass(frozen=True)
class Situation:
    """Situation of a person, which decides schedule and leaflet, with the checks behind it.

    Parameters
    ----------
    name : str
        One of `SITUATIONS`.
    strength_mg : int
        60 or 120 mg, by the product and dose of the last injection, or by the indication.
    checks : tuple of Check
        Checks of the injection and a change of brand, or of the stop and its exit drug.
    reasons : tuple of str
        Keys of `reasons.toml`; empty where nothing is withheld.
    on : date
        Day that was checked: that of the next injection, or of the exit.
    days_since : int, optional
        Days from the last injection to the day of the record; None where none was given.
    exit : Exit, optional
        Exit drug that was chosen.
    exit_reason : str
        Why no exit drug follows, as the prescriber recorded it.
    brands : tuple of (str, str), optional
        Former and new product name where the brand changes; the former may be empty.
    """

    name: SituationName
    strength_mg: int
    checks: tuple[Check, ...]
    reasons: tuple[str, ...]
    on: dt.date
    days_since: int | None
    exit: Exit | None = None
    exit_reason: str = ""
    brands: tuple[str, str] | None = None

    @property
    def ending(self) -> bool:
        """Is it about stopping?"""
        return self.name in STOPPING or self.name == "unplanned"

    @property
    def withheld(self) -> bool:
        """Is every date kept back?"""
        return bool(self.reasons)


def situation_of(
    patient: Patient,
    jurisdiction: str | None = None,
    ending: bool = False,
    exit: str | None = None,
    reason: str = "",
    brand: str | None = None,
    overrides: Iterable[Override] = (),
) -> Situation:
    """Determine the situation of a person by the rules.

    Parameters
    ----------
    patient : Patient
        The record.
    jurisdiction : str, optional
        "US", "EU", "UK", "CA" or "AU"; by default that of the record, or else the strictest.
    ending : bool
        Whether the last injection has been given.
    exit : str, optional
        Drug that follows, by agent or product name; only with `ending`.
    reason : str
        Why no drug follows, as the prescriber recorded it; only with `ending` and without `exit`.
    brand : str, optional
        Product that the next injection changes to.
    overrides : iterable of Override
        Findings that a clinician overrode, each with a reason.

    Returns
    -------
    Situation
        The situation, with the checks behind it.

    Raises
    ------
    InputError
        If options cannot be combined, the reason is too long, or `ending` is set without any injection in the
        record.
    UnknownName
        If the jurisdiction, the exit drug or the product is not known.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> situation_of(read_patient("examples/late-dose.toml"), "UK").name
    'on_time'
    """
    _check_options(ending, exit, reason, brand)
    history = history_of(patient)
    given = [history.date(dose.time_d) for dose in history.doses if dose.drug == "denosumab"]
    since = (patient.record_date - given[-1]).days if given else None
    overridden = tuple(overrides)
    if ending:
        if not given:
            cause = "there is no injection in the record that could be the last"
            raise InputError(patient.id, cause, "leave --last-dose out")
        day = max(patient.record_date, given[-1] + dt.timedelta(days=EXIT_D))
        return _stopping(patient, jurisdiction, day, since, len(given), exit, reason, overridden)
    case = injection_case(patient, jurisdiction)
    strength = int(float(case.values["dose_mg"]))
    checks = [check_with(case, overridden)]
    brands = None
    if brand is not None:
        new = _product(brand)
        brands = (_last_product(patient), new.name)
        changed = case_of(patient, "switch_brand", jurisdiction, case.on, {"target_product": new.name})
        checks.append(check_with(changed, overridden))
    found = reasons_of(checks)
    name: SituationName = (
        "blocked"
        if found
        else _name(case, strength, since, given != [] and _other_drug_since(patient, given[-1]))
    )
    return Situation(name, strength, tuple(checks), found, case.on, since, brands=brands)


def usual_act(patient: Patient, jurisdiction: str | None = None) -> str | None:
    """Return the act that the next injection is, where it is not simply the next dose.

    More than a year after the last injection, or with another bone drug given since, it is a new start (DD-06).

    Parameters
    ----------
    patient : Patient
        The record.
    jurisdiction : str, optional
        "US", "EU", "UK", "CA" or "AU"; by default that of the record, or else the strictest.

    Returns
    -------
    str or None
        "restart_60"; None where `case_of` names the act by itself.

    Raises
    ------
    InputError
        If a fact of the record cannot be used.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> usual_act(read_patient("examples/late-dose.toml"), "UK") is None
    True
    """
    return "restart_60" if _restarts(patient, case_of(patient, None, jurisdiction)) else None


def injection_case(patient: Patient, jurisdiction: str | None = None) -> CareCase:
    """The case of the next injection, on the day on which it would be given."""
    first = case_of(patient, None, jurisdiction)
    if _restarts(patient, first):
        return case_of(patient, "restart_60", jurisdiction)
    return case_of(patient, None, jurisdiction, anchor_dates(patient, first)["injection"])


def _restarts(patient: Patient, first: CareCase) -> bool:
    """Is the next injection of this case a new start?"""
    history = history_of(patient)
    given = [history.date(dose.time_d) for dose in history.doses if dose.drug == "denosumab"]
    if not given or first.values["dose_mg"] != 60.0:
        return False
    since = (patient.record_date - given[-1]).days
    return since > LAST_DAYS["lapsed"] or _other_drug_since(patient, given[-1])


def could_become_pregnant(case: CareCase, until_age: int = 55) -> bool:
    """Is advice on pregnancy for this person? Where the record does not say, for women below 55."""
    if case.values.get("sex") != "F":
        return False
    known = case.values.get("reproductive_potential")
    return known if isinstance(known, bool) else float(case.values.get("age_years", 0)) < until_age


def _name(case: CareCase, strength: int, since: int | None, other_since: bool) -> SituationName:
    if strength == 120:
        return _at_120(case)
    if since is None:
        return "first"
    if other_since:
        return "restart"
    for name, last in LAST_DAYS.items():
        if since <= last:
            return name
    return "restart"


def _at_120(case: CareCase) -> SituationName:
    """The situation at 120 mg by what it is given for."""
    return _BY_INDICATION.get(str(case.values.get("indication", "")), UNSPECIFIED)


def _stopping(
    patient: Patient,
    jurisdiction: str | None,
    day: dt.date,
    since: int | None,
    count: int,
    exit: str | None,
    reason: str,
    overrides: tuple[Override, ...],
) -> Situation:
    facts: dict[str, Value | str] = {"followon_antiresorptive_planned": True} if exit else {}
    stop = case_of(patient, "stop", jurisdiction, None, facts)
    strength = int(float(stop.values["dose_mg"]))
    chosen = find_exit(exit) if exit else None
    if reason:
        at = dt.datetime.combine(patient.record_date, dt.time(), dt.UTC)
        overrides = (*overrides, Override("DC-01", reason, "the prescriber", at))
    if strength == 60 and chosen is None and count > 1 and not reason:
        checks, found = (check_with(stop, overrides),), ("no_exit",)
    else:
        checks = (check_with(stop, overrides),)
        found = reasons_of(checks)
        if chosen is not None:
            checks = (*checks, check_exit(patient, chosen, jurisdiction, day, overrides))
            found = (*found, *_exit_reasons(checks[1]))
    name = "unplanned" if found else "stopping"
    if strength == 120 and not found:
        name = "gctb_stopping" if _at_120(stop) == "gctb" else "cancer_stopping"
    return Situation(name, strength, checks, found, day, since, chosen, reason)


def _exit_reasons(check: Check) -> tuple[str, ...]:
    """Why an exit drug is not named: it is blocked, or only a result is missing."""
    if not reasons_of([check]):
        return ()
    behind = findings_behind(check)
    waits = behind and not check.contradictions and all(finding.asks_for for finding in behind)
    return ("exit_tests",) if waits else ("exit_blocked",)


def _check_options(ending: bool, exit: str | None, reason: str, brand: str | None) -> None:
    if not ending and (exit or reason):
        option = "--exit" if exit else "--reason"
        raise InputError(option, "it belongs to a treatment that ends", "add --last-dose, or leave it out")
    if exit and reason:
        cause = "a reason is for a stop that nothing follows"
        raise InputError("--reason", cause, "give --exit or --reason, not both")
    if ending and brand:
        raise InputError("--brand", "no further injection is planned", "leave --brand or --last-dose out")
    if len(reason) > LONGEST_REASON:
        raise InputError("--reason", "it is too long", f"use {LONGEST_REASON} characters at most")


def _product(name: str) -> Product:
    drug = find_drug("denosumab")
    wanted = name.strip().casefold()
    for product in drug.products:
        if product.name.casefold() == wanted:
            return product
    raise UnknownName("--brand", "denosumab product", printable(name), [p.name for p in drug.products])


def _last_product(patient: Patient) -> str:
    """The product of the last denosumab in the record; empty where none is named."""
    given = [(dose.date, dose.product or "") for dose in patient.doses_of("denosumab")]
    given += [(c.end or patient.record_date, c.product or "") for c in patient.courses_of("denosumab")]
    return max(given)[1] if given else ""


def _other_drug_since(patient: Patient, last: dt.date) -> bool:
    """Was another bone drug given after the last injection?"""
    begun = [(dose.date, dose.drug) for dose in patient.doses]
    begun += [(course.start, course.drug) for course in patient.courses]
    return any(day > last and act_giving(drug) is not None for day, drug in begun)
