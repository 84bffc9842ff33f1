"""Prior densities of PEtab parameters; in version 2 they are truncated at the bounds."""

from __future__ import annotations

import math
from typing import Any

from bonecast.errors import InputError
from bonecast.interop.petab.tables import PetabParameter

# Names of version 1 and 2 to (distribution, scale on which it stands).
_NAMES = {
    "uniform": ("uniform", "lin"), "normal": ("normal", "lin"), "laplace": ("laplace", "lin"),
    "cauchy": ("cauchy", "lin"), "chisquare": ("chisquare", "lin"), "exponential": ("exponential", "lin"),
    "gamma": ("gamma", "lin"), "rayleigh": ("rayleigh", "lin"),
    "logNormal": ("normal", "log"), "logLaplace": ("laplace", "log"), "logUniform": ("uniform", "log"),
    "log-normal": ("normal", "log"), "log-laplace": ("laplace", "log"), "log-uniform": ("log-uniform", "lin"),
    "parameterScaleUniform": ("uniform", "own"), "parameterScaleNormal": ("normal", "own"),
    "parameterScaleLaplace": ("laplace", "own"),
}  # fmt: skip


def log_prior(parameter: PetabParameter, value: float, version: int) -> float:
    """The logarithm of the prior density of a parameter at a value on the linear scale."""
    from scipy import stats

    if not parameter.prior:
        if version == 1:
            return 0.0
        width = parameter.upper - parameter.lower
        return (
            -math.log(width)
            if math.isfinite(width) and parameter.lower <= value <= parameter.upper
            else -math.inf
        )
    if parameter.prior not in _NAMES:
        place = f"PEtab parameter {parameter.id}, prior"
        raise InputError(
            place, f"there is no distribution '{parameter.prior}'", f"write one of {', '.join(_NAMES)}"
        )
    kind, scale = _NAMES[parameter.prior]
    scale = parameter.scale if scale == "own" else scale
    jacobian, x = 0.0, value
    if scale != "lin":
        if value <= 0:
            return -math.inf
        x = math.log(value) if scale == "log" else math.log10(value)
        if parameter.prior in ("logNormal", "logLaplace", "log-normal", "log-laplace"):
            jacobian = -math.log(value)
    try:
        law = _law(stats, kind, parameter.prior_parameters)
    except (IndexError, ValueError):
        place = f"PEtab parameter {parameter.id}, prior"
        raise InputError(
            place, f"'{parameter.prior}' lacks a parameter", "give all of them, with ; between"
        ) from None
    found = float(law.logpdf(x)) + jacobian
    if version == 1:
        return found
    ends = [_on(scale, end) for end in (parameter.lower, parameter.upper)]
    if not ends[0] <= x <= ends[1]:
        return -math.inf
    return found - math.log(float(law.cdf(ends[1]) - law.cdf(ends[0])))


def _on(scale: str, end: float) -> float:
    if scale == "lin":
        return end
    return -math.inf if end <= 0 else math.log(end) if scale == "log" else math.log10(end)


def _law(stats: Any, kind: str, p: tuple[float, ...]) -> Any:
    if kind == "uniform":
        return stats.uniform(p[0], p[1] - p[0])
    if kind == "log-uniform":
        return stats.loguniform(p[0], p[1])
    if kind in ("normal", "laplace", "cauchy"):
        return {"normal": stats.norm, "laplace": stats.laplace, "cauchy": stats.cauchy}[kind](p[0], p[1])
    if kind == "gamma":
        return stats.gamma(p[0], scale=p[1])
    if kind == "chisquare":
        return stats.chi2(p[0])
    return stats.expon(scale=p[0]) if kind == "exponential" else stats.rayleigh(scale=p[0])
