"""The problem: 60 mg every 182 days for ten years, weekly outputs, in people whose rates vary by 30 %.

`peterson-riggs-2010` in hours; kb, kdenosl, CL and kTGF0 are lognormal with a coefficient of variation of 30 %.
The error of a run is the greatest relative error over 520 weeks of spine BMD (% of baseline), osteoclasts,
osteoblasts, calcium and PTH.
"""

from __future__ import annotations

import math

import numpy as np

from bonecast.engine import Bolus, System, normals
from bonecast.models import load_model

TITLE = "20 doses, 10 years, 520 outputs"
TIMES = np.arange(1, 521) * 168.0
EVENTS = [Bolus(4368.0 * k, "denosumab", 60.0) for k in range(20)]
OUTPUTS = ("LS_BMD_pct_change", "CTX_pct_of_baseline", "BSAP_pct_of_baseline", "calcium_mmol_L", "PTH_pg_mL")
VARIED = ("kb", "kdenosl", "CL", "kTGF0")


def system() -> System:
    """The system that is integrated."""
    return load_model("peterson-riggs-2010").system


def people(count: int) -> dict[str, np.ndarray]:
    """The varied parameters of `count` people; the first person is typical."""
    sd = math.sqrt(math.log(1 + 0.3**2))
    values = system().parameters
    found = {}
    for name in VARIED:
        factor = np.exp(sd * normals(1, f"bench {name}", 0, count))
        factor[0] = 1.0
        found[name] = values[name] * factor
    return found


def person(index: int) -> dict[str, float]:
    """The varied parameters of one person."""
    return {name: float(values[index]) for name, values in people(index + 1).items()}


def comparable(values: np.ndarray) -> np.ndarray:
    """Outputs with BMD as % of baseline, so that a relative error makes sense."""
    values = np.array(values, np.float64)
    values[..., 0] += 100.0
    return values


def worst_error(values: np.ndarray, reference: np.ndarray) -> float:
    """The greatest relative error of `values[..., time, output]`."""
    return float(np.max(np.abs(comparable(values) / comparable(reference) - 1.0)))
