"""Model discrepancy: how far a model lies from published results that it has not seen, by class of treatment.

A model keeps it as `discrepancy.csv` beside its cards, one row for each class (endpoint, drug, population, phase):

    sd(m) = sd (m / month)^growth        m months since the phase began

in points for BMD, as the SD of ln(level) for markers and of ln(rate) for fractures, in mmol/L for calcium. A class
without a row takes the widest relative times a factor; a model without a table takes the rule of `discrepancy.toml`.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from bonecast.core import toml

ANY = "any"
ENDPOINTS = (
    "LS_BMD", "TH_BMD", "FN_BMD", "R13_BMD", "CTX", "P1NP", "BSAP", "calcium",
    "vertebral_fracture", "nonvertebral_fracture", "hip_fracture",
)  # fmt: skip
DRUGS = (
    "denosumab", "denosumab_120", "bisphosphonate", "zoledronate", "anabolic", "romosozumab", "raloxifene", "none", ANY,
)  # fmt: skip
POPULATIONS = ("PMO", "MALE_OP", "GIOP", "AI", "ADT", ANY)
PHASES = ("on_treatment", "after_stopping", "after_switch", "untreated", ANY)
BASES = ("out_of_sample", "leave_one_study_out", "widened_by_rule")
MONTHS = (3.0, 60.0)  # since a phase began, between which errors were seen
# A class that may stand for a more special one.
_PARENT = {"denosumab_120": "denosumab", "zoledronate": "bisphosphonate", "romosozumab": "anabolic"}


@dataclass(frozen=True)
class Discrepancy:
    """How far a model lies from published results of one class.

    Parameters
    ----------
    endpoint : str
        One of `ENDPOINTS`.
    drug : str
        One of `DRUGS`.
    population : str
        One of `POPULATIONS`.
    phase : str
        One of `PHASES`.
    sd : float
        SD at `month`: points of BMD, of ln(level) of a marker, of ln(rate) of a fracture, mmol/L of calcium.
    month : float
        Months since the phase began at which `sd` holds.
    growth : float
        Power of time with which it grows.
    rows : int
        Published rows behind it.
    studies : int
        Studies behind it.
    basis : str
        One of `BASES`.
    note : str
        What to know of it.

    Examples
    --------
    >>> found = Discrepancy("LS_BMD", "denosumab", "any", "on_treatment", 1.0, 24.0, 0.5, 23, 8, "out_of_sample", "")
    >>> found.sd_at(6.0), found.name
    (0.5, 'denosumab, on treatment')
    """

    endpoint: str
    drug: str
    population: str
    phase: str
    sd: float
    month: float
    growth: float
    rows: int
    studies: int
    basis: str
    note: str

    def sd_at(self, months: float | np.ndarray) -> float | np.ndarray:
        """Compute the SD so many months after the phase began; it is held beyond the 3 to 60 months that were seen."""
        of = self.sd * (np.clip(np.asarray(months, np.float64), *MONTHS) / self.month) ** self.growth
        return of if of.ndim else float(of)

    @property
    def name(self) -> str:
        """The class in words."""
        drug = {"none": "no drug", ANY: "any drug"}.get(self.drug, self.drug.replace("_", " "))
        text = drug if self.phase in (ANY, "untreated") else f"{drug}, {self.phase.replace('_', ' ')}"
        return text if self.population == ANY else f"{text}, {self.population}"


@dataclass(frozen=True)
class DiscrepancyTable:
    """The discrepancy of one model, by class.

    Parameters
    ----------
    rows : tuple of Discrepancy
        Classes with an estimate of their own.
    """

    rows: tuple[Discrepancy, ...]

    def __repr__(self) -> str:
        return f"<DiscrepancyTable: {len(self.rows)} classes>"

    def find(self, endpoint: str, drug: str, population: str, phase: str) -> Discrepancy:
        """Find the discrepancy of a class; the most special row wins: first by drug, then phase, then population.

        Without a row of its own, a class takes the widest row of the endpoint that shares its drug or its phase, or the
        widest of all, times the factor of the rule; `basis` is then "widened_by_rule".

        Parameters
        ----------
        endpoint : str
            One of `ENDPOINTS`.
        drug : str
            One of `DRUGS`.
        population : str
            One of `POPULATIONS`.
        phase : str
            One of `PHASES`.

        Returns
        -------
        Discrepancy

        Raises
        ------
        KeyError
            If the table has no row of the endpoint.

        Examples
        --------
        >>> table = without_table()
        >>> table.find("LS_BMD", "zoledronate", "PMO", "after_switch").basis
        'widened_by_rule'
        """
        of = [row for row in self.rows if row.endpoint == endpoint]
        if not of:
            raise KeyError(endpoint)
        line = [*_line(drug), ANY]
        fitting = [
            row
            for row in of
            if row.drug in line and row.phase in (phase, ANY) and row.population in (population, ANY)
        ]
        if fitting:
            return min(fitting, key=lambda r: (line.index(r.drug), r.phase == ANY, r.population == ANY))
        near = [row for row in of if row.drug in line or row.phase == phase] or of
        widest = max(near, key=lambda row: row.sd_at(24.0))
        factor = discrepancy_rule("widened_by")
        note = f"No published row: {factor:g} times {widest.name}, the widest relative."
        return Discrepancy(
            endpoint,
            drug,
            ANY,
            phase,
            factor * widest.sd,
            widest.month,
            widest.growth,
            0,
            0,
            "widened_by_rule",
            note,
        )


def read_discrepancy(path: Path) -> DiscrepancyTable:
    """Read the discrepancy of a model from its table.

    Parameters
    ----------
    path : Path
        CSV with the columns of `Discrepancy`.

    Returns
    -------
    DiscrepancyTable

    Raises
    ------
    ValueError
        If a row cannot be: a class that is not known or named twice, an SD, month or growth out of range, an endpoint
        without a row.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = tuple(
            _row(cells, f"{path.name}, line {i}") for i, cells in enumerate(csv.DictReader(stream), start=2)
        )
    classes = [(row.endpoint, row.drug, row.population, row.phase) for row in rows]
    twice = [key for key in dict.fromkeys(classes) if classes.count(key) > 1]
    if twice:
        raise ValueError(f"{path.name}: a class is named twice: {', '.join(twice[0])}; keep one row")
    missing = [endpoint for endpoint in ENDPOINTS if endpoint not in {row.endpoint for row in rows}]
    if missing:
        raise ValueError(f"{path.name}: no row of {', '.join(missing)}; add one, for any drug if need be")
    return DiscrepancyTable(rows)


