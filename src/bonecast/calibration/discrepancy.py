"""The structural error of a model, by class, from its misses of results that it has not seen.

    miss_i ~ N(0, known_i + d_i^2)            known = sampling + uncertain parameters + study effect
    ln d_i = sum of effects of the class of row i + g_phase ln(months_i / 12)      effects ~ N(0, s^2)

The classes are crossed: endpoint, phase, drug, drug by phase, population, and their cell. Each effect is drawn to zero,
and so a class of few rows to its parents: restricted, and never to no error at all, because the mean square of a miss
includes the bias. Rows of one study count together: n rows weigh n / (1 + (n - 1) / 2). A class is given its expected
SD, E[d], which uncertain effects make wider; one that no row decides is so much wider by rule.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from bonecast.evidence import RowClass
from bonecast.models import ANY, ENDPOINTS

FAMILIES = {
    "BMD": tuple(name for name in ENDPOINTS if name.endswith("_BMD")),
    "marker": ("CTX", "P1NP", "BSAP"),
    "fracture": tuple(name for name in ENDPOINTS if name.endswith("_fracture")),
}
# Prior of the errors of a class, as SD of a logarithm (assumptions): what is not known of any class, then how far
# classes differ. USUAL: where the logarithm of the error starts, a point of BMD and 0.3 of a logarithm.
USUAL = {"BMD": 1.0, "marker": 0.3, "fracture": 0.3}
SPREAD = {
    "all": 1.0,
    "endpoint": 0.3,
    "phase": 0.5,
    "drug": 0.4,
    "drug phase": 0.4,
    "population": 0.4,
    "cell": 0.5,
}
GROWTH, GROWTH_SD = 0.25, 0.25  # of BMD errors with time; markers and fractures have none
SHARED = 0.5  # correlation of the misses of one study
MONTH, FEWEST_MONTHS, MOST_MONTHS = 12.0, 3.0, 60.0  # time counts between these
CALCIUM_SD = 0.1  # mmol/L (assumption): no row of calcium levels over time decides it
COLUMNS = (
    "endpoint", "drug", "population", "phase", "sd", "month", "growth", "rows", "studies", "basis", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Miss:
    """A prediction minus what was published, of a row that the model had not seen.

    Parameters
    ----------
    row_class : RowClass
        Class of the row.
    study : str
        Group of studies with the same persons.
    error : float
        In points of BMD, or of a logarithm.
    known : float
        Variance of it that sampling, uncertain parameters and the study effect explain.
    """

    row_class: RowClass
    study: str
    error: float
    known: float


@dataclass(frozen=True)
class ErrorModel:
    """The fitted structural error of one family of endpoints.

    Parameters
    ----------
    effects : dict of str to float
        Effect of each part of a class on the logarithm of its SD.
    covariance : ndarray
        Their covariance, in the order of `effects`.
    growth : dict of str to float
        Power of time, by phase.
    spread : dict of str to float
        Prior SD of effects that were never seen, by kind.
    """

    effects: dict[str, float]
    covariance: np.ndarray
    growth: dict[str, float]
    family: str

    def sd(self, of: RowClass) -> float:
        """Compute the SD of a class at its months: E[d].

        Parameters
        ----------
        of : RowClass
            A class.

        Returns
        -------
        float
            In points of BMD, or of a logarithm.
        """
        log, variance, names = 0.0, 0.0, list(self.effects)
        known = []
        for part in parts(of):
            if part in self.effects:
                log += self.effects[part]
                known.append(names.index(part))
            else:
                variance += SPREAD[part.split(":")[0]] ** 2
        variance += float(self.covariance[np.ix_(known, known)].sum())
        return math.exp(log + variance / 2) * time_of(of) ** self.growth_of(of.phase)

    def growth_of(self, phase: str) -> float:
        """The power of time of a phase."""
        if self.family != "BMD":
            return 0.0
        return min(max(self.growth.get(phase, GROWTH), 0.0), 1.0)


def parts(of: RowClass) -> tuple[str, ...]:
    """Name the effects that a class is made of.

    Parameters
    ----------
    of : RowClass
        A class.

    Returns
    -------
    tuple of str
        "any" stands for an effect that is not known.

    Examples
    --------
    >>> parts(RowClass("LS_BMD", "none", "AI", "untreated", 12.0))[-1]
    'cell:AI none untreated'
    """
    return (
        "all",
        f"endpoint:{of.endpoint}",
        f"phase:{of.phase}",
        f"drug:{of.drug}",
        f"drug phase:{of.drug} {of.phase}",
        f"population:{of.population}",
        f"cell:{of.population} {of.drug} {of.phase}",
    )


def time_of(of: RowClass) -> float:
    """Months since the phase began, within what counts, over the month to which an SD refers."""
    return min(max(of.months, FEWEST_MONTHS), MOST_MONTHS) / MONTH


def error_model(misses: Sequence[Miss], family: str) -> ErrorModel:
    """Estimate the structural error of a family of endpoints.

    Parameters
    ----------
    misses : sequence of Miss
        Misses of that family.
    family : str
        "BMD", "marker" or "fracture".

    Returns
    -------
    ErrorModel

    Examples
    --------
    >>> of = RowClass("LS_BMD", "denosumab", "PMO", "on_treatment", 12.0)
    >>> misses = [Miss(of, f"study {i}", 3.0 * (-1) ** i, 0.01) for i in range(200)]
    >>> round(error_model(misses, "BMD").sd(of), 1)
    3.0
    """
    seen = [[part for part in parts(m.row_class) if not _unknown(part)] for m in misses]
    names = sorted({part for row in seen for part in row} | {"all"})
    at = {name: i for i, name in enumerate(names)}
    design = np.zeros((len(misses), len(names)))
    for i, row in enumerate(seen):
        design[i, [at[part] for part in row]] = 1.0
    phases = sorted({m.row_class.phase for m in misses}) if family == "BMD" else []
    times = np.array(
        [[math.log(time_of(m.row_class)) * (m.row_class.phase == p) for p in phases] for m in misses]
    )
    design = np.hstack([design, times.reshape(len(misses), len(phases))])
    centre = np.array(
        [math.log(USUAL[family]) if n == "all" else 0.0 for n in names] + [GROWTH] * len(phases)
    )
    width = np.array([SPREAD[n.split(":")[0]] for n in names] + [GROWTH_SD] * len(phases))
    count = Counter((m.study, m.row_class.phase) for m in misses)
    weight = np.array([1 / (1 + SHARED * (count[m.study, m.row_class.phase] - 1)) for m in misses])
    square = np.array([m.error**2 for m in misses])
    known = np.array([m.known for m in misses])

    def cost(effects: np.ndarray) -> tuple[float, np.ndarray]:
        own = np.exp(2 * np.clip(design @ effects, -6.0, 4.0))
        total = known + own
        off = (effects - centre) / width
        value = (weight * (np.log(total) + square / total)).sum() / 2 + (off**2).sum() / 2
        slope = weight * own / total * (1 - square / total)
        return float(value), design.T @ slope + off / width

    found = minimize(cost, centre, jac=True, method="L-BFGS-B", options={"maxiter": 2000}).x
    own = np.exp(2 * np.clip(design @ found, -6.0, 4.0))
    information = design.T @ (design * (2 * weight * (own / (known + own)) ** 2)[:, None]) + np.diag(
        width**-2
    )
    covariance = np.linalg.inv(information)[: len(names), : len(names)]
    growth = dict(zip(phases, found[len(names) :].tolist(), strict=True))
    return ErrorModel(dict(zip(names, found.tolist(), strict=False)), covariance, growth, family)


def family_of(endpoint: str) -> str | None:
    """Return the family of an endpoint of the discrepancy; None for calcium."""
    return next((name for name, endpoints in FAMILIES.items() if endpoint in endpoints), None)


def discrepancy_rows(
    misses: Iterable[Miss], held_out: frozenset[str] = frozenset()
) -> list[dict[str, object]]:
    """Make the rows of `discrepancy.csv`: each class that was seen at any site, and its parents.

    Parameters
    ----------
    misses : iterable of Miss
        Misses of all families.
    held_out : frozenset of str
        Groups of studies whose misses come from a fit without them.

    Returns
    -------
    list of dict
        Values by column.
    """
    rows: list[dict[str, object]] = []
    every = list(misses)
    for family, endpoints in FAMILIES.items():
        own = [m for m in every if m.row_class.endpoint in endpoints]
        model = error_model(own, family)
        cells = sorted({(m.row_class.drug, m.row_class.population, m.row_class.phase) for m in own})
        classes = dict.fromkeys(cells)
        classes |= dict.fromkeys((drug, ANY, phase) for drug, _, phase in cells)
        classes |= dict.fromkeys((ANY, ANY, phase) for _, _, phase in cells)
        classes |= {(ANY, ANY, ANY): None}
        for endpoint in endpoints:
            rows += [_row(model, own, RowClass(endpoint, *of, MONTH), held_out) for of in sorted(classes)]
    note = "an assumption: no row gives the level of calcium over time in people like the model's"
    rows.append(
        dict(
            zip(
                COLUMNS,
                ("calcium", ANY, ANY, ANY, CALCIUM_SD, 1, 0, 0, 0, "widened_by_rule", note),
                strict=True,
            )
        )
    )
    return rows


def discrepancy_csv(misses: Iterable[Miss], held_out: frozenset[str] = frozenset()) -> str:
    """Write the rows of `discrepancy_rows` as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(discrepancy_rows(misses, held_out))
    return text.getvalue()


