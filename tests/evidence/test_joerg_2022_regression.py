"""joerg-2022 against an independent simulation of the printed equations (eLife 2022;11:e76228).

Start age 65 unless said, eta_C 0.0225, a month of 365.25/12 days. A value at a dose time is the one just
before the dose. The ranking of the six drug sequences is the paper's own result.
"""

import numpy as np
import pytest

from bonecast.models.joerg_2022 import MODEL

YEAR = 365.25  # d
MONTH = YEAR / 12
HALF_YEAR = 6 * MONTH
BMD, CTX, P1NP = "TH_BMD_pct_change", "CTX_pct_of_baseline", "P1NP_pct_of_baseline"
BMD_POINTS, CTX_POINTS, P1NP_POINTS = 0.05, 1.0, 1.5  # rounding of the targets and of the scheme


def denosumab(count, start=0.0):
    return [(start + i * HALF_YEAR, "denosumab", 60.0, HALF_YEAR) for i in range(count)]


def romosozumab(amount, count, start=0.0):
    return [(start + i * MONTH, "romosozumab", amount, MONTH) for i in range(count)]


def daily(drug, amount, start, end):
    """A daily or weekly drug as one dose over its whole course: it enters at a constant rate."""
    return [(start, drug, amount * (end - start), end - start)]


TWO_YEARS, FOUR_YEARS, FIVE_YEARS = 24 * MONTH, 48 * MONTH, 60 * MONTH

# plan: doses, then (month, BMD change %, CTX change %, P1NP change %), None where there is no target
PLANS = {
    "nothing": ([], [(12, -0.79, None, None), (24, -1.56, None, None), (48, -3.10, None, None)]),
    "denosumab 2 years, then nothing": (
        denosumab(4),
        [
            (1, 0.44, -48, None),
            (3, 1.21, -80, None),
            (12, 2.80, -68, None),
            (23.9, 3.80, -62, None),
            (26, 3.05, 24, None),
            (28, 2.22, 56, None),
            (30, 1.52, 61, None),
            (36, 0.03, 51, None),
            (48, -1.81, 33, None),
        ],
    ),
    "denosumab 10 years, then nothing": (
        denosumab(20),
        [
            (15, None, -84, None),
            (63, None, -69, None),
            (117, 6.79, -55, None),
            (126, 2.58, 254, None),
            (136, -2.62, 177, None),
        ],
    ),
    "denosumab 2 years, then alendronate 2 years": (
        denosumab(4) + daily("alendronate", 10.0, TWO_YEARS, FOUR_YEARS),
        [(24, 3.78, None, None), (30, 2.09, -43, None), (48, 2.07, None, None), (60, 2.29, None, None)],
    ),
    "denosumab 2 years, then teriparatide 2 years": (
        denosumab(4) + daily("teriparatide", 20.0, TWO_YEARS, FOUR_YEARS),
        [(27, 2.45, 199, None), (30, 1.48, 206, None), (33, 1.13, None, None), (48, 2.47, None, None)],
    ),
    "teriparatide 2 years, then denosumab 2 years": (
        daily("teriparatide", 20.0, 0.0, TWO_YEARS) + denosumab(4, TWO_YEARS),
        [(24, 2.13, None, None), (30, 4.39, None, None), (48, 6.46, None, None), (60, 3.12, None, None)],
    ),
    "romosozumab 1 year, then nothing": (
        romosozumab(210.0, 12),
        [(1, 0.10, None, 12), (12, 2.10, -21, None), (18, 1.52, None, None)],
    ),
    "alendronate 5 years": (
        daily("alendronate", 10.0, 0.0, FIVE_YEARS),
        [(6, 0.0, -65, None), (12, 0.31, -74, None), (60, 3.39, -79, None)],
    ),
    "teriparatide 2 years": (
        daily("teriparatide", 20.0, 0.0, TWO_YEARS),
        [(3, -0.26, 94, 150), (6, -0.25, None, 172), (24, 2.13, None, None)],
    ),
}


@pytest.mark.parametrize("plan", PLANS)
def test_bmd_and_markers_follow_the_equations_of_doi_10_7554_elife_76228(run_model, plan):
    doses, targets = PLANS[plan]
    run = run_model(MODEL.system, doses, [month * MONTH for month, *_ in targets], {})
    assert sum(number is not None for _, *numbers in targets for number in numbers) >= len(targets) > 0
    for k, (month, bmd, ctx, p1np) in enumerate(targets):
        if bmd is not None:
            assert run[BMD][k] == pytest.approx(bmd, abs=BMD_POINTS), f"BMD, month {month}"
        if ctx is not None:
            assert run[CTX][k] - 100 == pytest.approx(ctx, abs=CTX_POINTS), f"CTX, month {month}"
        if p1np is not None:
            assert run[P1NP][k] - 100 == pytest.approx(p1np, abs=P1NP_POINTS), f"P1NP, month {month}"


