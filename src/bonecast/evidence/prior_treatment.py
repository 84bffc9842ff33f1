"""Treatment before time zero: what the people of an arm took before the trial."""

from __future__ import annotations

from bonecast.cohorts import Typical
from bonecast.drugs import find_drug
from bonecast.evidence.arm_facts import arm_facts
from bonecast.evidence.changes import MONTH_D
from bonecast.evidence.row import Row
from bonecast.models import Model
from bonecast.regimens import Regimen, parse_regimen


def prior_plan(row: Row, who: Typical, model: Model) -> tuple[str, str]:
    """The plan followed before time zero ("" for none), and a remark where it had to be left out.

    None where the row's plan holds it already: it gives a drug of the same class before the month from which the
    change is counted.
    """
    plan = before_zero(row, who)
    if not plan or (row.plan is not None and holds_prior(row.plan, row, who)):
        return "", ""
    missing = [drug for drug in parse_regimen(plan).drugs if drug not in model.drugs]
    if missing:
        return (
            "",
            f"{' and '.join(missing)} before time zero is left out, because the model does not carry it",
        )
    return plan, ""


def before_zero(row: Row, who: Typical) -> str:
    """The plan before time zero of the people of a row: as long on their state as is known of them."""
    months = arm_facts(row).state_months
    if months is None:
        return who.prior_plan
    return f"nothing for {months:g} months" if months else ""


def holds_prior(plan: Regimen, row: Row, who: Typical) -> bool:
    """Does the plan itself give a drug of the class of the prior treatment before the change is counted?"""
    classes = {find_drug(drug).drug_class for drug in parse_regimen(who.prior_plan).drugs}
    start = (row.change_from_month or 0.0) * MONTH_D
    return any(dose.time_d < start and find_drug(dose.drug).drug_class in classes for dose in plan.doses)
