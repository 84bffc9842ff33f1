"""Calcium corrected for albumin."""

from __future__ import annotations

# 0.02 mmol/L for each g/L of albumin below 40 (published: Moorcraft, on electrolytes in oncology). It fails
# in acid-base disturbance, extreme albumin and advanced kidney disease: there, use ionised calcium.
SLOPE_MMOL_PER_G = 0.02
NORMAL_ALBUMIN_G_L = 40.0


def corrected_calcium(calcium_mmol_L: float, albumin_g_L: float) -> float:
    """Correct total calcium to an albumin of 40 g/L.

    Parameters
    ----------
    calcium_mmol_L : float
        Total calcium, mmol/L.
    albumin_g_L : float
        Albumin, g/L.

    Returns
    -------
    float
        mmol/L.

    Notes
    -----
    corrected Ca = Ca + 0.02 (40 - albumin).

    Examples
    --------
    >>> round(corrected_calcium(2.20, 35.0), 3)
    2.3
    """
    return calcium_mmol_L + SLOPE_MMOL_PER_G * (NORMAL_ALBUMIN_G_L - albumin_g_L)
