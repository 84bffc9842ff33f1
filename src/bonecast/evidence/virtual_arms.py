"""Where arms are played: rows ask for curves, each different arm is run once, and the curves are handed out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from bonecast.cohorts import typical
from bonecast.engine import Event, SetParameter, Status, require_success, simulate
from bonecast.errors import BonecastError
from bonecast.evidence.arm_baseline import Traits
from bonecast.evidence.arm_people import People, draw_people, parameters_of
from bonecast.evidence.probes import Curves, Probe
from bonecast.models import Model
from bonecast.regimens import DAYS_IN, Dose, dose_events, parse_regimen

RTOL = 1e-4  # errors of 1e-4 of a curve are far below the spread between people
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Arm:
    """Who gets what: traits of the people, doses from time zero, and the plan that was followed before it."""

    traits: Traits
    doses: tuple[Dose, ...]
    prior: str = ""


@dataclass(eq=False)
class _Run:
    """One ensemble run, shared by all arms whose people and doses are the same to the model."""

    parameters: dict[str, np.ndarray]
    arm: Arm
    outputs: set[str] = field(default_factory=set)
    days: set[float] = field(default_factory=set)
    values: dict[str, np.ndarray] = field(default_factory=dict)
    whole: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    failure: str = ""


class VirtualArms:
    """One model, one set of people by seed. `ask` for every row, `play` once, then take `curves`.

    factors : parameter to factors[k]; the people are then played once with each set of factors.
    """

    def __init__(
        self, model: Model, people: int, seed: int, factors: Mapping[str, np.ndarray] | None = None
    ) -> None:
        self.model, self.count, self.seed = model, people, seed
        self.factors = factors or {}
        self.sets = len(next(iter(self.factors.values()), [1.0]))
        self._people: dict[Traits, People] = {}
        self._parameters: dict[Traits, tuple[str, dict[str, np.ndarray]]] = {}
        self._runs: dict[tuple, _Run] = {}

    def ask(self, arm: Arm, probe: Probe) -> None:
        """These curves of this arm will be wanted."""
        for which in (arm, replace(arm, doses=(), prior="")) if probe.untreated else (arm,):
            run = self._run(which)
            run.outputs.update(probe.outputs)
            run.days.update(probe.days.tolist())

    def play(self, progress: Progress) -> None:
        """Run whatever was asked for. An arm that cannot be followed keeps its reason."""
        for i, run in enumerate(self._runs.values()):
            drugs = " and ".join(dict.fromkeys(d.drug for d in run.arm.doses)) or "no drug"
            progress(i / len(self._runs), f"arm {i + 1} of {len(self._runs)}, {drugs}")
            try:
                self._play(run)
            except BonecastError as error:
                run.failure = str(error)

    def curves(self, arm: Arm, probe: Probe, which: int = 0) -> Curves:
        """The curves of the people of this arm whom the model could follow; BonecastError where it could not.

        which : of the sets of factors.
        """
        run = self._run(arm)
        without = self._run(replace(arm, doses=(), prior="")) if probe.untreated else run
        for one in (run, without):
            if one.failure:
                raise BonecastError(one.failure)
        block = slice(which * self.count, (which + 1) * self.count)
        whole = (run.whole & without.whole)[block]
        return Curves(
            self._drawn(arm.traits).some(whole),
            probe.days,
            {o: _at(run, o, probe.days)[block][whole] for o in probe.outputs},
            {o: _at(without, o, probe.days)[block][whole] for o in probe.outputs} if probe.untreated else {},
        )

    def _drawn(self, traits: Traits) -> People:
        if traits not in self._people:
            self._people[traits] = draw_people(traits, self.count, self.seed)
        return self._people[traits]

    def _run(self, arm: Arm) -> _Run:
        """The run of this arm; arms that differ in nothing that the model knows share one."""
        if arm.traits not in self._parameters:
            drawn = parameters_of(self.model, self._drawn(arm.traits), self.seed)
            drawn = self._sets(drawn)
            digest = hashlib.sha256()
            for name in sorted(drawn):
                digest.update(name.encode() + drawn[name].tobytes())
            self._parameters[arm.traits] = digest.hexdigest(), drawn
        key, drawn = self._parameters[arm.traits]
        # how a prior treatment was taken is the population's
        who = arm.traits.population if arm.prior else ""
        return self._runs.setdefault((key, arm.doses, arm.prior, who), _Run(drawn, arm))

    def _sets(self, drawn: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The people once for each set of factors, one set after the other."""
        own = self.model.system.parameters
        drawn = {name: np.tile(values, self.sets) for name, values in drawn.items()}
        for name, factors in self.factors.items():
            before = drawn.get(name, np.full(self.sets * self.count, own[name]))
            drawn[name] = before * np.repeat(factors, self.count)
        return drawn

    def _play(self, run: _Run) -> None:
        zero_d, parameters, events = self._laid_out(run)
        days = np.array(sorted(run.days))
        outputs = sorted(run.outputs)
        per_day = self.model.system.per_day
        runs = simulate(
            self.model.system, events, (days + zero_d) * per_day, parameters, outputs=outputs, rtol=RTOL
        )
        require_success(runs, self.model.name)
        run.whole = runs.status == Status.FINE
        run.values = {name: runs.output(name) for name in outputs}

    def _laid_out(self, run: _Run) -> tuple[float, dict[str, np.ndarray], list[Event]]:
        """The day of the run that is time zero, the people's parameters, and all events."""
        if not run.arm.prior:
            return 0.0, run.parameters, dose_events(self.model, run.arm.doses)
        before = parse_regimen(run.arm.prior)
        events = dose_events(self.model, before.doses)
        parameters = dict(run.parameters)
        known = self.model.covariates
        if "age" in known:  # the row's age is that at time zero
            parameters[known["age"].parameter] = (
                parameters[known["age"].parameter] - before.end_d / DAYS_IN["years"]
            )
        if "adherence" in known:
            name = known["adherence"].parameter
            who = typical(run.arm.traits.population)
            parameters[name] = np.full(self.sets * self.count, who.prior_adherence)
            events.append(SetParameter(before.end_d * self.model.system.per_day, name, who.adherence))
        return before.end_d, parameters, events + dose_events(self.model, run.arm.doses, before.end_d)


def _at(run: _Run, output: str, days: np.ndarray) -> np.ndarray:
    """One output on these days; every one of them was asked for."""
    return run.values[output][:, np.searchsorted(np.array(sorted(run.days)), days)]