@cache
def without_table() -> DiscrepancyTable:
    """Make the discrepancy of a model that has no table of its own.

    Returns
    -------
    DiscrepancyTable
        One class for each endpoint, by the rule of `discrepancy.toml`.
    """
    note = "This model has no table of its own: what published models missed at most."
    return DiscrepancyTable(
        tuple(
            Discrepancy(
                endpoint, ANY, ANY, ANY, row["sd"], row["month"], row["growth"], 0, 0, "widened_by_rule", note
            )
            for endpoint, row in _rules()["without_table"].items()
        )
    )


def discrepancy_rule(name: str) -> float:
    """Read a number of `[rule]` in `discrepancy.toml`.

    Parameters
    ----------
    name : str
        Its key.

    Returns
    -------
    float
    """
    return float(_rules()["rule"][name]["value"])


@cache
def _rules() -> dict:
    return toml(files("bonecast.models") / "discrepancy.toml")


def _line(drug: str) -> Iterable[str]:
    """A drug class and those that may stand for it, the nearest first."""
    yield drug
    if drug in _PARENT:
        yield _PARENT[drug]


def _row(cells: dict[str, str], place: str) -> Discrepancy:
    for column, known in (
        ("endpoint", ENDPOINTS),
        ("drug", DRUGS),
        ("population", POPULATIONS),
        ("phase", PHASES),
    ):
        if cells[column] not in known:
            raise ValueError(f"{place}, {column}: {cells[column]!r} is not one of {', '.join(known)}")
    if cells["basis"] not in BASES:
        raise ValueError(f"{place}, basis: {cells['basis']!r} is not one of {', '.join(BASES)}")
    sd, month, growth = (float(cells[column]) for column in ("sd", "month", "growth"))
    if not (0 < sd < math.inf and 0 < month < math.inf and 0 <= growth <= 1.5):
        raise ValueError(f"{place}: sd and month must be above 0, growth from 0 to 1.5")
    return Discrepancy(
        cells["endpoint"],
        cells["drug"],
        cells["population"],
        cells["phase"],
        sd,
        month,
        growth,
        int(cells["rows"]),
        int(cells["studies"]),
        cells["basis"],
        cells["note"],
    )
