"""Is the update right? Truths of virtual people among their draws, and another sampler on the same question."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom
from simulation_based_calibration import coverage, ranks
from virtual_patients import virtual_patient

from bonecast.inference import condition
from bonecast.inference.likelihood import history_likelihood
from bonecast.models import load_model

MODEL = load_model("bonecast-2")
PEOPLE, SEED = 40, 7
# traits that matter for markers and bone on denosumab: few enough for a sampler without gradients
TRAITS = ("turnover", "affinity", "floor", "modelling", "CL", "drift_LS")


@pytest.mark.slow
def test_the_truth_of_virtual_people_ranks_evenly_among_their_draws():
    found: dict[str, list[int]] = {}
    for index in range(PEOPLE):
        for name, rank in ranks(MODEL, virtual_patient(MODEL, index, SEED), SEED + index).items():
            found.setdefault(name, []).append(rank)
    assert len(found) == 10
    for name, of in found.items():
        for share in (0.5, 0.9):
            low, high = binom.ppf((0.0005, 0.9995), len(of), share)
            assert low <= round(coverage(np.array(of), share) * len(of)) <= high, (name, share)


@pytest.mark.slow
@pytest.mark.parametrize("index", [3, 8, 21])
def test_emcee_finds_the_same_posterior(index):
    emcee = pytest.importorskip("emcee")
    spread = MODEL.variability
    few = replace(
        MODEL,
        variability=replace(
            spread, factors=tuple(f for f in spread.factors if f.name in TRAITS), correlations={}
        ),
    )
    one = virtual_patient(few, index, SEED, uncertain=False)
    posed = history_likelihood(one.patient, few, one.history, one.facts, uncertain=False)
    size = len(posed.prior.names)

    def log_density(z: np.ndarray) -> np.ndarray:
        return posed.evaluate(z.T)[0] - 0.5 * np.sum(z**2, axis=1)

    walkers = 64
    start = posed.prior.draw(walkers, 5).T * 0.5
    moves = [(emcee.moves.DEMove(), 0.7), (emcee.moves.StretchMove(), 0.3)]
    sampler = emcee.EnsembleSampler(walkers, size, log_density, vectorize=True, moves=moves)
    sampler.random_state = np.random.RandomState(index).get_state()
    sampler.run_mcmc(start, 800)
    chain = sampler.get_chain(discard=300, thin=5, flat=True).T
    mine = condition(one.patient, few, one.history, one.facts, 1500, 3, uncertain=False)
    levels, people = posed.prior.levels(chain), posed.prior.people(chain)
    for name, theirs, ours in (
        *((key, levels[key], mine.levels[key]) for key in ("CTX", "P1NP")),
        *((key, people[key], mine.people[key]) for key in ("turnover", "KL", "CL")),
    ):
        a, b = np.log(theirs), np.log(ours)
        assert b.mean() == pytest.approx(a.mean(), abs=0.2 * a.std()), name
        assert b.std() == pytest.approx(a.std(), rel=0.2), name
