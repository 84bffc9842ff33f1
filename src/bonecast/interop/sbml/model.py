"""An SBML model in hand."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import numpy as np

from bonecast.errors import UnknownName
from bonecast.interop.sbml.description import Description
from bonecast.interop.sbml.equations import Equations, amount_of
from bonecast.interop.sbml.plain import PlainRun
from bonecast.interop.sbml.reader import describe_file, describe_text


class SbmlModel:
    def __init__(self, description: Description) -> None:
        self.description = description
        self.equations = Equations(description)

    def course(self, times, wanted, changes=None, **how):
        targets = []
        for symbol, kind in wanted:
            q = self.description.quantities.get(symbol)
            if q is None or q.kind != "species" or not kind:
                targets.append(symbol)
            elif kind == "amount":
                targets.append(amount_of(q))
            elif q.substance:
                targets.append(f"{symbol}|concentration")
                self.equations.formulas[targets[-1]] = ("divide", ("name", symbol), ("name", q.compartment))
            else:
                targets.append(symbol)
        return PlainRun(self.equations, changes, **how).run(times, targets)


def read_sbml(path):
    return SbmlModel(describe_file(path))