def _row(
    model: ErrorModel, misses: Sequence[Miss], of: RowClass, held_out: frozenset[str]
) -> dict[str, object]:
    """One class: a parent stands for classes that were not seen, and is as wide as their effects are unknown."""
    of = RowClass(of.endpoint, of.drug, of.population, of.phase, MONTH)
    within = [
        m
        for m in misses
        if m.row_class.endpoint == of.endpoint
        and all(
            getattr(of, key) in (ANY, getattr(m.row_class, key)) for key in ("drug", "population", "phase")
        )
    ]
    studies = sorted({m.study for m in within})
    basis = "widened_by_rule" if not within else "out_of_sample"
    if within and sum(m.study in held_out for m in within) > len(within) / 2:
        basis = "leave_one_study_out"
    named = ", ".join(studies[:8]) + (f" and {len(studies) - 8} more" if len(studies) > 8 else "")
    growth = model.growth_of(of.phase)
    return dict(
        zip(
            COLUMNS,
            (
                of.endpoint,
                of.drug,
                of.population,
                of.phase,
                round(model.sd(of), 3),
                int(MONTH),
                round(growth, 2),
                len(within),
                len(studies),
                basis,
                named or "no row of its own: from its parents",
            ),
            strict=True,
        )
    )


def _unknown(part: str) -> bool:
    """Is the effect one of a class that is not named?"""
    return ANY in part.split(":")[-1].split(" ")
