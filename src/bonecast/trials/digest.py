"""The name of a design's numbers: a hash of what decides them, the model's text and cards included."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bonecast.models import Model


def design_hash(plain: Mapping[str, Any], model: Model) -> str:
    """Hash a design together with its model.

    Parameters
    ----------
    plain : mapping of str to object
        Fields of the design.
    model : Model
        The model that it runs.

    Returns
    -------
    str
        Twelve characters that change with any of them.
    """
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode())
    digest.update(json.dumps(model.parameter_set.values(), sort_keys=True).encode())
    digest.update(
        repr([(f.name, f.parameters, f.sd, f.kind, f.truncate) for f in model.variability.factors]).encode()
    )
    for path in sorted(model.system.sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
