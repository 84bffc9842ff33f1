"""Every card of rank-window, pinned with its mark; and what its alternative sets are."""

from bonecast.models import load_model

MODEL = load_model("rank-window")
CARDS = {
    "ka": (0.257, "1/d", "published"),
    "F": (0.61, "1", "published"),
    "V": (2.62, "L", "published"),
    "CL": (0.078, "L/d", "published"),
    "Kss": (0.14, "ug/mL", "recalled"),
    "kt": (0.5, "1/d", "assumption"),
    "ligand": (0.9, "1", "assumption"),
    "receptor": (1.0, "1", "assumption"),
    "progesterone": (0.0, "1", "assumption"),
    "gP": (0.0, "1", "assumption"),
    "postmenopausal": (0.0, "1", "assumption"),
    "gM": (0.0, "1", "assumption"),
    "explanation": (1.0, "1", "assumption"),
    "rho_shared": (0.543, "1", "derived"),
    "TIL_ceiling": (25.0, "%", "assumption"),
    "kM": (0.15, "1/d", "assumption"),
    "theta": (1.0, "1", "assumption"),
    "kL": (0.2, "1/d", "assumption"),
    "bT": (0.2, "1", "assumption"),
    "tw": (7.0, "d", "assumption"),
    "tb": (14.0, "d", "assumption"),
    "bK": (0.28, "1", "derived"),
    "betaK": (0.0, "1", "assumption"),
    "kappaX": (0.0, "1", "assumption"),
    "TIL0": (10.0, "%", "assumption"),
    "eta_L": (0.0, "1", "assumption"),
    "Ki67_0": (28.0, "%", "assumption"),
    "eta_K": (0.0, "1", "assumption"),
}


def test_every_card_has_its_value_unit_and_mark():
    assert {n: (c.value, c.unit, c.mark) for n, c in MODEL.parameter_set.parameters.items()} == CARDS


def test_the_subtypes_differ_in_the_product_of_ligand_and_receptor_and_in_their_baselines():
    sets = {name: found.values for name, found in MODEL.parameter_set.alternatives.items()}
    products = {name: round(v["ligand"] * v["receptor"], 3) for name, v in sets.items()}
    assert products == {"luminal-A": 0.35, "luminal-B": 0.9, "triple-negative": 0.15}
    assert [sets[name]["TIL0"] for name in products] == [5.0, 10.0, 20.0]
    assert [sets[name]["Ki67_0"] for name in products] == [12.0, 28.0, 40.0]
    shared = (24 * 0.35 + 24 * 0.9 + 10 * 0.15) / 58
    assert abs(MODEL.parameter_set.parameters["rho_shared"].value - shared) < 5e-4


def test_spread_is_of_the_logits_and_is_added():
    assert {f.name: (f.parameters, f.sd, f.kind) for f in MODEL.variability.factors} == {
        "TIL": (("eta_L",), 0.8, "added"),
        "Ki67": (("eta_K",), 0.5, "added"),
    }


def test_no_output_speaks_of_response_relapse_or_survival():
    answer = " ".join(f"{o.name} {o.quantity} {o.note}" for o in MODEL.outputs).casefold()
    assert not any(
        word in answer for word in ("surviv", "relapse", "recurr", "respon", "metasta", "size", "death")
    )
    assert any("survival" in limit for limit in MODEL.limits)
