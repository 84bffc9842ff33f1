"""Kidney function from creatinine, where the record holds no measured eGFR or clearance."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


def egfr(creatinine_mg_dL: float, age: float, sex: str) -> float | None:
    """What is the eGFR by CKD-EPI 2021? mL/min/1.73 m2; `sex` is "F" or "M"; None for children.

        eGFR = 142 min(Scr/k, 1)^a max(Scr/k, 1)^-1.2 0.9938^age (times 1.012 in women)

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
    """What is the creatinine clearance by Cockcroft and Gault? mL/min: (140 - age) weight / (72 Scr), women 0.85.

    >>> round(clearance(1.0, 68.0, "M", 72.0))
    72
    """
    formula = _formulas()["cockcroft_gault"]
    value = (formula["oldest"] - age) * weight_kg / (formula["scale"] * creatinine_mg_dL)
    return value * (formula["woman"] if sex == "F" else 1.0)


def kidney_method(name: str) -> str:
    """How a formula is named where its value is shown, with its mark."""
    formula = _formulas()[name]
    return f"{formula['source'].partition(',')[0]} ({formula['mark']})"


@cache
def _formulas() -> dict[str, Any]:
    return tomllib.loads((files("bonecast.records") / "kidney.toml").read_text("utf-8"))
