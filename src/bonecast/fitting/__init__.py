"""Fitting models to data: individual and population data in event tables, by maximum likelihood or with priors.

This room owns what is fitted (parameters, random effects, residual errors), the marginal likelihood by adaptive
quadrature or importance sampling, the search, its uncertainty and its diagnostics. It knows no patient and no forecast.
"""

from typing import TYPE_CHECKING

from bonecast.core import lazy_exports

if TYPE_CHECKING:
    from bonecast.fitting.estimation import FitWarning, fit
    from bonecast.fitting.petab import PetabFit
    from bonecast.fitting.result import FitResult
    from bonecast.fitting.specification import FitParameter, FitResidual, FitSpecification, read_specification

__all__ = [
    "FitParameter",
    "FitResidual",
    "FitResult",
    "FitSpecification",
    "FitWarning",
    "PetabFit",
    "fit",
    "read_specification",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "FitParameter": "specification",
        "FitResult": "result",
        "FitSpecification": "specification",
        "FitWarning": "estimation",
        "FitResidual": "specification",
        "PetabFit": "petab",
        "fit": "estimation",
        "read_specification": "specification",
    },
)
