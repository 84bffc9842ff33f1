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
    """Which class does an endpoint of this name belong to?

    >>> [endpoint_class(name) for name in ("LS_BMD_pct", "CTX_pct", "PK_thalf_d", "hip_fx_cum_pct", "sleep_h")]
    ['BMD', 'marker', 'exposure', 'fracture', 'other']
    """
    for name, form in _FORMS:
        if re.fullmatch(form, endpoint):
            return name
    return "other"


def t_score_site(endpoint: str) -> str | None:
    """The site of a change in T-score (LS, TH, FN); None for any other endpoint."""
    found = re.fullmatch(r"(LS|TH|FN)_Tscore_change", endpoint)
    return found[1] if found else None
