"""The runs of virtual arms: rows request trajectories, each different arm is run once, and the rows read them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from bonecast.cohorts import ArmMeans, Cohort, Covariates, Trajectories, draw_arm, simulate, typical
from bonecast.core import Progress
from bonecast.engine import Event, SetParameter
from bonecast.errors import BonecastError
from bonecast.evidence.probes import ArmTrajectories, Probe
from bonecast.models import Model
from bonecast.regimens import DAYS_IN, Dose, dose_events, parse_regimen

RTOL = 1e-4  # errors of 1e-4 of a curve are far below the spread between people


@dataclass(frozen=True)
class VirtualArm:
    """The people of an arm and what they are given.

    Parameters
    ----------
    means : ArmMeans
        Means of the people.
    doses : tuple of Dose
        Doses from time zero.
    prior : str
        Regimen that was followed before it.
    egfr : float, optional
        Mean eGFR of the people, mL/min; that of their age by default.
    before : tuple of (float, float), optional
        Day until which oral drugs were taken otherwise, and the share of them that was taken.
    facts : tuple of (str, tuple of float)
        Further covariates, each with the value of everybody, or with values of equal shares of the people.
    """

    means: ArmMeans
    doses: tuple[Dose, ...]
    prior: str = ""
    egfr: float | None = None
    before: tuple[float, float] | None = None
    facts: tuple[tuple[str, tuple[float, ...]], ...] = ()

    @property
    def untreated(self) -> VirtualArm:
        """The same people without any drug."""
        return replace(self, doses=(), prior="", before=None)


@dataclass(eq=False)
class _Run:
    """One ensemble run, shared by all arms whose people and doses are the same to the model."""

    cohort: Cohort
    arm: VirtualArm
    outputs: set[str] = field(default_factory=set)
    days: set[float] = field(default_factory=set)
    trajectories: Trajectories | None = None
    failure: str = ""


class ArmRuns:
    """Runs of one model, with one set of people by seed.

    Call `request` for every row, `run` once, then `read`.

    Parameters
    ----------
    model : Model
        The model.
    people : int
        Virtual people in each arm.
    seed : int
        The same seed gives the same people in every arm.
    factors : mapping of str to ndarray, optional
        Parameter to factors, one for each set; the people are then followed once with each set.
    """

    def __init__(
        self, model: Model, people: int, seed: int, factors: Mapping[str, np.ndarray] | None = None
    ) -> None:
        self.model, self.count, self.seed = model, people, seed
        self.factors = factors or {}
        self.sets = len(next(iter(self.factors.values()), [1.0]))
        self._people: dict[tuple, Covariates] = {}
        self._cohorts: dict[tuple, tuple[str, Cohort]] = {}
        self._runs: dict[tuple, _Run] = {}

    def request(self, arm: VirtualArm, probe: Probe) -> None:
        """The outputs of this arm, on the days of the probe, will be read."""
        for each in (arm, arm.untreated) if probe.untreated else (arm,):
            run = self._run(each)
            run.outputs.update(probe.outputs)
            run.days.update(probe.days.tolist())

    def run(self, progress: Progress) -> None:
        """Run whatever was requested. An arm that cannot be followed keeps its reason."""
        for i, run in enumerate(self._runs.values()):
            drugs = " and ".join(dict.fromkeys(d.drug for d in run.arm.doses)) or "no drug"
            progress(i / len(self._runs), f"arm {i + 1} of {len(self._runs)}, {drugs}")
            try:
                run.trajectories = self._followed(run)
            except BonecastError as error:
                run.failure = str(error)

    def read(self, arm: VirtualArm, probe: Probe, which: int = 0) -> ArmTrajectories:
        """The trajectories of the people of this arm whom the model could follow; BonecastError where it could not.

        which : of the sets of factors.
        """
        treated = self._requested(arm, probe)
        untreated = self._requested(arm.untreated, probe) if probe.untreated else None
        succeeded = treated.succeeded if untreated is None else treated.succeeded & untreated.succeeded
        first = which * self.count
        who = first + np.flatnonzero(succeeded[first : first + self.count])
        # people are those of this arm: a shared run may have been made for another with the same parameters
        people = self._drawn(arm).select(who - first)
        return ArmTrajectories(people, treated.select(who), untreated and untreated.select(who))

    def _requested(self, arm: VirtualArm, probe: Probe) -> Trajectories:
        run = self._run(arm)
        if run.trajectories is None:
            raise BonecastError(run.failure)
        return run.trajectories.only(probe.outputs, probe.days)

    def _drawn(self, arm: VirtualArm) -> Covariates:
        key = arm.means, arm.egfr, arm.facts
        if key not in self._people:
            people = draw_arm(arm.means, self.count, self.seed)
            values = dict(people.values_of)
            kidney = (
                values["eGFR"] / values["eGFR"].mean()
            )  # the spread of the population around the mean of the arm
            if arm.egfr is not None:
                values["eGFR"] = arm.egfr * kidney
            for name, shares in arm.facts:
                each = np.array(shares)[np.arange(self.count) * len(shares) // self.count]
                values[name] = each * kidney if name == "eGFR" else each
            people = replace(people, values_of=values)
            self._people[key] = people
        return self._people[key]

    def _run(self, arm: VirtualArm) -> _Run:
        """The run of this arm; arms that differ in nothing that the model knows share one."""
        who = arm.means, arm.egfr, arm.facts
        if who not in self._cohorts:
            cohort = self._with_factors(Cohort.of(self.model, self._drawn(arm)))
            digest = hashlib.sha256()
            for name in sorted(cohort.parameters):
                digest.update(name.encode() + cohort.parameters[name].tobytes())
            self._cohorts[who] = digest.hexdigest(), cohort
        key, cohort = self._cohorts[who]
        # how a prior treatment was taken is the population's
        population = arm.means.population if arm.prior or arm.before else ""
        return self._runs.setdefault((key, arm.doses, arm.prior, population, arm.before), _Run(cohort, arm))

    def _with_factors(self, cohort: Cohort) -> Cohort:
        """The people once for each set of factors, one set after the other."""
        repeated = cohort.select(np.tile(np.arange(self.count), self.sets))
        return repeated.with_parameters(
            {
                name: repeated.parameter(name) * np.repeat(factors, self.count)
                for name, factors in self.factors.items()
            }
        )

    def _followed(self, run: _Run) -> Trajectories:
        start_d, cohort, events = self._with_prior(run)
        trajectories = simulate(
            cohort, events, np.array(sorted(run.days)), sorted(run.outputs), start_d=start_d, rtol=RTOL
        )
        return trajectories.require_success(self.model.name)

    def _with_adherence(self, run: _Run) -> tuple[Cohort, list[Event]]:
        """The people as they took the first drugs of their plan, and all events."""
        events, known = dose_events(self.model, run.arm.doses), self.model.covariates
        if run.arm.before is None or "adherence" not in known:
            return run.cohort, events
        until_d, taken = run.arm.before
        name, later = known["adherence"].parameter, typical(run.arm.means.population).adherence
        change = SetParameter(until_d * self.model.system.per_day, name, later)
        return run.cohort.with_parameters({name: taken}), [change, *events]

    def _with_prior(self, run: _Run) -> tuple[float, Cohort, list[Event]]:
        """Days from the start of the run to time zero, the people as they were at the start, and all events."""
        if not run.arm.prior:
            return 0.0, *self._with_adherence(run)
        before = parse_regimen(run.arm.prior)
        events = dose_events(self.model, before.doses)
        cohort, known = run.cohort, self.model.covariates
        if "age" in known:  # the row's age is that at time zero
            age = known["age"].parameter
            cohort = cohort.with_parameters({age: cohort.parameter(age) - before.end_d / DAYS_IN["years"]})
        if "adherence" in known:
            adherence, people = known["adherence"].parameter, typical(run.arm.means.population)
            cohort = cohort.with_parameters({adherence: people.prior_adherence})
            events.append(SetParameter(before.end_d * self.model.system.per_day, adherence, people.adherence))
        return before.end_d, cohort, events + dose_events(self.model, run.arm.doses, before.end_d)
