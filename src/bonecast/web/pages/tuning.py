"""What a modeller set for a model: plan, length, outputs shown and changed parameters, all of it in the address."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, urlencode

from bonecast.core import gettext
from bonecast.errors import InputError, printable
from bonecast.models import Model, Parameter, load_model, model_names
from bonecast.regimens import DAYS_IN, RegimenError, parse_regimen, parse_span

OF_PARAMETER = "p."  # before the name of a parameter in an address
PLAN = "denosumab 60 mg every 6 months x 4, then nothing for 24 months"
PLANS = {"rank-window": "denosumab 120 mg weekly x 2, then nothing for 6 weeks"}
LENGTHS = {"rank-window": "10 weeks"}
USUAL = (
    "LS_BMD_pct_change",
    "TH_BMD_pct_change",
    "CTX_pct_of_baseline",
    "P1NP_pct_of_baseline",
    "calcium_mmol_L",
)
FEW, MOST_SHOWN, MOST_KEPT = 4, 12, 4
LOG_FROM = 20.0  # a range whose ends lie so many times apart is walked in equal factors
STEPS = 200  # of a slider


@dataclass(frozen=True)
class Tuning:
    """What was asked. texts : the fields as they came; faults : field to what is wrong with it."""

    model: Model
    plan: str
    until: str
    show: tuple[str, ...]
    changed: dict[str, float]
    texts: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    pointer: str = ""
    kept: tuple[Tuning, ...] = ()

    @property
    def name(self) -> str:
        """What this run is called among those that are kept: what was changed, else its plan."""
        own = self.model.parameter_set.parameters
        changed = [f"{name} {value:.4g} ({own[name].value:.4g})" for name, value in self.changed.items()]
        return f"{self.model.name}: {', '.join(changed) or self.plan}"

    @property
    def asked(self) -> dict[str, Any]:
        """As the work is asked for."""
        return {
            "model": self.model.name,
            "plan": self.plan,
            "until": self.until,
            "set": self.changed,
            "show": list(self.show),
            "kept": [
                {
                    "name": f"{place}, {one.name}",
                    **{key: one.asked[key] for key in ("model", "plan", "until", "set")},
                }
                for place, one in enumerate(self.kept, start=1)
            ],
        }

    @property
    def query(self) -> str:
        """The address of these settings: only what differs from the usual ones stands in it."""
        parts: list[tuple[str, str]] = []
        if self.plan != usual_plan(self.model):
            parts.append(("plan", self.plan))
        if self.until != LENGTHS.get(self.model.name, ""):
            parts.append(("until", self.until))
        if self.show != usual_outputs(self.model):
            parts += [("show", name) for name in self.show]
        parts += [(OF_PARAMETER + name, f"{value:.6g}") for name, value in self.changed.items()]
        parts += [("keep", f"{one.model.name}?{one.query}") for one in self.kept]
        return urlencode(parts)

    @property
    def keeping(self) -> str:
        """The address of the same settings with this run kept beside the others."""
        alone = replace(self, kept=(), show=usual_outputs(self.model))
        return replace(self, kept=(*self.kept, alone)[-MOST_KEPT:]).query

    @property
    def kept_query(self) -> str:
        """The kept runs alone, for the page of another model."""
        return urlencode([("keep", f"{one.model.name}?{one.query}") for one in self.kept])

    def without(self, place: int) -> str:
        """The address without the kept run at this place."""
        return replace(self, kept=(*self.kept[:place], *self.kept[place + 1 :])).query


@dataclass(frozen=True)
class Slider:
    """One parameter that can be moved: its card, ends, step, and whether it is walked in equal factors."""

    card: Parameter
    low: float
    high: float
    log: bool


def sliders(model: Model) -> list[tuple[str, list[Slider]]]:
    """The parameters that have a range, grouped by the unit of the body or the drug that they belong to."""
    cards = sorted(
        (card for card in model.parameter_set.parameters.values() if card.range), key=lambda card: card.sheet
    )
    return [
        (sheet, [slider(card) for card in own]) for sheet, own in groupby(cards, key=lambda card: card.sheet)
    ]


def slider(card: Parameter) -> Slider:
    """The slider of a card that has a range."""
    low, high = card.range or (card.value, card.value)
    return Slider(card, low, high, low > 0 and high / low >= LOG_FROM)


def usual_plan(model: Model) -> str:
    """The plan that a model is shown under where nobody wrote one."""
    return PLANS.get(model.name, PLAN)


def usual_outputs(model: Model) -> tuple[str, ...]:
    """The outputs that are shown where nobody chose: those of bone that the model has, else its first."""
    known = [output.name for output in model.outputs]
    return tuple(name for name in USUAL if name in known)[:FEW] or tuple(known[:FEW])


def usual(model: Model) -> Tuning:
    """The model as it is, under its usual plan."""
    return Tuning(model, usual_plan(model), LENGTHS.get(model.name, ""), usual_outputs(model), {})


def read_tuning(model: Model, given: Iterable[tuple[str, str]]) -> Tuning:
    """The settings of an address or a form. What cannot be used keeps its usual value; its fault is noted."""
    texts: dict[str, str] = {}
    chosen: list[str] = []
    kept: list[Tuning] = []
    for name, value in given:
        if name == "show":
            chosen.append(value)
        elif name == "keep":
            kept += _kept(value)
        else:
            texts[name] = value.strip()
    faults: dict[str, str] = {}
    known = {output.name for output in model.outputs}
    show = tuple(dict.fromkeys(name for name in chosen if name in known))[:MOST_SHOWN] or usual_outputs(model)
    plan, pointer = _plan(model, texts.get("plan", ""), faults)
    until = _until(model, texts, faults)
    changed = _changed(model, texts, faults)
    return Tuning(model, plan, until, show, changed, texts, faults, pointer, tuple(kept)[-MOST_KEPT:])


def _kept(text: str) -> list[Tuning]:
    """A kept run as an address has it, NAME?QUERY; none where it cannot be used any more."""
    name, _, query = text.partition("?")
    if name not in model_names():
        return []
    found = read_tuning(load_model(name), [pair for pair in parse_qsl(query[:4000]) if pair[0] != "keep"])
    return [] if found.faults else [found]


def _plan(model: Model, text: str, faults: dict[str, str]) -> tuple[str, str]:
    """The plan, and where it has a fault that place in it."""
    if not text:
        return usual_plan(model), ""
    try:
        plan = parse_regimen(text)
        for drug in plan.drugs:
            if drug not in model.drugs and drug != "placebo":
                raise InputError(
                    "plan",
                    gettext("{name} does not carry {drug}", name=model.name, drug=drug),
                    gettext("it carries {drugs}", drugs=", ".join(model.drugs)),
                )
        if plan.starts_after_last_dose_d is not None:
            raise InputError(
                "plan",
                gettext("it begins after a last dose, which nobody gave here"),
                gettext("begin with a drug"),
            )
    except InputError as error:
        faults["plan"] = str(error)
        return usual_plan(model), error.pointer if isinstance(error, RegimenError) else ""
    return text, ""


def _until(model: Model, texts: Mapping[str, str], faults: dict[str, str]) -> str:
    text = texts.get("until", LENGTHS.get(model.name, ""))
    if text:
        try:
            if parse_span(text, "length") > 30 * DAYS_IN["years"]:
                raise InputError("length", gettext("it is over 30 years"), gettext("shorten it"))
        except InputError as error:
            faults["until"] = str(error)
            return ""
    return text


def _changed(model: Model, texts: Mapping[str, str], faults: dict[str, str]) -> dict[str, float]:
    changed: dict[str, float] = {}
    for name, text in texts.items():
        card = (
            model.parameter_set.parameters.get(name.removeprefix(OF_PARAMETER))
            if name.startswith(OF_PARAMETER)
            else None
        )
        if card is None or card.range is None or not text:
            continue
        low, high = card.range
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            faults[name] = f"'{printable(text)}' is no number from {low:g} to {high:g}."
        elif not math.isclose(value, card.value, rel_tol=1e-6, abs_tol=1e-12):
            changed[card.name] = value
    return changed
