"""A `Model`: a system of equations with its parameters, outputs, covariates and limitations, ready for the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from bonecast.core import Source, value_in
from bonecast.engine import Event, System, steady
from bonecast.errors import InputError, UnknownName, UnsupportedDrug
from bonecast.models.discrepancy import DiscrepancyTable
from bonecast.models.parameters import Parameter, ParameterSet
from bonecast.models.posterior import CalibrationPosterior
from bonecast.models.variability import Variability

OWN_UNIT = "model units"  # of a system that states none


@dataclass(frozen=True)
class Output:
    """One output of a model.

    Parameters
    ----------
    name : str
        Column name, with the unit in it ("LS_BMD_pct_change").
    quantity : str
        What it is, in English.
    unit : str
        Its unit.
    note : str
        A caveat, where there is one.

    Examples
    --------
    >>> Output("CTX_pct_of_baseline", "CTX in serum", "% of untreated").unit
    '% of untreated'
    """

    name: str
    quantity: str
    unit: str
    note: str = ""


@dataclass(frozen=True)
class Covariate:
    """How a fact about a person enters a model.

    Parameters
    ----------
    parameter : str
        Parameter that takes the value at the start.
    unit : str
        Unit of the value given.
    state : str
        State that holds a fact which changes in time.
    slope : str
        Parameter that is its slope, per time unit of the model; events move both, so that it runs linearly between
        dated values.
    unfit : str
        Why a person's own value must not be given to this model, if so.
    """

    parameter: str
    unit: str
    state: str = ""
    slope: str = ""
    unfit: str = ""


@dataclass(frozen=True)
class Model:
    """A model: equations with their parameters, outputs, variability and limitations.

    Parameters
    ----------
    name : str
        Library name ("peterson-riggs-2010").
    title : str
        Title for people.
    summary : str
        Summary for people.
    system : System
        States, rates, outputs and dose routes, as the engine integrates them.
    parameter_set : ParameterSet
        Parameters with their sources.
    outputs : tuple of Output
        In the order of `system.output_names`.
    limits : tuple of str
        What the model is not fit for, one sentence each; shown wherever its numbers are shown.
    equations : tuple of str
        Modules to read, in the order of the signal.
    variability : Variability
        Between-subject variability of the parameters.
    covariates : mapping of str to Covariate
        Fact of a person ("eGFR", "weight", "age") to how it enters.
    posterior : CalibrationPosterior, optional
        How uncertain calibrated parameters are; None for a model that was not calibrated here.
    discrepancy : DiscrepancyTable, optional
        How far it lies from published results that it has not seen, by class; None for a model without such a table,
        whose forecasts take the rule of `discrepancy.toml`.
    fractures : Path, optional
        Calibrated cards of the fracture relation along its own curves; None for one that takes those of `bonecast-1`.
    extends : str
        Model of which this is an extension by further plug-ins; empty for a model of its own.
    plugins : tuple of object
        What it is assembled from; empty where it is one piece.

    Examples
    --------
    >>> from bonecast.models import load_model
    >>> model = load_model("choi-2025")
    >>> model.drugs, model.output("LS_BMD_pct_change").unit
    (('denosumab',), '%')
    """

    name: str
    title: str
    summary: str
    system: System
    parameter_set: ParameterSet
    outputs: tuple[Output, ...]
    limits: tuple[str, ...]
    equations: tuple[str, ...]
    variability: Variability
    covariates: Mapping[str, Covariate] = field(default_factory=dict)
    posterior: CalibrationPosterior | None = None
    discrepancy: DiscrepancyTable | None = None
    fractures: Path | None = None
    extends: str = ""
    plugins: tuple[Any, ...] = ()

    def __repr__(self) -> str:
        return f"<Model {self.name}: {len(self.system.states)} states, {len(self.parameter_set.parameters)} parameters>"

    def _repr_html_(self) -> str:
        from bonecast.models.notebook import model_html

        return model_html(self)

    @staticmethod
    def of(system: System) -> Model:
        """Make a model of a system that has no parameter set, outputs or limitations of its own.

        Parameters
        ----------
        system : System
            States, rates, outputs and dose routes.

        Returns
        -------
        Model
            Its parameters are marked as assumptions without a source, in the units of the model.
        """
        given = Source("system", "given in Python without a source")
        parameters = {
            name: Parameter(name, name, value, OWN_UNIT, given.key, "assumption", "not stated")
            for name, value in system.parameters.items()
        }
        return Model(
            name=system.name,
            title=system.name,
            summary="A system of equations without sources.",
            system=system,
            parameter_set=ParameterSet(parameters, {given.key: given}),
            outputs=tuple(Output(name, name, OWN_UNIT) for name in system.output_names),
            limits=("No source of its parameters is stated.",),
            equations=(),
            variability=Variability((), {}, {given.key: given}),
        )

    @cached_property
    def drugs(self) -> tuple[str, ...]:
        """The drugs that this model supports (a drug with two routes, "ibandronate intravenous", counts once)."""
        return tuple(dict.fromkeys(route.split(" ")[0] for route in self.system.routes))

    def output(self, name: str) -> Output:
        """The output of that name; `UnknownName` with the nearest names otherwise."""
        for output in self.outputs:
            if output.name == name:
                return output
        raise UnknownName(f"model {self.name}", "output", name, [o.name for o in self.outputs])

    def parameter_changes(self, changes: Mapping[str, float]) -> dict[str, float]:
        """Check the names of parameters to be changed; `UnknownName` for one that the model does not have."""
        for name in changes:
            if name not in self.system.parameters:
                raise UnknownName(f"model {self.name}", "parameter", str(name), self.system.parameters)
        return dict(changes)

    def parameter_values(self, given: Mapping[str, float | str]) -> dict[str, float]:
        """Values of parameters in their own units: numbers as they are, texts with a unit converted.

        >>> from bonecast.models import load_model
        >>> load_model("peterson-riggs-2010").parameter_values({"GFR": "1.8 L/h"})
        {'GFR': 30.0}
        """
        if not isinstance(given, Mapping):
            cause = f"a {type(given).__name__} does not say which parameter takes which value"
            raise InputError(
                f"model {self.name}, parameters", cause, 'give them by name, such as {"GFR": 30}'
            )
        names = self.parameter_changes(given)  # type: ignore[arg-type]
        return {
            name: value_in(
                self.parameter_set.parameters[name].unit, given[name], f"model {self.name}, parameter {name}"
            )
            for name in names
        }

    def steady(
        self,
        events: Sequence[Event],
        period: float,
        set: Mapping[str, float | str] | None = None,
    ) -> dict[str, float]:
        """Find the states of the typical person that return after each cycle of doses.

        Parameters
        ----------
        events : sequence of Bolus or Infusion
            Doses of one cycle, from its start, repeated for ever; none for the equilibrium without doses.
        period : float
            Length of the cycle, in the model's time unit.
        set : mapping of str to float or str, optional
            Parameters to be changed: numbers in their own unit, or texts with a unit.

        Returns
        -------
        dict of str to float
            Each state at the start of the cycle, before a dose that is given there; right to a millionth.

        Raises
        ------
        InputError
            If an event, the period or a parameter cannot be used.
        ComputeError
            If no such states are found, as in a model that ages.

        Examples
        --------
        >>> from bonecast.engine import Bolus
        >>> from bonecast.models import load_model
        >>> half_yearly = load_model("choi-2025").steady([Bolus(0.0, "denosumab", 60.0)], 182.625 * 24)
        >>> half_yearly["BMD"] > load_model("choi-2025").steady([], 24.0)["BMD"]
        True
        """
        return {
            n: float(v[0])
            for n, v in steady(self.system, events, period, self.parameter_values(set or {})).items()
        }

    def outside_range(self, values: Mapping[str, float]) -> list[str]:
        """A sentence for each value that lies outside its range."""
        sentences = []
        for name, value in values.items():
            parameter = self.parameter_set.parameters[name]
            if parameter.range and not parameter.range[0] <= value <= parameter.range[1]:
                low, high = parameter.range
                sentences.append(
                    f"model {self.name}, parameter {name}: {value:g} {parameter.unit} lies outside"
                    f" {low:g} to {high:g} {parameter.unit}, its range."
                )
        return sentences

    def require(self, drugs: tuple[str, ...], supporting: Mapping[str, tuple[str, ...]]) -> None:
        """Refuse a plan whose drugs this model does not support, and name the models that do."""
        for drug in drugs:
            if drug not in self.drugs and drug != "placebo":
                able = supporting.get(drug, ())
                hint = (
                    f"models that support it: {', '.join(able)}"
                    if able
                    else "no model in the library supports it yet"
                )
                raise UnsupportedDrug(f"model {self.name}", f"it does not support {drug}", hint)
