"""The scans of one site: the person's own BMD is integrated out, so that only the curve's shape is left.

    y_i = L x_i + b_machine(i) + e_i,        x_i = (1 + change_i/100) * expected ratio of the machine to the first
    L ~ N(m0, s0)    BMD on day 0, on the first scanner
    b ~ N(0, s_b)    of every scanner but the first; wider for another make, widest where the two are not comparable
    e_i ~ N(0, sd_i), but at most one scan of the site may be an outlier, with k sd_i

For a given curve x everything is normal: the likelihood, L and each scan given the others follow in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bonecast.core import current_practice
from bonecast.errors import UnknownName
from bonecast.inference.measurement_parameters import value
from bonecast.inference.observations import Observation
from bonecast.outcomes import YoungNormal, endpoint, fracture_parameters, population_means, young_normal
from bonecast.records import Patient

_REFERENCE = "Hologic"  # the maker of the reference population's scanners


@dataclass(frozen=True)
class Scans:
    """Measured BMD[i] of one site with its error; `machines` are numbered by first use.

    ratio[i] : what the machine shows of 1 g/cm2 of the first. offset_sd[i] : of the machine against the first (0 for
    the first itself), g/cm2. mean, sd : of the person's level before any scan.
    """

    measured: np.ndarray
    error: np.ndarray
    machines: np.ndarray
    ratio: np.ndarray
    offset_sd: np.ndarray
    mean: float
    sd: float

    def some(self, which: list[int]) -> Scans:
        """These scans alone; the first scanner stays the first."""
        of = {k: getattr(self, k)[which] for k in ("measured", "error", "machines", "ratio", "offset_sd")}
        return replace(self, **of)

    def log_likelihood(self, change: np.ndarray) -> np.ndarray:
        """ln p(all scans | curve), for change[person, scan] in % since day 0."""
        if not len(self.measured):
            return np.zeros(len(change))
        return np.logaddexp.reduce(self._weights(change)[0], axis=0)

    def draw_level(self, change: np.ndarray, normal: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """L[person] from its distribution given the curve and all scans."""
        logs, means, sds = self._weights(change)
        of = np.cumsum(_shares(logs), axis=0)
        pick = np.minimum((uniform > of).sum(axis=0), len(of) - 1)
        who = np.arange(len(change))
        return means[pick, who] + sds[pick, who] * normal

    def outlier_probability(self, change: np.ndarray) -> np.ndarray:
        """The chance [person, scan] that each scan is the outlier."""
        return _shares(self._weights(change)[0])[1:].T

    def given(self, change: np.ndarray, target: int, others: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Mean and SD [person] of scan `target`, taken as an ordinary one, given `others` and the curve."""
        x_all = self._x(change)
        x, known = x_all[:, target], self.some(others)
        if not others:
            variance = self.error[target] ** 2 + self.offset_sd[target] ** 2
            return x * self.mean, np.sqrt(variance + (x * self.sd) ** 2)
        shares, levels, sds = known._weights(change[:, others])
        weights = _shares(shares)
        means, squares = np.zeros(len(change)), np.zeros(len(change))
        both = self.some([*others, target])
        for j, weight in enumerate(weights):
            covariance = both._covariance(j)
            inner = covariance[:-1, :-1]
            pull = np.linalg.solve(inner, covariance[:-1, -1])
            slope = x - x_all[:, others] @ pull
            mean = slope * levels[j] + self.measured[others] @ pull
            variance = covariance[-1, -1] - covariance[:-1, -1] @ pull + (slope * sds[j]) ** 2
            means += weight * mean
            squares += weight * (variance + mean**2)
        return means, np.sqrt(np.maximum(squares - means**2, 1e-12))

    def _x(self, change: np.ndarray) -> np.ndarray:
        return (1 + change / 100) * self.ratio

    def _covariance(self, outlier: int) -> np.ndarray:
        """Errors and machines together; `outlier` counts from 1, 0 for none, beyond the last for none of these."""
        widened = self.error.copy()
        if 1 <= outlier <= len(widened):
            widened[outlier - 1] *= value("outlier_width")
        same = self.machines[:, None] == self.machines[None, :]
        return np.diag(widened**2) + same * np.outer(self.offset_sd, self.offset_sd)

    def _weights(self, change: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For no outlying scan, and each as the outlier: ln(share * likelihood), mean and SD of L, [1 + n, person]."""
        n, x = len(self.measured), self._x(change)
        share = value("outlier_share")
        whole = (1 - share) ** n + n * share * (1 - share) ** (n - 1)
        rows = []
        for outlier in range(n + 1):
            prior = (1 - share) ** n if outlier == 0 else share * (1 - share) ** (n - 1)
            covariance = self._covariance(outlier)
            inverse = np.linalg.inv(covariance)
            precision = np.einsum("pi,ij,pj->p", x, inverse, x) + 1 / self.sd**2
            pull = np.einsum("pi,i->p", x, inverse @ self.measured)
            mean = (pull + self.mean / self.sd**2) / precision
            fixed = (
                n * np.log(2 * np.pi)
                + np.linalg.slogdet(covariance)[1]
                + self.measured @ inverse @ self.measured
                + (self.mean / self.sd) ** 2
                + np.log(self.sd**2)
            )
            log = np.log(prior / whole) - 0.5 * (fixed + np.log(precision) - mean**2 * precision)
            rows.append((log, mean, 1 / np.sqrt(precision)))
        logs, means, sds = (np.array(part) for part in zip(*rows, strict=True))
        return logs, means, sds


def _shares(logs: np.ndarray) -> np.ndarray:
    shares = np.exp(logs - logs.max(axis=0))
    return shares / shares.sum(axis=0)


def scans_of(key: str, observations: list[Observation], patient: Patient) -> Scans:
    """The scans of one site, in the order of the observations."""
    order = list(dict.fromkeys(o.machine for o in observations))
    first = order[0]
    measured = np.array([o.value for o in observations])
    ratio = np.array([_ratio(key, o.machine[0], first[0]) for o in observations])
    offset = np.array([_offset(key, o.machine, first) * o.value for o in observations])
    return Scans(
        measured,
        np.array([o.sd for o in observations]),
        np.array([order.index(o.machine) for o in observations]),
        ratio,
        offset,
        _usual_level(key, first[0], patient),
        value("level_sd"),
    )


def _offset(key: str, machine: tuple[str, str], first: tuple[str, str]) -> float:
    """SD of a scanner against the first, as a share."""
    if machine == first:
        return 0.0
    make, other = machine[0], first[0]
    if make == other:
        return value("same_make_sd") / 100
    # a record that names no make is taken for one that is comparable
    apart = make and other and not (_normal(key, make) and _normal(key, other))
    return value("unknown_make_sd" if apart else "other_make_sd") / 100


def _ratio(key: str, make: str, first: str) -> float:
    """What this make shows of 1 g/cm2 of the first make: as the clinic compared them, else by their young normals; 1
    where either is not known.
    """
    site = endpoint(key).site
    own = current_practice().ratio_of(site, make, first) if site and make and first else None
    if own is not None:
        return own
    one, other = _normal(key, make), _normal(key, first)
    return one.mean / other.mean if one and other else 1.0


def _normal(key: str, make: str) -> YoungNormal | None:
    try:
        return young_normal(key, make)
    except UnknownName:
        return None


def _usual_level(key: str, make: str, patient: Patient) -> float:
    """Mean BMD of people of that age and sex, g/cm2, on that make of scanner (Hologic where it has no reference).

    The radius has no reference by age: one middle for all.
    """
    normal = _normal(key, make) or _normal(key, _REFERENCE)
    if normal is None:
        return value("radius_level")
    t = population_means(
        fracture_parameters(), np.array([float(patient.age)]), np.array([float(patient.sex == "female")])
    )[key.removesuffix("_BMD")]
    return float(normal.mean + normal.sd * t[0])
