"""Between-person spread of a model's parameters: how far people differ, as lognormal factors with sources.

A model keeps it in `variability.toml` beside its equations:

    [source.choi-2025]
    text = "..."

    [factor.CL]
    parameters = ["CL"]            # all of these are multiplied by the same factor exp(eta)
    sd = 0.2594                    # standard deviation of eta = ln(factor)
    truncate = 2.0                 # optional: |eta| at most this many sd
    kind = "added"                 # optional: value + eta instead, in the unit of the parameter
    source = "choi-2025"
    mark = "transcribed"
    note = "..."

    [[correlation]]
    factors = ["CL", "Vp"]
    value = 0.43

    [residual.denosumab_ng_mL]     # optional: how far a measurement of this output lies from the model
    additive = 105.84              # standard deviation, in the unit of the output
    proportional = 0.07            # standard deviation, as a share of the output
    source, mark, note             # as above
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from bonecast.core import EVIDENCE_GRADES
from bonecast.models.parameters import Source


@dataclass(frozen=True)
class RandomEffect:
    """How far people differ in one trait, eta ~ N(0, sd), on one or more parameters.

    kind : "factor", the parameters are multiplied by exp(eta); "added", eta is added to them.
    """

    name: str
    parameters: tuple[str, ...]
    sd: float
    source: str
    mark: str
    note: str
    truncate: float | None = None
    kind: str = "factor"


@dataclass(frozen=True)
class ResidualError:
    """How far measurements of one output scatter around the model: additive and proportional SD."""

    output: str
    additive: float
    proportional: float
    source: str
    mark: str
    note: str


@dataclass(frozen=True)
class Variability:
    """All factors of a model, the correlations between their etas, and the published residual errors."""

    factors: tuple[RandomEffect, ...]
    correlations: dict[tuple[str, str], float]
    sources: dict[str, Source]
    residuals: dict[str, ResidualError] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Spread: {len(self.factors)} factors, {len(self.correlations)} correlations>"


def read_variability(path: Path) -> Variability:
    """Read the spread of one model; one without source or mark is refused (ValueError: our own fault)."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    sources = {k: Source(k, v["text"], v.get("doi", "")) for k, v in data["source"].items()}
    factors = []
    for name, row in data["factor"].items():
        if row["source"] not in sources or row["mark"] not in EVIDENCE_GRADES:
            raise ValueError(f"{path.name}, factor {name}: a known source and mark must be given")
        if row.get("kind", "factor") not in ("factor", "added"):
            raise ValueError(f"{path.name}, factor {name}: kind is 'factor' or 'added'")
        factors.append(
            RandomEffect(
                name,
                tuple(row["parameters"]),
                float(row["sd"]),
                row["source"],
                row["mark"],
                row["note"],
                row.get("truncate"),
                row.get("kind", "factor"),
            )
        )
    names = {f.name for f in factors}
    correlations = {}
    for row in data.get("correlation", []):
        first, second = row["factors"]
        if first not in names or second not in names:
            raise ValueError(f"{path.name}: correlation of an unknown factor {first}, {second}")
        correlations[first, second] = float(row["value"])
    residuals = {}
    for output, row in data.get("residual", {}).items():
        if row["source"] not in sources or row["mark"] not in EVIDENCE_GRADES:
            raise ValueError(f"{path.name}, residual {output}: a known source and mark must be given")
        residuals[output] = ResidualError(
            output, row["additive"], row["proportional"], row["source"], row["mark"], row["note"]
        )
    return Variability(tuple(factors), correlations, sources, residuals)
