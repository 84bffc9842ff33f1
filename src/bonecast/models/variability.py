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

from dataclasses import dataclass, field
from pathlib import Path

from bonecast.core import Source, sourced, toml


@dataclass(frozen=True)
class RandomEffect:
    """How far people differ in one trait: eta ~ N(0, sd), on one or more parameters.

    Parameters
    ----------
    name : str
        Name of the trait.
    parameters : tuple of str
        Parameters that it moves.
    sd : float
        SD of eta: of a logarithm for "factor", in the unit of the parameter for "added".
    source : str
        Key of the source.
    mark : str
        Evidence grade.
    note : str
        What to know of the number.
    truncate : float, optional
        |eta| is held at this many SDs.
    kind : str
        "factor": parameters are multiplied by exp(eta); "added": eta is added.
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
    """How far measurements of one output scatter around the model.

    Parameters
    ----------
    output : str
        Name of the output.
    additive : float
        SD in the unit of the output.
    proportional : float
        SD as a share of the output.
    source : str
        Key of the source.
    mark : str
        Evidence grade.
    note : str
        What to know of the numbers.
    """

    output: str
    additive: float
    proportional: float
    source: str
    mark: str
    note: str


@dataclass(frozen=True)
class Variability:
    """Between-subject variability of a model, and the published residual errors.

    Parameters
    ----------
    factors : tuple of RandomEffect
        Random effects.
    correlations : dict of tuple of (str, str) to float
        Pairs of random effects to their correlation.
    sources : dict of str to Source
        Key to source.
    residuals : dict of str to ResidualError
        Output to its residual error.
    """

    factors: tuple[RandomEffect, ...]
    correlations: dict[tuple[str, str], float]
    sources: dict[str, Source]
    residuals: dict[str, ResidualError] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Spread: {len(self.factors)} factors, {len(self.correlations)} correlations>"


def read_variability(path: Path, over: Variability | None = None) -> Variability:
    """Read the between-subject variability of one model from a TOML file.

    Parameters
    ----------
    path : Path
        File with `[source.KEY]`, `[factor.NAME]` and `[[correlation]]` tables.
    over : Variability, optional
        That of an earlier model, over whose random effects those of the file are laid.

    Returns
    -------
    Variability
        Random effects, correlations and residual errors.

    Raises
    ------
    ValueError
        If an entry lacks its source or grade.
    """
    data = toml(path)
    sources = {k: Source(k, v["text"], v.get("doi", "")) for k, v in data["source"].items()}
    factors = []
    for name, row in data["factor"].items():
        place = f"{path.name}, factor {name}"
        factors.append(sourced({**row, "sd": float(row["sd"])}, RandomEffect, place, name, sources))
        if factors[-1].kind not in ("factor", "added"):
            raise ValueError(f"{place}: kind is 'factor' or 'added'")
    below = over or Variability((), {}, {})
    merged = {f.name: f for f in (*below.factors, *factors)}
    names = set(merged)
    correlations = {}
    for row in data.get("correlation", []):
        first, second = row["factors"]
        if first not in names or second not in names:
            raise ValueError(f"{path.name}: correlation of an unknown factor {first}, {second}")
        correlations[first, second] = float(row["value"])
    residuals = {
        output: sourced(
            {"output": output, **row}, ResidualError, f"{path.name}, residual {output}", sources=sources
        )
        for output, row in data.get("residual", {}).items()
    }
    return Variability(
        tuple(merged.values()),
        below.correlations | correlations,
        below.sources | sources,
        below.residuals | residuals,
    )
