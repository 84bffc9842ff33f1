"""T-scores: a BMD in standard deviations from the young normal of the same scanner and sex.

    T = (BMD - mean of young normals) / their SD

Women are compared with young white women (NHANES III; the maker's reference at the spine). For men, scanners use
either sex's reference; the ISCD asks for the female one, which is used here for both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bonecast.errors import UnknownName


@dataclass(frozen=True)
class YoungNormal:
    """BMD of young women on one make of scanner.

    Parameters
    ----------
    endpoint, scanner : str
        Site and maker.
    mean, sd : float
        g/cm2.
    mark, source : str
        How sure the numbers are, and where they were read.
    """

    endpoint: str
    scanner: str
    mean: float
    sd: float
    mark: str
    source: str


_LOOKER = "Looker 1998, doi 10.1007/s001980050093 (NHANES III, white women 20-29)"
_HUI = "Looker 1998 converted by the published sBMD equations (Hui 1997)"
YOUNG_NORMALS = (
    YoungNormal("FN_BMD", "Hologic", 0.858, 0.120, "transcribed", _LOOKER),
    YoungNormal("TH_BMD", "Hologic", 0.942, 0.122, "transcribed", _LOOKER),
    YoungNormal("LS_BMD", "Hologic", 1.047, 0.110, "transcribed", "Hologic's reference, white women of 30"),
    YoungNormal("FN_BMD", "Lunar", 1.038, 0.139, "derived", _HUI),
    YoungNormal("TH_BMD", "Lunar", 1.008, 0.126, "derived", _HUI),
    YoungNormal("LS_BMD", "Lunar", 1.182, 0.120, "derived", "Hologic's reference by the sBMD equations"),
)


def young_normal(endpoint: str, scanner: str) -> YoungNormal:
    """Find the reference of a site and scanner.

    Parameters
    ----------
    endpoint : str
        "LS_BMD", "TH_BMD" or "FN_BMD".
    scanner : str
        Its maker.

    Returns
    -------
    YoungNormal

    Raises
    ------
    UnknownName
        For a scanner that has none.
    """
    for row in YOUNG_NORMALS:
        if row.endpoint == endpoint and row.scanner == scanner:
            return row
    raise UnknownName(
        f"T-score, {endpoint}", "scanner reference", scanner, {r.scanner for r in YOUNG_NORMALS}
    )


def t_score(bmd: np.ndarray | float, endpoint: str, scanner: str) -> np.ndarray:
    """Compute T-scores.

    Parameters
    ----------
    bmd : ndarray or float
        BMD, g/cm2.
    endpoint : str
        "LS_BMD", "TH_BMD" or "FN_BMD".
    scanner : str
        Its maker.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> round(float(t_score(0.772, "LS_BMD", "Hologic")), 2)
    -2.5
    """
    normal = young_normal(endpoint, scanner)
    return (np.asarray(bmd, np.float64) - normal.mean) / normal.sd
