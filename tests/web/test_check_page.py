"""The check before a dose: what its page says of each finding, and findings set aside with their reason."""

from __future__ import annotations

import copy
import datetime as dt
import re

import clinic
import pytest
import test_cds_hooks as ehr

from bonecast.care import JURISDICTIONS, Override, check
from bonecast.care.actions import actions
from bonecast.care.page import content
from bonecast.care.variables import variables
from bonecast.interop import read_tables
from bonecast.web.pages.check_view import LOOKED_AT
from bonecast.web.pages.fact_places import place_of
from bonecast.web.pages.planned_act import act_variables
from bonecast.web.store import overrides, people

STOP = "/people/1/check?action=stop&jurisdiction=UK"
CORRECTED = {"test": "corrected calcium", "value": "2.05 mmol/L", "date": "2026-09-10"}


@pytest.fixture
def open_clinic(tmp_path):
    with clinic.open_clinic(tmp_path) as opened:
        opened.add(read_tables(clinic.example(), "late-dose.toml")[0].tables)
        yield opened


def _finding(page: str, rule: str) -> str:
    """The card of this rule."""
    found = re.search(rf'<article class="finding[^"]*" id="finding-{rule}".*?</article>', page, re.DOTALL)
    assert found is not None, f"no card of {rule}"
    return found[0]


def _set_aside(opened, rule: str = "DC-01", code: str = "specialist-plan", text: str = "letter of 3 May"):
    path = STOP.replace("/check?", "/check/set-aside?")
    return opened.post(path, {"rule": rule, "code": code, "text": text})


def test_a_finding_tells_why_with_facts_source_grade_and_what_would_change_it(open_clinic):
    page = open_clinic.get(STOP).text
    card = _finding(page, "DC-01")
    for part in (
        "Block",
        "■",
        "Do not stop without a follow-on antiresorptive",
        "denosumab injections so far: <strong>4</strong>",
        "Endocrine Society guideline 2019",
        "strong (ungraded good practice",
        "recalled: unverified",
        "follow-on antiresorptive is planned: yes",
    ):
        assert part in card, part
    assert "Do not do it now" in page
    assert "unverified" not in _finding(page, "DC-13"), "its source was read"


def test_a_fact_carries_its_day_and_its_age_on_the_day_of_the_act(open_clinic):
    record = clinic.record()
    record["measurements"].append(CORRECTED)
    open_clinic.add(record)
    page = open_clinic.get("/people/2/check?on=2026-09-15").text
    card = _finding(page, "CI-01")
    assert "<strong>2.05 mmol/L</strong>" in card
    assert '<time datetime="2026-09-10">10 September 2026</time>, 5 days before' in card
    assert "usual value, not from the record" in card, "the limit is not the laboratory's own"


def test_who_says_otherwise_stands_side_by_side(open_clinic):
    card = _finding(open_clinic.get(STOP).text, "DC-01")
    heads = re.findall(r'<th scope="col">([^<]+)</th>', card)
    assert heads == ["UK", "CA", "Societies"]
    page = open_clinic.get(STOP).text
    elsewhere = page[page.index("The same elsewhere") :]
    assert re.findall(r'<th scope="row">([A-Z]{2})', elsewhere) == ["UK", "US", "EU", "CA"]


def test_the_page_says_what_the_rules_say(open_clinic):
    with open_clinic.store.reading() as s:
        her = people.patient(people.get(s, 1))
    for name in actions():
        made = check(her, name, "EU", dt.date(2026, 11, 1))
        page = open_clinic.get(f"/people/1/check?action={name}&jurisdiction=EU&on=2026-11-01").text
        loud = {f.rule for f in made.findings if f.severity != "inform"}
        assert set(re.findall(r'id="finding-([^"]+)"', page)) == loud
        assert f'class="outcome is-{made.outcome}"' in page


def test_the_api_gives_the_same_check_as_the_room_of_care(open_clinic):
    with open_clinic.store.reading() as s:
        her = people.patient(people.get(s, 1))
    asked = "action=stop&jurisdiction=CA&on=2026-11-01&fact=followon_antiresorptive_planned=yes"
    answer = open_clinic.get(f"/api/v1/people/1/check?{asked}")
    facts = {"followon_antiresorptive_planned": "yes"}
    assert answer.json() == content(check(her, "stop", "CA", dt.date(2026, 11, 1), facts))
    assert answer.json()["outcome"] != "blocked"


def test_every_missing_fact_leads_to_a_field_that_is_there(open_clinic):
    with open_clinic.store.reading() as s:
        her = people.get(s, 1)
    here, form = open_clinic.get("/people/1/check").text, open_clinic.get("/people/1/record/edit").text
    for name, variable in variables().items():
        if variable.about == "derived" and name not in LOOKED_AT:
            continue
        href = place_of(name, her).href.replace("planned_action", "action")
        page = form if href.startswith("/people/1/record/edit") else here
        anchor = (
            href.partition("#")[2]
            .replace("fact-action", "action")
            .replace("fact-jurisdiction", "jurisdiction")
        )
        assert f'id="{anchor}"' in page, (name, href)
    magnesium = place_of("magnesium_mmol_L", her).href
    opened = open_clinic.get(magnesium.partition("#")[0]).text
    assert re.search(r'id="measurements-(\d+)-test" name="measurements-\1-test" value="magnesium"', opened)
    assert f'id="{magnesium.partition("#")[2]}"' in opened


def test_a_fact_of_the_act_is_asked_on_the_page_and_counts(open_clinic):
    page = open_clinic.get("/people/1/check?route=IV").text
    assert "DO-11" in re.findall(r'id="finding-([^"]+)"', page)
    assert '<option value="IV" selected>' in page
    assert {v.name for v in act_variables()} >= {"route", "administered_by", "syringe_shaken_or_frozen"}