def test_formation_peaks_within_the_first_week_of_romosozumab(run_model):
    run = run_model(MODEL.system, romosozumab(210.0, 1), list(np.arange(1.0, 30.0)), {})
    assert run[P1NP].max() - 100 == pytest.approx(46, abs=P1NP_POINTS)
    assert 1 + run[P1NP].argmax() == pytest.approx(7, abs=3)


@pytest.mark.parametrize(("age", "relative"), [(50, 0.953), (65, 0.835), (75, 0.771), (85, 0.708)])
def test_untreated_bone_ages_from_its_level_at_25(run_model, age, relative):
    run = run_model(MODEL.system, [], [0.0], {"age": float(age)})
    assert run["TH_BMD_pct_of_age_25"][0] == pytest.approx(100 * relative, abs=0.06)
    assert run["age_y"][0] == pytest.approx(age)


# sequence of one year each: greatest gain, change 10 years after the end (%), from age 67
SEQUENCES = {
    "ARD": (4.82, -7.22),
    "RAD": (4.60, -6.59),
    "RDA": (4.06, -5.18),
    "ADR": (3.54, -7.23),
    "DAR": (2.84, -6.44),
    "DRA": (2.84, -5.18),
}


def sequence_doses(letters):
    doses = []
    for k, letter in enumerate(letters):
        start = k * YEAR
        if letter == "A":
            doses += daily("alendronate", 10.0, start, start + YEAR)
        elif letter == "R":
            doses += romosozumab(140.0, 12, start)
        else:
            doses += denosumab(2, start)
    return doses


def test_six_sequences_rank_as_in_the_paper(run_model):
    peak, late = {}, {}
    times = [*(month * MONTH for month in range(0, 61)), 13 * YEAR]
    for letters in SEQUENCES:
        run = run_model(MODEL.system, sequence_doses(letters), times, {"age": 67.0})
        peak[letters], late[letters] = run[BMD].max(), run[BMD][-1]
    for letters, (gain, later) in SEQUENCES.items():
        assert peak[letters] == pytest.approx(gain, abs=BMD_POINTS), letters
        assert late[letters] == pytest.approx(later, abs=BMD_POINTS), letters
    assert set(sorted(peak, key=peak.get)[-2:]) == {"ARD", "RAD"}
    assert set(sorted(late, key=late.get)[-2:]) == {"DRA", "RDA"}


def test_suppression_escapes_over_ten_years_and_the_rebound_grows_with_duration(run_model):
    short = run_model(MODEL.system, denosumab(4), [18 * MONTH, 30 * MONTH], {})[CTX]
    long = run_model(MODEL.system, denosumab(20), [114 * MONTH, 126 * MONTH], {})[CTX]
    assert short[0] < 45 < 90 < long[0] < 100  # just before a dose
    assert long[1] - 100 > 4 * (short[1] - 100)


def test_a_loss_of_precursors_holds_suppression_and_bounds_the_rebound(run_model):
    # eta_Cp 5e-4 with the supply that leaves the untreated state at 65 as it was
    changes = {"eta_Cp": 5e-4, "mu_C": 1 + 5e-4 / 1.0307e-3}
    run = run_model(MODEL.system, denosumab(20), [m * MONTH for m in (117, 124, 126)], changes)
    assert run[CTX][0] - 100 == pytest.approx(-71, abs=CTX_POINTS)
    assert run[CTX].max() - 100 < 124
    assert run[BMD][0] == pytest.approx(7.3, abs=BMD_POINTS)


def test_quiet_start_has_no_change_at_time_zero(run_model):
    run = run_model(MODEL.system, denosumab(1), [0.0], {})
    assert run[BMD][0] == pytest.approx(0.0, abs=1e-9)
    assert run[CTX][0] == pytest.approx(100.0, abs=1e-9)


def test_the_worst_placed_person_of_the_spread_still_has_bone_at_85(run_model):
    factors = {f.name: f for f in MODEL.variability.factors}
    fast = np.exp(factors["turnover"].truncate * factors["turnover"].sd)
    losing = np.exp(-factors["balance"].truncate * factors["balance"].sd)
    p = MODEL.system.parameters
    person = {"age": 85.0, "lambda_C": p["lambda_C"] * fast, "lambda_B": p["lambda_B"] * fast * losing}
    relative = run_model(MODEL.system, [], [0.0, 24 * MONTH], person)["TH_BMD_pct_of_age_25"]
    assert 10 < relative[1] < relative[0] < 25
