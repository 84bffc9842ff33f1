"""Kidney function from creatinine, where the record holds no measured eGFR or clearance."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


def egfr(creatinine_mg_dL: float, age: float, sex: str) -> float | None:
    """Estimate the glomerular filtration rate by CKD-EPI 2021.

    Parameters
    ----------
    creatinine_mg_dL : float
        Serum creatinine, mg/dL.
    age : float
        Years.
    sex : str
        "F" or "M".

    Returns
    -------
    float or None
        mL/min/1.73 m2; None for children.

    Notes
    -----
    eGFR = 142 min(Scr/k, 1)^a max(Scr/k, 1)^-1.2 0.9938^age, times 1.012 in women.

    References
    ----------
    .. [1] Inker LA, et al. N Engl J Med 2021;385:1737-49.

    Examples
    --------
    >>> round(egfr(0.7, 60.0, "F"))
    99
    """
    formula = _formulas()["ckd_epi_2021"]
    if age < formula["youngest"]:
        return None
    ratio = creatinine_mg_dL / formula["kappa"][sex]
    value = formula["scale"] * min(ratio, 1.0) ** formula["alpha"][sex] * max(ratio, 1.0) ** formula["beta"]
    return value * formula["ageing"] ** age * (formula["woman"] if sex == "F" else 1.0)


def clearance(creatinine_mg_dL: float, age: float, sex: str, weight_kg: float) -> float:
    """Estimate creatinine clearance by Cockcroft and Gault.

    Parameters
    ----------
    creatinine_mg_dL : float
        Serum creatinine, mg/dL.
    age : float
        Years.
    sex : str
        "F" or "M".
    weight_kg : float
        Weight, kg.

    Returns
    -------
    float
        mL/min.

    Notes
    -----
    CrCl = (140 - age) weight / (72 Scr), times 0.85 in women.

    References
    ----------
    .. [1] Cockcroft DW, Gault MH. Nephron 1976;16:31-41.

    Examples
    --------
    >>> round(clearance(1.0, 68.0, "M", 72.0))
    72
    """
    formula = _formulas()["cockcroft_gault"]
    value = (formula["oldest"] - age) * weight_kg / (formula["scale"] * creatinine_mg_dL)
    return value * (formula["woman"] if sex == "F" else 1.0)


def kidney_method(name: str) -> str:
    """Name a formula of kidney function, with its evidence grade.

    Parameters
    ----------
    name : str
        Key of the formula.

    Returns
    -------
    str
        The words that stand beside its values.
    """
    formula = _formulas()[name]
    return f"{formula['source'].partition(',')[0]} ({formula['mark']})"


@cache
def _formulas() -> dict[str, Any]:
    return tomllib.loads((files("bonecast.records") / "kidney.toml").read_text("utf-8"))