def test_a_day_before_the_record_is_told_on_the_form(open_clinic):
    answer = open_clinic.get("/people/1/check?on=2020-01-01")
    assert answer.status_code == 422
    assert "lies before the record" in answer.text
    assert 'aria-describedby="act-fault"' in answer.text


@pytest.mark.parametrize(
    "query", ["on=x", "action=fly", "jurisdiction=XX", "storage_room_temp_days=-3", "on=0001-01-01"]
)
def test_an_odd_question_is_refused_in_words(open_clinic, query):
    assert open_clinic.get(f"/people/1/check?{query}").status_code == 422
    assert open_clinic.get("/people/1/check?on=9999-12-31").status_code == 200


@pytest.mark.parametrize("place", JURISDICTIONS)
def test_every_act_can_be_asked_of_a_bare_record(open_clinic, place):
    open_clinic.add({"person": clinic.record()["person"]})
    for name in actions():
        assert open_clinic.get(f"/people/2/check?action={name}&jurisdiction={place}").status_code == 200


def test_nothing_is_set_aside_without_a_reason(open_clinic):
    answer = _set_aside(open_clinic, code="", text="   ")
    assert answer.status_code == 422
    card = _finding(answer.text, "DC-01")
    assert "without a reason" in card
    assert 'aria-describedby="fault-DC-01"' in card
    assert _set_aside(open_clinic, rule="XX-99").status_code == 422
    with open_clinic.store.reading() as s:
        assert overrides.of(s, 1) == []


def test_a_finding_set_aside_is_shown_and_applied_next_time_until_it_is_taken_back(open_clinic):
    assert "is-blocked" in open_clinic.get(STOP).text
    answer = _set_aside(open_clinic)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/people/1/check?action=stop&jurisdiction=UK&said=set-aside",
    )
    page = open_clinic.get(STOP).text
    assert 'class="outcome is-warned"' in page
    card = _finding(page, "DC-01")
    assert "A specialist has planned it so: letter of 3 May" in card
    assert "Set aside</strong> by" in card
    told = open_clinic.get("/api/v1/people/1/check?action=stop&jurisdiction=UK").json()
    assert told["outcome"] == "warned"
    kept = next(one for one in told["findings"] if one["rule"] == "DC-01")["overridden"]
    assert kept["reason"].endswith("letter of 3 May")

    back = open_clinic.post(STOP.replace("/check?", "/check/take-back?"), {"rule": "DC-01"})
    assert back.status_code == 303
    assert 'class="outcome is-blocked"' in open_clinic.get(STOP).text
    history = open_clinic.get("/people/1/history").text
    assert "letter of 3 May" in history
    with open_clinic.store.reading() as s:
        (one,) = overrides.of(s, 1)
    assert (one.withdrawn_by, one.by) == (one.by, one.by)
    assert one.withdrawn_at >= one.at
    assert (
        open_clinic.post(STOP.replace("/check?", "/check/take-back?"), {"rule": "DC-01"}).status_code == 422
    )


def test_what_is_set_aside_for_one_person_is_not_for_another(open_clinic):
    other = copy.deepcopy(read_tables(clinic.example(), "late-dose.toml")[0].tables)
    other["person"]["id"] = "another"
    open_clinic.add(other)
    _set_aside(open_clinic)
    assert 'class="outcome is-blocked"' in open_clinic.get(STOP.replace("/1/", "/2/")).text


def test_what_was_set_aside_does_not_disturb_an_act_for_which_it_does_not_fire(open_clinic):
    _set_aside(open_clinic)
    page = open_clinic.get("/people/1/check?on=2026-09-15").text
    assert "finding-DC-01" not in page
    assert "Set aside" not in page


def test_a_reason_older_than_the_record_is_asked_again(open_clinic):
    old = Override("DC-01", "planned so", "ann", dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    with open_clinic.store.session() as s:
        overrides.record_fed_back(s, [old], people.get(s, 1).record["person"]["id"])
    card = _finding(open_clinic.get(STOP).text, "DC-01")
    assert "does the reason still hold?" in card


def test_a_reader_may_look_and_set_nothing_aside(tmp_path):
    with clinic.open_clinic(tmp_path, accounts=True) as opened:
        clinic.add_accounts(opened)
        opened.sign_in("clinician")
        opened.add(read_tables(clinic.example(), "late-dose.toml")[0].tables)
        opened.sign_in("reader")
        page = opened.get(STOP)
        assert page.status_code == 200
        assert "Not now because" not in page.text
        assert _set_aside(opened).status_code == 403


def test_what_an_ehr_sets_aside_lands_in_the_same_place(open_clinic):
    with open_clinic.store.reading() as s:
        assert people.get(s, 1).record["person"]["id"] == ehr.PATIENT["id"]
    cards = open_clinic.client.post(ehr.SIGN, json=ehr.call("order-sign", ehr.order("teriparatide"))).json()[
        "cards"
    ]
    card = next(one for one in cards if "topic" in one["source"])
    fed = {"feedback": [ehr.overridden(card["uuid"])]}
    assert open_clinic.client.post(f"{ehr.SIGN}/feedback", json=fed).status_code == 200
    rule = card["source"]["topic"]["code"]
    page = open_clinic.get("/people/1/check?action=switch+to+teriparatide").text
    assert "A specialist has planned it so: seen in clinic" in _finding(page, rule)


def test_a_record_that_contradicts_itself_is_told(open_clinic):
    open_clinic.add(clinic.record(indication="MALE_OP"))
    page = open_clinic.get("/people/2/check").text
    assert "The record contradicts itself" in page
    assert 'class="outcome is-blocked"' in page
