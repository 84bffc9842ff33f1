"""Units: what is accepted, what it amounts to, what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.errors import InputError, UnknownName
from bonecast.records import find_scanner, find_site, find_test, find_unit, from_usual, quantities, to_usual

ALL = [(quantity, unit) for quantity in quantities().values() for unit in quantity.units]

# Laboratory factors as the clinical literature prints them, not computed from the molar masses on file.
FACTORS = [
    ("CTX", 310.0, "ng/L", 0.31),
    ("CTX", 310.0, "pg/mL", 0.31),
    ("P1NP", 45.0, "ng/mL", 45.0),
    ("TRACP-5b", 401.0, "mU/dL", 4.01),
    ("calcium", 10.0, "mg/dL", 2.495),
    ("25-OH vitamin D", 20.0, "ng/mL", 49.92),
    ("PTH", 5.3, "pmol/L", 50.0),
    ("creatinine", 1.0, "mg/dL", 88.4),
    ("phosphate", 3.1, "mg/dL", 1.0),
    ("magnesium", 2.43, "mg/dL", 1.0),
    ("denosumab level", 6.0, "ug/mL", 6000.0),
    ("denosumab level", 6.0, "mg/L", 6000.0),
    ("albumin", 4.0, "g/dL", 40.0),
    ("BMD", 812.0, "mg/cm2", 0.812),
    ("height", 63.0, "in", 160.02),
    ("height", 1.6, "m", 160.0),
    ("weight", 134.5, "lb", 61.0),
]


@pytest.mark.parametrize(("name", "number", "unit", "usual"), FACTORS)
def test_a_unit_agrees_with_the_laboratory_factor(name, number, unit, usual):
    assert to_usual(quantities()[name], number, unit) == pytest.approx(usual, rel=0.002)


@pytest.mark.parametrize(("quantity", "unit"), ALL, ids=lambda part: getattr(part, "name", part))
@settings(max_examples=10, deadline=None)
@given(number=st.floats(1e-6, 1e6))
def test_a_number_comes_back_from_the_usual_unit_as_it_went(quantity, unit, number):
    there = to_usual(quantity, number, unit)
    assert from_usual(quantity, there, unit) == pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "spelling", "unit"),
    [
        ("P1NP", "µg/L", "ug/L"),
        ("P1NP", "μg / l", "ug/L"),
        ("P1NP", "mcg/L", "ug/L"),
        ("BMD", "g/cm²", "g/cm2"),
        ("BMD", "g/cm^2", "g/cm2"),
        ("eGFR", "mL/min/{1.73_m2}", "mL/min/1.73m2"),
        ("eGFR", "ml/min/1.73 m²", "mL/min/1.73m2"),
        ("uNTX", "nmol/mmol{creat}", "nmol/mmol"),
        ("uNTX", "nmol BCE/mmol", "nmol/mmol"),
        ("weight", "[lb_av]", "lb"),
        ("calcium", "MG/DL", "mg/dL"),
    ],
)
def test_a_unit_is_known_in_its_spellings(name, spelling, unit):
    assert find_unit(quantities()[name], spelling) == unit


@pytest.mark.parametrize(("quantity", "unit"), ALL, ids=lambda part: getattr(part, "name", part))
def test_a_unit_of_another_quantity_is_refused_with_the_accepted_ones(quantity, unit):
    with pytest.raises(InputError) as caught:
        find_unit(quantity, "furlong")
    assert unit in str(caught.value)
    assert "'furlong'" in str(caught.value)


def test_mass_and_activity_of_bone_alkaline_phosphatase_are_not_converted():
    with pytest.raises(InputError, match="ug/L or ng/mL"):
        to_usual(find_test("BSAP"), 20.0, "U/L")


@pytest.mark.parametrize("alias", ["25OHD", "25(oh)d", "25-hydroxyvitamin D", " 25-OH  VITAMIN d "])
def test_a_test_is_known_by_its_aliases(alias):
    assert find_test(alias).name == "25-OH vitamin D"


def test_no_alias_means_two_tests():
    spellings = [s.casefold() for q in quantities().values() if q.is_test for s in {q.name, *q.aliases}]
    doubled = {s for s in spellings if spellings.count(s) > 1}
    assert not doubled


def test_the_limits_keep_the_usual_range_of_women_and_refuse_a_thousandfold_mix_up():
    # Mid-95 % of postmenopausal women, SHIP cohort, PMID 24076251 (published).
    ctx, p1np, bsap = (find_test(name) for name in ("CTX", "P1NP", "BSAP"))
    for quantity, low, high in ((ctx, 0.09, 1.05), (p1np, 18.2, 102.3), (bsap, 8.1, 31.6)):
        assert quantity.low < low < high < quantity.high
        assert 1000 * low > quantity.high


def test_sites_and_scanners_are_known_by_their_short_names():
    assert [find_site(s) for s in ("LS", "th", "Femoral Neck")] == [
        "lumbar spine",
        "total hip",
        "femoral neck",
    ]
    assert [find_scanner(s) for s in ("GE Lunar iDXA", "hologic discovery")] == ["Lunar", "Hologic"]
    with pytest.raises(UnknownName):
        find_site("skull")
