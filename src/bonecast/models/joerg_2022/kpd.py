"""Drug levels psi (Eqs 21-23): kinetics without concentrations, one dimensionless decaying level per drug.

The paper writes the levels after single doses in closed form, psi = E * sum of c * 2^(-(t - t_dose) / T), and
those of daily or weekly drugs as a linear equation with a constant input. Both are the same linear decay; a
dose adds E * c at once (antibodies) or spread over the time it covers (alendronate, teriparatide). The paper
prints E without a unit; per mg of antibody, per mg/d of alendronate and per ug/d of teriparatide is the only
reading with which its results come back.
"""

from __future__ import annotations

from typing import NamedTuple

from bonecast.engine import Number, Values, log


class Levels(NamedTuple):
    """Psi of each drug class, dimensionless; 1 is half of the class's greatest effect."""

    RANKL_antibody: Number
    sclerostin_antibody: Number
    bisphosphonate: Number
    PTH_analogue: Number


def levels(y: Values) -> Levels:
    """Eq 23: drugs of the same class add."""
    return Levels(
        RANKL_antibody=y.psi_denosumab,
        sclerostin_antibody=y.psi_romosozumab + y.psi_blosozumab,
        bisphosphonate=y.psi_alendronate,
        PTH_analogue=y.psi_teriparatide,
    )


def decay(y: Values, p: Values) -> dict[str, Number]:
    """Eqs 21-22 without their doses: d(psi)/dt = -(ln 2 / T) psi, in 1/d, for each drug."""
    return {
        "psi_denosumab": -log(2.0) / p.T_denosumab * y.psi_denosumab,
        "psi_romosozumab": -log(2.0) / p.T_romosozumab * y.psi_romosozumab,
        "psi_blosozumab": -log(2.0) / p.T_blosozumab * y.psi_blosozumab,
        "psi_alendronate": -log(2.0) / p.T_alendronate * y.psi_alendronate,
        "psi_teriparatide": -log(2.0) / p.T_teriparatide * y.psi_teriparatide,
    }
