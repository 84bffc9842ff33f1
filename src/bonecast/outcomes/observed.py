"""Outputs as they would be measured: with the published residual error of a model, else that of a test or scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bonecast.engine import normals
from bonecast.models import Model
from bonecast.outcomes.endpoints import ENDPOINTS
from bonecast.records import assay_limit, usual_variation, variation


@dataclass(frozen=True)
class MeasuredOutput:
    """How far measurements of one output lie from it.

    The SD of a value is the root of additive^2 + (proportional value)^2; `log_sd` is that of its logarithm instead.

    Parameters
    ----------
    output : str
        Name of the output.
    additive : float
        SD in the unit of the output.
    proportional : float
        SD as a share of the output.
    log_sd : float
        SD of the logarithm, of tests that scatter by a factor.
    lloq : float, optional
        Limit of quantification, in the unit of the output.
    source : str
        Where the numbers come from.

    Examples
    --------
    >>> MeasuredOutput("CONC", 0.0, 0.1).measured(np.array([1.0, 2.0]), seed=1).round(2).tolist() != [1.0, 2.0]
    True
    """

    output: str
    additive: float = 0.0
    proportional: float = 0.0
    log_sd: float = 0.0
    lloq: float | None = None
    source: str = ""

    def measured(self, values: np.ndarray, seed: int) -> np.ndarray:
        """The values with an error each; the same seed, the same errors.

        Parameters
        ----------
        values : ndarray of float
            What the model says.
        seed : int

        Returns
        -------
        ndarray of float
        """
        z = normals(seed, f"measured {self.output}", 0, values.size).reshape(values.shape)
        if self.log_sd:
            return values * np.exp(self.log_sd * z)
        return values + z * np.hypot(self.additive, self.proportional * values)


def measured_outputs(model: Model) -> dict[str, MeasuredOutput]:
    """The outputs of a model that are measured, with their error.

    Parameters
    ----------
    model : Model

    Returns
    -------
    dict of str to MeasuredOutput
        The published residual error of the model where there is one; else the variation from day to day and of the
        assay, or the precision of a scanner in a trial, of one measurement. For a change from before treatment that is
        the error of the later value alone.

    Examples
    --------
    >>> from bonecast.models import load_model
    >>> measured_outputs(load_model("choi-2025"))["denosumab_ng_mL"].proportional
    0.07
    """
    names, found = model.system.output_names, {}
    for end in ENDPOINTS:
        if end.output not in names:
            continue
        bone = end.test == "BMD"
        used = variation(end.test, "trial", end.site) if bone else usual_variation(end.test)
        if used is None:
            continue
        limit = assay_limit(end.test) if end.scale == "level" else None
        found[end.output] = MeasuredOutput(
            end.output,
            additive=used.value if bone else 0.0,
            log_sd=0.0 if bone else used.value / 100,
            lloq=None if limit is None else limit.value,
            source=used.source,
        )
    for output, error in model.variability.residuals.items():
        source = model.variability.sources[error.source].text
        found[output] = MeasuredOutput(output, error.additive, error.proportional, source=source)
    return found
