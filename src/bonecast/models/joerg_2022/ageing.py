"""Age and oestradiol: the menopause that drives postmenopausal loss (Eq 18)."""

from __future__ import annotations

from bonecast.engine import Number, Values, maximum

DAYS_PER_YEAR = 365.25  # d/y; the authors' own choice is not stated in the article


def ageing() -> Number:
    """How fast does age run? In years per day."""
    return 1 / DAYS_PER_YEAR  # y/d


def oestradiol(y: Values, p: Values) -> Number:
    """Eq 18: serum oestradiol relative to before menopause.

    1 until age t_e, then 1 / (1 + (age - t_e) / tau_e), a hyperbola with half its level at t_e + tau_e years.
    """
    years_since_menopause = maximum(y.age - p.t_e, 0.0)  # y
    return 1 / (1 + years_since_menopause / p.tau_e)
