"""How far a measured value lies from the truth: day-to-day variation, assay error, scanner precision."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from bonecast.core import current_practice, sourced, toml
from bonecast.records.patient import Measurement
from bonecast.records.quantity import find_test
from bonecast.records.site import find_site

Setting = Literal["clinic", "trial"]

# Two values differ with 95 % confidence when they differ by 1.96 times the root of two times the error.
LSC_OVER_CV = 2.77


class ObservationSd(NamedTuple):
    """Standard deviation of a measurement.

    Parameters
    ----------
    scale : {"log", "absolute"}
        "log": of ln(value); "absolute": in the unit of the value.
    sd : float
        The standard deviation.
    """

    scale: Literal["log", "absolute"]
    sd: float


@dataclass(frozen=True)
class Variation:
    """One coefficient of variation with its source.

    Parameters
    ----------
    value : float
        In %; a `limit` in ng/mL.
    mark : str
        Evidence grade.
    source : str
        Where it was read.
    """

    value: float
    mark: str
    source: str


def observation_sd(measurement: Measurement, setting: Setting = "clinic") -> ObservationSd | None:
    """Return the standard deviation of the error of one measurement.

    Blood and urine tests scatter by a factor: the SD is that of ln(value), taken as the coefficient of variation. BMD
    scatters by the precision of the scanner: the SD is in g/cm2. For a value below the assay limit, `value` is the
    bound of a censored observation with this SD.

    Parameters
    ----------
    measurement : Measurement
        The measurement.
    setting : Setting
        "clinic" or "trial".

    Returns
    -------
    ObservationSd or None
        None where no error is known: there is then no bar to draw and no weight to give the value.

    Examples
    --------
    >>> import datetime as dt
    >>> spine = Measurement("BMD", "lumbar spine", 0.8, "g/cm2", False, dt.date(2026, 3, 4), "0.800 g/cm2")
    >>> observation_sd(spine)
    ObservationSd(scale='absolute', sd=0.0152)
    """
    if measurement.test == "BMD":
        found = _own_variation(measurement.site, measurement.scanner, setting) or variation(
            "BMD", setting, measurement.site
        )
        return ObservationSd("absolute", round(measurement.value * found.value / 100, 6)) if found else None
    found = usual_variation(measurement.test)
    return ObservationSd("log", found.value / 100) if found else None


def usual_variation(test: str) -> Variation | None:
    """Return the coefficient of variation that error bars and likelihoods take for a test of blood or urine.

    Parameters
    ----------
    test : str
        Name of a test.

    Returns
    -------
    Variation or None
        In %; None where none is on file.

    Examples
    --------
    >>> usual_variation("CTX").value
    20.2
    """
    used = _rows().get(test, {}).get("use")
    return variation(test, used) if used else None


def least_significant_change(
    test: str, site: str | None = None, setting: Setting = "clinic", scanner: str | None = None
) -> Variation | None:
    """Return by how many percent two values of one person must differ to be a change (95 %).

    The published one where there is one, otherwise 2.77 times the error of `observation_sd`.

    Parameters
    ----------
    test : str
        Name of a test.
    site : str, optional
        BMD site.
    setting : Setting
        "clinic" or "trial".
    scanner : str, optional
        Maker of the DXA scanner, for the precision that the clinic has set.

    Returns
    -------
    Variation or None
        In %; None where unknown.

    Examples
    --------
    >>> least_significant_change("CTX").value
    56.0
    """
    name = find_test(test).name
    published = variation(name, "lsc")
    if published is not None:
        return published
    kind = setting if name == "BMD" else _rows().get(name, {}).get("use", "")
    own = _own_variation(site, scanner, setting) if name == "BMD" else None
    found = own or variation(name, kind, site)
    if found is None:
        return None
    source = f"{LSC_OVER_CV} x {found.value:g} % ({found.mark}): {found.source}"
    return Variation(round(LSC_OVER_CV * found.value, 2), "derived", source)


def assay_limit(test: str) -> Variation | None:
    """Return the value below which the usual assay reports only "<".

    Parameters
    ----------
    test : str
        Name of a test.

    Returns
    -------
    Variation or None
        In the usual unit; None where unknown.

    Examples
    --------
    >>> assay_limit("CTX").value
    0.049
    """
    return variation(find_test(test).name, "limit")


def variation(test: str, kind: str, site: str | None = None) -> Variation | None:
    """Look up a coefficient of variation.

    Parameters
    ----------
    test : str
        Name of a test.
    kind : str
        "cv", "cvi", "cva", "lsc" or "limit"; for BMD "clinic" or "trial".
    site : str, optional
        BMD site.

    Returns
    -------
    Variation or None
        None where none is on file.

    Examples
    --------
    >>> variation("BMD", "trial", "total hip").mark
    'assumption'
    """
    name = find_test(test).name
    if name == "BMD":
        row = _rows()["bmd"].get(find_site(site), {}) if site is not None else {}
    else:
        row = _rows().get(name, {})
    return sourced(row[kind], Variation, f"{name}, {kind}") if kind in row and kind != "use" else None


def _own_variation(site: str | None, scanner: str | None, setting: Setting) -> Variation | None:
    """The precision that the clinic has set for a site and scanner; None where it has set none."""
    own = current_practice().precision_of(find_site(site), scanner) if site and setting == "clinic" else None
    return (
        None if own is None else Variation(own, "assumption", "the clinic's own precision, from its settings")
    )


@cache
def _rows() -> dict[str, Any]:
    return toml(files("bonecast.records") / "measurement_error.toml")
