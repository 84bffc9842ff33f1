"""Endpoints by name: which class of figure is this, and what is the noise in such a figure?"""

from __future__ import annotations

import re
from typing import Literal

EndpointClass = Literal["BMD", "marker", "exposure", "fracture", "other"]
CLASSES: tuple[EndpointClass, ...] = ("BMD", "marker", "exposure", "fracture", "other")

_FORMS: tuple[tuple[EndpointClass, str], ...] = (
    ("BMD", r"(LS|TH|FN|R13)_BMD_pct|(LS|TH|FN)_Tscore_change"),
    ("marker", r"(CTX|P1NP|BSAP|uNTX|TRACP5b)_pct"),
    ("exposure", r"PK_.+"),
    ("fracture", r".*(_fx_|vfx).*"),
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
