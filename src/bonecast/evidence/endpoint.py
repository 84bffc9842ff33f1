"""Endpoints by name: which class of figure is this, and what is the noise in such a figure?"""

from __future__ import annotations

import re
from typing import Literal

EndpointClass = Literal["BMD", "marker", "calcium", "strength", "exposure", "fracture", "other"]
CLASSES: tuple[EndpointClass, ...] = (
    "BMD", "marker", "calcium", "strength", "exposure", "fracture", "other",
)  # fmt: skip

_FORMS: tuple[tuple[EndpointClass, str], ...] = (
    (
        "BMD",
        r"(LS|TH|FN|R13)_BMD_(pct|(yr\d+_|annual_)?change_pct|annual_pct|gain_retained_pct)|(LS|TH|FN)_Tscore_change",
    ),
    ("marker", r"(CTX|P1NP|BSAP|uNTX|TRACP5b)_(pct|ng_mL|ng_L|ug_L)"),
    ("calcium", r"(calcium|phosphate)_.+"),
    ("strength", r"(hip|spine)_FE_strength_pct|TBS_pct"),
    ("exposure", r"PK_.+"),
    ("fracture", r".*(_fx|vfx)(_.*)?"),
)


def endpoint_class(endpoint: str) -> EndpointClass:
    """Classify an endpoint by its name.

    Parameters
    ----------
    endpoint : str
        Name of an endpoint.

    Returns
    -------
    EndpointClass
        One of `CLASSES`.

    Examples
    --------
    >>> [endpoint_class(name) for name in ("LS_BMD_pct", "CTX_pct", "PK_thalf_d", "hip_fx_cum_pct", "sleep_h")]
    ['BMD', 'marker', 'exposure', 'fracture', 'other']
    """
    for name, form in _FORMS:
        if re.fullmatch(form, endpoint):
            return name
    return "other"


def t_score_site(endpoint: str) -> str | None:
    """Return the site of a change in T-score.

    Parameters
    ----------
    endpoint : str
        Name of an endpoint.

    Returns
    -------
    str or None
        "LS", "TH" or "FN"; None for any other endpoint.
    """
    found = re.fullmatch(r"(LS|TH|FN)_Tscore_change", endpoint)
    return found[1] if found else None


def site_of(endpoint: str) -> str | None:
    """Return the site of a figure of BMD.

    Parameters
    ----------
    endpoint : str
        Name of an endpoint.

    Returns
    -------
    str or None
        "LS", "TH", "FN" or "R13"; None for anything but BMD.

    Examples
    --------
    >>> site_of("LS_BMD_yr2_change_pct"), site_of("CTX_pct")
    ('LS', None)
    """
    return endpoint.split("_")[0] if endpoint_class(endpoint) == "BMD" else None


def discrepancy_endpoint(endpoint: str) -> str | None:
    """Return the endpoint under which the discrepancy of a model is kept.

    Parameters
    ----------
    endpoint : str
        Name of an endpoint.

    Returns
    -------
    str or None
        One of `bonecast.models.discrepancy.ENDPOINTS`; None where there is none (exposure).

    Examples
    --------
    >>> [discrepancy_endpoint(name) for name in ("LS_Tscore_change", "uNTX_pct", "wrist_fx_cum_pct", "PK_Tmax_d")]
    ['LS_BMD', 'CTX', 'nonvertebral_fracture', None]
    """
    kind = endpoint_class(endpoint)
    if kind == "BMD":
        return f"{site_of(endpoint)}_BMD"
    if kind == "marker":
        marker = endpoint.split("_")[0]
        return marker if marker in ("P1NP", "BSAP") else "CTX"
    if kind == "calcium":
        return "calcium"
    if kind != "fracture":
        return None
    if "hip_fx" in endpoint:
        return "hip_fracture"
    return (
        "vertebral_fracture"
        if re.match(r"(clinical_)?vertebral|multiple|four_plus", endpoint)
        else "nonvertebral_fracture"
    )
