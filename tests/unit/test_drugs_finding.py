"""Names to agents."""

import pytest

from bonecast.drugs import all_drugs, drug_names, find_drug
from bonecast.errors import InputError, UnknownName


@pytest.mark.parametrize(
    ("name", "generic"),
    [
        ("denosumab", "denosumab"),
        ("PROLIA", "denosumab"),
        ("xgeva", "denosumab"),
        ("Jubbonti", "denosumab"),
        ("Denosumab-BBDZ", "denosumab"),
        ("  zoledronic   acid ", "zoledronate"),
        ("Evenity", "romosozumab"),
        ("Placebo", "placebo"),
    ],
)
def test_a_name_in_any_case_means_its_agent(name, generic):
    assert find_drug(name).generic == generic


def test_every_name_of_a_drug_finds_it_again():
    named = [(name, drug) for drug in all_drugs() for name in drug.names]
    assert len(named) > len(all_drugs()) > 10
    for name, drug in named:
        assert find_drug(name.upper()) is drug


def test_drug_names_are_all_names_of_all_drugs():
    assert sorted(drug_names()) == sorted(name for drug in all_drugs() for name in drug.names)


def test_a_misspelt_name_gets_the_nearest_and_the_place():
    with pytest.raises(UnknownName) as caught:
        find_drug("prollia", place="dose 3, drug")
    assert caught.value.nearest == ["Prolia", "Rolcya"]
    assert str(caught.value).startswith("dose 3, drug: there is no drug called 'prollia'")


def test_a_name_that_is_near_nothing_gets_the_list_of_agents():
    with pytest.raises(UnknownName, match=r"known are abaloparatide, .*zoledronate"):
        find_drug("qqqq")


@pytest.mark.parametrize("name", ["", "   ", "\x00", "ab" * 5000])
def test_odd_names_are_refused_like_any_other(name):
    with pytest.raises(InputError):
        find_drug(name)


def test_a_drug_cannot_be_changed_by_those_who_hold_it():
    with pytest.raises(AttributeError):
        find_drug("denosumab").generic = "other"  # type: ignore[misc]
