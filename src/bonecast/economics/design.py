"""The design of an economic evaluation: strategies, horizon, discounting, inputs, and where fractures come from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bonecast.core import Faults, parse_toml, read_text
from bonecast.economics.inputs import NEEDED, NEEDED_OF_FRACTURES, SIMULATED, InputTable, input_table
from bonecast.errors import InputError, UnknownName, printable
from bonecast.records import read_lines
from bonecast.regimens import DAYS_IN, parse_span
from bonecast.trials import BoneDesign, read_design

Text = Annotated[str, Field(strict=True, min_length=1, max_length=200)]
Rate = Annotated[float, Field(ge=0, le=0.2, allow_inf_nan=False)]
Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
LEFT_OUT = ("rebound", "lateness", "exits")
SIMULATED_KINDS = ("hip", "vertebral", "nonvertebral")
MOST_STATES = 5_000


class _Lines(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ValueLines(_Lines):
    """The top of the file."""

    name: Text = Field(description="a short name in quotes")
    title: Text = Field(description="a title in quotes")
    analysis: Literal["value"] = Field(description='"value"')
    country: Text = Field(description='a country, such as "US"')
    currency: Text = Field(description='a code of three letters, such as "USD"')
    price_year: Annotated[int, Field(strict=True, ge=1990, le=2100)] = Field(
        description="a year, such as 2024"
    )
    inputs: Annotated[list[Text], Field(min_length=1)] = Field(
        description='CSV files, such as ["prices.csv"]'
    )
    reference: Text = Field(description="the name of a strategy")
    strategies: list[Text] = Field([], description='names, such as ["no drug", "denosumab"]')
    horizon: Text = Field("", min_length=0, description='a span, such as "10 years"')
    start_age: Annotated[float, Field(ge=40, le=100)] | None = Field(None, description="an age, such as 75")
    cycle_months: Literal[3, 6, 12] = Field(6, description="3, 6 or 12")
    discount_costs: Rate = Field(description="a share per year, such as 0.03")
    discount_qalys: Rate = Field(description="a share per year, such as 0.03")
    thresholds: Annotated[list[Annotated[float, Field(gt=0, le=1e9)]], Field(min_length=1, max_length=20)] = (
        Field(description="costs per QALY, such as [50000, 100000]")
    )
    draws: Annotated[int, Field(strict=True, ge=10, le=20_000)] = Field(1000, description="10 to 20,000")
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31)] = Field(1, description="a whole number")
    without: list[Literal["rebound", "lateness", "exits"]] = Field(
        [], description='"rebound", "lateness" or "exits"'
    )


class SimulationLines(_Lines):
    """[simulation]: a virtual trial whose arms are the strategies."""

    trial: Text = Field(description="a trial design: a file, or a name of the package")
    people: Annotated[int, Field(strict=True, ge=8, le=1_000_000)] = Field(2000, description="8 or more")
    model_draws: Annotated[int, Field(strict=True, ge=0, le=1000)] = Field(
        0, description="draws of the model's posterior, such as 10"
    )


class BudgetLines(_Lines):
    """[budget]: people who begin each year, and what they begin with, now and then."""

    people: Annotated[int, Field(strict=True, ge=1, le=100_000_000)] = Field(description="people a year")
    years: Annotated[int, Field(strict=True, ge=1, le=30)] = Field(5, description="years, such as 5")
    now: dict[Text, Part] = Field(description="shares by strategy, such as { alendronate = 1.0 }")
    then: dict[Text, Part] = Field(description="shares by strategy, such as { denosumab = 0.3 }")


@dataclass(frozen=True)
class BudgetPlan:
    """Who begins with what.

    Parameters
    ----------
    people : int
        People who begin in each year.
    years : int
        Years that are budgeted.
    now : dict of str to float
        Shares by strategy as things are.
    then : dict of str to float
        Shares by strategy as they would be.
    """

    people: int
    years: int
    now: dict[str, float]
    then: dict[str, float]


@dataclass(frozen=True)
class ValueDesign:
    """The design of an economic evaluation, as checked.

    Parameters
    ----------
    name : str
        Name.
    title : str
        Title for people.
    country : str
        Country of the inputs.
    price_year : int
        Year of the prices.
    inputs : InputTable
        All numbers.
    reference : str
        Strategy that others are compared with.
    strategies : tuple of str
        Names in order.
    years : float
        Horizon in years.
    start_age : float or None
        Age on day 0; None where the trial says it.
    cycle_months : int
        Length of a period.
    discount_costs : float
        Per year.
    discount_qalys : float
        Per year.
    thresholds : tuple of float
        Costs per quality-adjusted year that may be paid.
    draws : int
        Draws of the probabilistic sensitivity analysis.
    seed : int
        Seed.
    without : tuple of str
        What is left out: "rebound", "lateness", "exits".
    trial : BoneDesign or None
        Trial whose arms are the strategies; None where the inputs hold rates.
    people : int
        People followed under each strategy.
    model_draws : int
        Draws of the posterior of the trial's model; 0 for its values alone.
    budget : BudgetPlan or None
        Budget impact.
    """

    name: str
    title: str
    country: str
    price_year: int
    inputs: InputTable
    reference: str
    strategies: tuple[str, ...]
    years: float
    start_age: float | None
    cycle_months: int
    discount_costs: float
    discount_qalys: float
    thresholds: tuple[float, ...]
    draws: int
    seed: int
    without: tuple[str, ...]
    trial: BoneDesign | None
    people: int
    model_draws: int
    budget: BudgetPlan | None

    def __repr__(self) -> str:
        return f"<ValueDesign {self.name}: {', '.join(self.strategies)} over {self.years:g} years>"

    @property
    def fractures(self) -> tuple[str, ...]:
        """Kinds of fracture that are counted."""
        return SIMULATED_KINDS if self.trial is not None else self.inputs.fractures

    @property
    def cycles(self) -> int:
        """How many periods the horizon has."""
        return round(self.years * 12 / self.cycle_months)


def read_value_design(path: str | os.PathLike[str]) -> ValueDesign:
    """Read the design of an economic evaluation.

    Parameters
    ----------
    path : str or path
        TOML file; files that it names lie beside it.

    Returns
    -------
    ValueDesign
        The design.

    Raises
    ------
    RecordError
        If it cannot be used, with all faults.
    """
    file, place = Path(path), printable(os.fspath(path), 120)
    tables, faults = parse_toml(read_text(file, place), place), Faults()
    parts = {"simulation": SimulationLines, "budget": BudgetLines}
    asked = {
        key: read_lines(layout, tables[key], f"{place}, {key}", faults)
        for key, layout in parts.items()
        if key in tables
    }
    head = read_lines(ValueLines, {k: v for k, v in tables.items() if k not in parts}, place, faults)
    faults.raise_any()
    assert head is not None  # a fault was noted where it is missing
    inputs = input_table([file.parent / name for name in head.inputs], head.currency)
    simulation: SimulationLines | None = asked.get("simulation")  # type: ignore[assignment]
    trial = None if simulation is None else _trial(file, simulation.trial, place)
    years = 0.0
    with faults.noting():
        years = _years(head, trial, place)
    budget: BudgetLines | None = asked.get("budget")  # type: ignore[assignment]
    made = ValueDesign(
        head.name,
        head.title,
        head.country,
        head.price_year,
        inputs,
        head.reference,
        tuple(head.strategies) if trial is None else tuple(arm.name for arm in trial.arms),
        years,
        head.start_age,
        head.cycle_months,
        head.discount_costs,
        head.discount_qalys,
        tuple(sorted(head.thresholds)),
        head.draws,
        head.seed,
        tuple(dict.fromkeys(head.without)),
        trial,
        2000 if simulation is None else simulation.people,
        0 if simulation is None else simulation.model_draws,
        None if budget is None else BudgetPlan(budget.people, budget.years, budget.now, budget.then),
    )
    _check(made, head, place, faults)
    faults.raise_any()
    return made


def _trial(file: Path, name: str, place: str) -> BoneDesign:
    beside = file.parent / name
    found = read_design(beside if beside.exists() else name)
    if not isinstance(found, BoneDesign) or "fractures" not in found.events:
        cause = f"'{printable(name)}' follows no fractures"
        raise InputError(f"{place}, simulation, trial", cause, "name a bone trial with fractures")
    return found


def _years(head: ValueLines, trial: BoneDesign | None, place: str) -> float:
    """The horizon: that of the file, within that of the trial."""
    if trial is not None and not head.horizon:
        found = trial.end_d / DAYS_IN["years"]
    elif not head.horizon:
        raise InputError(f"{place}, horizon", "it is missing", 'write horizon = "10 years"')
    else:
        found = parse_span(head.horizon, f"{place}, horizon") / DAYS_IN["years"]
    cycles = found * 12 / head.cycle_months
    if abs(cycles - round(cycles)) > 0.02 or not 1 <= round(cycles) <= 240:
        cause = f"{found:.2f} years are no whole number of periods of {head.cycle_months} months"
        raise InputError(
            f"{place}, horizon", cause, "write another horizon or cycle_months, at most 240 periods"
        )
    if trial is not None and found * DAYS_IN["years"] > trial.end_d + 2:
        raise InputError(f"{place}, horizon", "it is longer than the trial", "lengthen the trial")
    return round(cycles) * head.cycle_months / 12


def _check(made: ValueDesign, head: ValueLines, place: str, faults: Faults) -> None:
    """What the parts must hold for each other."""
    if made.trial is not None:
        for key in [key for key in ("strategies", "start_age") if getattr(head, key)]:
            faults.note(InputError(f"{place}, {key}", "the simulated trial says it", "leave it out"))
        for row in made.inputs.rows:
            if row.item in SIMULATED:
                faults.note(
                    InputError(f"inputs, {row.item}", "the simulated trial says it", "leave the row out")
                )
    else:
        if len(set(made.strategies)) < max(2, len(made.strategies)):
            faults.note(InputError(f"{place}, strategies", "there are no two different ones", "name them"))
        if made.start_age is None:
            faults.note(InputError(f"{place}, start_age", "it is missing", "write start_age = 75"))
    if made.reference not in made.strategies:
        faults.note(
            UnknownName(f"{place}, reference", "strategy", printable(made.reference), made.strategies)
        )
    for kind in made.fractures:
        for item in (*NEEDED_OF_FRACTURES, *(("incidence",) if made.trial is None else ())):
            if not made.inputs.of(item, fracture=kind):
                faults.note(InputError("inputs", f"'{item}' of {printable(kind)} is missing", "add a row"))
    for item in NEEDED:
        if not made.inputs.of(item):
            faults.note(InputError("inputs", f"'{item}' is missing", "add a row for some ages"))
    if not made.fractures:
        faults.note(InputError("inputs", "no kind of fracture has a cost", "add rows of fracture_cost"))
    if (12 // made.cycle_months + 2) ** len(made.fractures) > MOST_STATES:
        cause = f"{len(made.fractures)} kinds of fracture have too many histories"
        faults.note(InputError("inputs", cause, "put kinds together, or write cycle_months = 12"))
    _names(made, faults)
    _prices(made, faults)
    if made.budget is not None:
        for key in ("now", "then"):
            shares: Mapping[str, float] = getattr(made.budget, key)
            for name in [name for name in shares if name not in made.strategies]:
                faults.note(
                    UnknownName(f"{place}, budget, {key}", "strategy", printable(name), made.strategies)
                )
            if abs(sum(shares.values()) - 1) > 1e-6:
                cause = f"the shares add up to {sum(shares.values()):g}"
                faults.note(InputError(f"{place}, budget, {key}", cause, "let them add up to 1"))
        if made.budget.years > made.years:
            faults.note(InputError(f"{place}, budget, years", "they go beyond the horizon", "budget fewer"))


def _names(made: ValueDesign, faults: Faults) -> None:
    """Strategies, drugs and fractures of the table are those of the design."""
    drugs = drugs_of(made)
    for row in made.inputs.rows:
        if row.fracture and row.fracture not in made.fractures:
            faults.note(
                UnknownName(f"inputs, {row.item}", "fracture", printable(row.fracture), made.fractures)
            )
        priced = made.trial is not None and row.item in ("drug_cost", "administration_cost")
        known = drugs if priced else made.strategies
        if row.of and row.of not in known:
            kind = "drug" if priced else "strategy"
            faults.note(UnknownName(f"inputs, {row.item}", kind, printable(row.of), known))


def _prices(made: ValueDesign, faults: Faults) -> None:
    """Nobody is treated for nothing because a price was forgotten."""
    if made.trial is not None:
        missing = [drug for drug in drugs_of(made) if not made.inputs.of("drug_cost", drug)]
    else:
        works = {row.of for row in made.inputs.rows if row.item == "relative_risk"}
        missing = [
            name for name in made.strategies if name in works and not made.inputs.of("drug_cost", name)
        ]
        for row in made.inputs.rows:
            if row.unit.endswith("per dose"):
                cause = "rates of a table know no doses"
                faults.note(
                    InputError(f"inputs, {row.item}", cause, f"write {made.inputs.currency} per year")
                )
    for name in missing:
        faults.note(InputError("inputs", f"'drug_cost' of {printable(name)} is missing", "add your price"))


def drugs_of(made: ValueDesign) -> tuple[str, ...]:
    """Drugs of the plans of a simulated trial."""
    if made.trial is None:
        return ()
    found = {dose.drug for arm in made.trial.arms for dose in arm.course.doses}
    return tuple(sorted(found - {"nothing", "placebo"}))
