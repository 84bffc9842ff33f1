"""To which class of results does a row belong: endpoint, drug, population and phase of treatment?"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from bonecast.cohorts import typical
from bonecast.evidence.endpoint import discrepancy_endpoint
from bonecast.evidence.prior_treatment import holds_prior
from bonecast.evidence.row import Row
from bonecast.models import POPULATIONS
from bonecast.regimens import DAYS_IN, parse_regimen, treatment_phase


@dataclass(frozen=True)
class RowClass:
    """The class of a row.

    Parameters
    ----------
    endpoint : str
        Endpoint of the discrepancy ("LS_BMD", "vertebral_fracture").
    drug : str
        Class of the drug.
    population : str
        Population; "any" for one that has no class of its own.
    phase : str
        on_treatment, after_stopping, after_switch or untreated.
    months : float
        Months since the phase began.
    """

    endpoint: str
    drug: str
    population: str
    phase: str
    months: float


def row_class(row: Row) -> RowClass | None:
    """Find the class of a row: its regimen as it is at its month, after what its people took before time zero.

    Parameters
    ----------
    row : Row
        A row.

    Returns
    -------
    RowClass or None
        None where the row has no regimen or month, or an endpoint without classes.

    Examples
    --------
    >>> plan = parse_regimen("denosumab 60 mg every 6 months x 4, then nothing for 2 years")
    >>> row_class(Row("a", "TH_BMD_pct", plan=plan, month=36.0, population="PMO"))
    RowClass(endpoint='TH_BMD', drug='denosumab', population='PMO', phase='after_stopping', months=12.0)
    """
    endpoint = discrepancy_endpoint(row.endpoint)
    if endpoint is None or row.plan is None or row.month is None:
        return None
    doses = list(row.plan.doses)
    who = typical(row.population)
    if who.prior_plan and not holds_prior(row.plan, row, who):
        before = parse_regimen(who.prior_plan)
        doses = [replace(dose, time_d=dose.time_d - before.end_d) for dose in before.doses] + doses
    phase = treatment_phase(doses, row.month * DAYS_IN["months"])
    population = "PMO" if row.population == "PMO_prior_BP" else row.population
    return RowClass(
        endpoint, phase.drug, population if population in POPULATIONS else "any", phase.phase, phase.months
    )


def study_group(study: str) -> str:
    """Name the group of studies that followed the same persons.

    Parameters
    ----------
    study : str
        Name of a study.

    Returns
    -------
    str
        The group; the study itself where it stands alone.

    Examples
    --------
    >>> study_group("FREEDOM_EXT"), study_group("ADAMO")
    ('FREEDOM', 'ADAMO')
    """
    return _groups().get(study, study)


@cache
def _groups() -> dict[str, str]:
    text = (files("bonecast.evidence") / "shared_persons.toml").read_text(encoding="utf-8")
    return {study: name for name, group in tomllib.loads(text).items() for study in group["studies"]}
