"""The catalogue itself: complete, marked, and without two agents under one name."""

import dataclasses
import inspect

import pytest

from bonecast import drugs
from bonecast.core import EVIDENCE_GRADES
from bonecast.drugs import all_drugs, drug_names, find_drug
from bonecast.drugs.reader import read_drug
from bonecast.regimens import parse_regimen, parse_span

AGENTS = [drug.generic for drug in all_drugs()]
REGIMENS = [(drug, regimen) for drug in all_drugs() for regimen in drug.regimens]


def regimen_id(entry):
    drug, regimen = entry
    return f"{drug.generic}: {regimen.indication}, {regimen.interval or 'once'}"


def test_every_agent_of_the_forecast_is_there():
    assert set(AGENTS) >= {
        "denosumab",
        "alendronate",
        "zoledronate",
        "risedronate",
        "ibandronate",
        "teriparatide",
        "abaloparatide",
        "romosozumab",
        "blosozumab",
        "raloxifene",
        "placebo",
    }


def test_no_name_means_two_agents():
    folded = [name.casefold() for name in drug_names()]
    assert len(folded) == len(set(folded))


def test_every_statement_has_a_mark_and_a_source_with_a_text():
    assert len(all_drugs()) >= 13
    for drug in all_drugs():
        assert drug.regimens or drug.generic == "placebo"
        texts = {source.key: source.text for source in drug.sources}
        for entry in (*drug.products, *drug.forms, *drug.regimens):
            assert entry.mark in EVIDENCE_GRADES
            assert texts[entry.source].strip()


def test_what_comes_from_memory_alone_is_never_marked_as_published():
    entries = [one for drug in all_drugs() for one in (*drug.products, *drug.forms, *drug.regimens)]
    from_memory = [one for one in entries if one.source == "memory"]
    assert from_memory
    assert {one.mark for one in from_memory} == {"recalled"}


def test_fields_called_recalled_are_fields_of_a_product():
    assert any(product.recalled for drug in all_drugs() for product in drug.products)
    for drug in all_drugs():
        for product in drug.products:
            names = {field.name for field in dataclasses.fields(product)}
            assert set(product.recalled) <= names
            assert all(getattr(product, name) for name in product.recalled)


def test_placebo_has_nothing_to_give():
    placebo = find_drug("placebo")
    assert (placebo.products, placebo.regimens, placebo.drug_class) == ((), (), "placebo")


@pytest.mark.parametrize("entry", REGIMENS, ids=regimen_id)
def test_every_regimen_is_a_plan_of_its_own_drug_dose_and_interval(entry):
    drug, regimen = entry
    last = parse_regimen(regimen.plan_text("x 3")).doses[-1]
    assert (last.drug, last.amount, last.unit) == (drug.generic, regimen.dose, regimen.unit)
    assert last.cover_d == (parse_span(regimen.interval) if regimen.interval else 0)


def test_loading_in_giant_cell_tumour_falls_on_days_1_8_and_15_and_then_every_four_weeks():
    (regimen,) = [r for r in find_drug("denosumab").regimens if "giant-cell" in r.indication]
    days = [dose.time_d + 1 for dose in parse_regimen(regimen.plan_text("x 3")).doses]
    assert days == [1, 8, 15, 29, 57, 85]


def test_the_sixty_and_the_hundred_and_twenty_milligram_products_are_kept_apart():
    strengths = {product.name: product.strength for product in find_drug("denosumab").products}
    sixty = [
        "Prolia",
        "Jubbonti",
        "Ospomyv",
        "Stoboclo",
        "Conexxence",
        "Bildyos",
        "Bosaya",
        "Enoby",
        "Osvyrti",
    ]
    more = ["Xgeva", "Wyost", "Xbryk", "Osenvelt", "Bomyntra", "Bilprevda", "Aukelso", "Xtrenbo", "Jubereq"]
    assert {strengths[name] for name in sixty} == {"60 mg"}
    assert {strengths[name] for name in more} == {"120 mg"}


GOOD = """
[agent]
generic = "a"
class = "c"
status = "marketed"
routes = ["oral"]
[source]
s = "somewhere"
[[form]]
text = "tablet"
route = "oral"
mark = "published"
source = "s"
"""


def test_a_file_in_order_is_read():
    assert read_drug(GOOD).forms[0].text == "tablet"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('mark = "published"', 'mark = "sure"', "sure"),
        ('source = "s"', 'source = "t"', "not listed"),
        ('route = "oral"', 'route = "nasal"', "nasal"),
    ],
)
def test_a_file_with_a_false_mark_source_or_route_is_refused(old, new, said):
    with pytest.raises(ValueError, match=said):
        read_drug(GOOD.replace(old, new))


@pytest.mark.parametrize("name", drugs.__all__)
def test_every_public_name_of_the_catalogue_has_its_parameters_and_functions_an_example(name):
    item = getattr(drugs, name)
    text = inspect.getdoc(item) or ""
    assert text
    for parameter in inspect.signature(item).parameters:
        assert f"\n{parameter} : " in text, parameter
    if inspect.isfunction(item):
        assert "Returns\n-------" in text
        assert "Examples\n--------\n>>> " in text
