"""What can be read at a visit: the model's output, the person's own level, and the error of a reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bonecast.outcomes import young_normal
from bonecast.records import assay_limit, variation
from bonecast.trials.bone.design import FILM
from bonecast.trials.bone.noise import lowest_level

SCANNER = "Hologic"  # an assumption: the T-scores of populations are on it


@dataclass(frozen=True)
class ReadQuantity:
    """One thing that is read.

    output : how the model names it. scale : "change" (% change of the person's own level), "share" (% of it) or
    "level" (the value itself). own : the covariate with the person's own level. test, site : where its error is
    kept. unit : of a reading.
    """

    name: str
    output: str
    scale: Literal["change", "share", "level"]
    unit: str
    own: str = ""
    test: str = ""
    site: str | None = None


def _bmd(name: str, site: str) -> ReadQuantity:
    return ReadQuantity(name, f"{name}_pct_change", "change", "g/cm2", f"{name}_g_cm2", "BMD", site)


def _marker(name: str, own: str, unit: str) -> ReadQuantity:
    return ReadQuantity(name, f"{name}_pct_of_baseline", "share", unit, own, name)


QUANTITIES = {
    q.name: q
    for q in (
        _bmd("LS_BMD", "lumbar spine"),
        _bmd("TH_BMD", "total hip"),
        _bmd("FN_BMD", "femoral neck"),
        _marker("CTX", "CTX_ng_mL", "ng/mL"),
        _marker("P1NP", "P1NP_ug_L", "ug/L"),
        _marker("BSAP", "BSAP_ug_L", "ug/L"),
        _marker("uNTX", "uNTX_nmol_mmol", "nmol/mmol"),
        ReadQuantity("calcium", "calcium_mmol_L", "level", "mmol/L", test="calcium"),
        ReadQuantity("PTH", "PTH_pg_mL", "level", "pg/mL", test="PTH"),
        ReadQuantity("denosumab", "denosumab_ng_mL", "level", "ng/mL"),
    )
}
READ = (*QUANTITIES, FILM)


def own_level(quantity: ReadQuantity, covariates: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    """The level before any treatment; BMD from the T-score where the covariates do not hold it."""
    if quantity.scale == "level":
        return np.ones(count)
    if quantity.own in covariates:
        return np.asarray(covariates[quantity.own], np.float64)
    normal = young_normal(quantity.name, SCANNER)
    return normal.mean + normal.sd * np.asarray(covariates[f"{quantity.name.split('_')[0]}_T_score"])


def in_units(quantity: ReadQuantity, own: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The model's output[person, ...] in the unit of a reading, without error."""
    own = own.reshape(-1, *([1] * (values.ndim - 1)))
    if quantity.scale == "change":
        return own * (100.0 + values) / 100.0
    return own * values / 100.0 if quantity.scale == "share" else values


def read(
    quantity: ReadQuantity,
    setting: str,
    true: np.ndarray,
    z: np.ndarray,
    residual: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """What is read of a true value: BMD with the precision of the scanner, blood and urine by a factor exp(cv z).

    z : standard normal. residual : additive and proportional SD that a model's card gives, for a drug's level. CTX
    below the limit of the assay is read as the limit, as trials report it.

    A drug's level below the limit of its assay is read as 0.

    >>> ctx = QUANTITIES["CTX"]
    >>> read(ctx, "trial", np.array([0.01, 0.4]), np.zeros(2)).tolist()
    [0.049, 0.4]
    """
    if quantity.test == "BMD":
        found = variation("BMD", setting, quantity.site)
        return true * (1.0 + (found.value if found else 0.0) / 100.0 * z)
    if not quantity.test:
        seen = true + z * np.hypot(residual[0], residual[1] * true)
        return np.where(seen >= lowest_level(quantity.name), seen, 0.0)
    error = variation(quantity.test, "cv") or variation(quantity.test, "cvi")
    seen = true * np.exp((error.value if error else 0.0) / 100.0 * z)
    limit = assay_limit(quantity.test)
    return np.maximum(seen, limit.value) if limit else seen
