"""The check before a dose: what its page says of each finding, and findings overridden with their reason."""

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
from bonecast.web.store import audit, overrides, people

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


def _override(opened, rule: str = "DC-01", code: str = "specialist-plan", text: str = "letter of 3 May"):
    path = STOP.replace("/check?", "/check/override?")
    return opened.post(path, {"rule": rule, "code": code, "text": text})


def _rules(page: str, severity: str) -> set[str]:
    """The rules of this severity that have a card, or a line in one."""
    cards = re.findall(rf'<article class="finding is-{severity}[^"]*" id="finding-([^"]+)"', page)
    lines = re.findall(rf'<li id="finding-([^"]+)"><span class="severity is-{severity}"', page)
    return {*cards, *lines}


def _state(page: str) -> str:
    found = re.search(r'class="outcome is-(\w+)"', page)
    assert found is not None
    return found[1]


def test_a_finding_tells_why_with_facts_source_grade_and_what_would_change_it(open_clinic):
    page = open_clinic.get(STOP).text
    card = _finding(page, "DC-01")
    for part in (
        "Block",
        "■",
        "Do not stop without a follow-on antiresorptive",
        "denosumab injections so far: <strong>4</strong>",
        "MHRA Drug Safety Update Aug 2020",
        "regulator",
        "Lifted by:</strong> follow-on antiresorptive is planned: yes",
    ):
        assert part in card, part
    assert "Do not stop" in page
    assert 'class="unverified"' not in card, "its source was read"
    other = open_clinic.get("/people/1/check?action=switch+to+zoledronate&jurisdiction=UK").text
    assert "recalled: unverified" in _finding(other, "DC-08")


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
    assert re.findall(r'<th scope="row">([A-Z]{2})', elsewhere) == ["UK", "US", "EU", "CA", "AU"]


def test_the_page_says_what_the_rules_say(open_clinic):
    with open_clinic.store.reading() as s:
        her = people.patient(people.get(s, 1))
    for name in actions():
        made = check(her, name, "EU", dt.date(2026, 11, 1))
        page = open_clinic.get(f"/people/1/check?action={name}&jurisdiction=EU&on=2026-11-01").text
        loud = {f.rule for f in made.findings if f.severity != "inform"}
        assert set(re.findall(r'id="finding-([^"]+)"', page)) == loud
        assert _state(page) == made.state


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
        if "?test=" in href:  # the column of a rare test is added by its link
            page = open_clinic.get(href.partition("#")[0]).text
        anchor = (
            href.partition("#")[2]
            .replace("fact-action", "action")
            .replace("fact-jurisdiction", "jurisdiction")
        )
        assert f'id="{anchor}"' in page, (name, href)
    magnesium = place_of("magnesium_mmol_L", her).href
    opened = open_clinic.get(magnesium.partition("#")[0]).text
    assert f'id="{magnesium.partition("#")[2]}"' in opened


def test_a_fact_of_the_act_is_asked_on_the_page_and_counts(open_clinic):
    page = open_clinic.get("/people/1/check?route=IV").text
    assert "DO-11" in re.findall(r'id="finding-([^"]+)"', page)
    assert '<option value="IV" selected>' in page
    assert {v.name for v in act_variables()} >= {"route", "administered_by", "syringe_shaken_or_frozen"}


def test_a_day_before_the_record_is_stated_on_the_form(open_clinic):
    answer = open_clinic.get("/people/1/check?on=2020-01-01")
    assert answer.status_code == 422
    assert "lies before the record" in answer.text
    assert 'aria-describedby="act-fault"' in answer.text


@pytest.mark.parametrize(
    "query",
    ["on=x", "action=fly", "jurisdiction=XX", "storage_room_temp_days=-3", "on=0001-01-01", "on=9999-12-31"],
)
def test_an_odd_question_is_refused_in_words(open_clinic, query):
    assert open_clinic.get(f"/people/1/check?{query}").status_code == 422


@pytest.mark.parametrize("place", JURISDICTIONS)
def test_every_act_can_be_asked_of_a_bare_record(open_clinic, place):
    open_clinic.add({"person": clinic.record()["person"]})
    for name in actions():
        assert open_clinic.get(f"/people/2/check?action={name}&jurisdiction={place}").status_code == 200


def test_nothing_is_overridden_without_a_typed_reason(open_clinic):
    for code, text in (("", "   "), ("specialist-plan", "")):
        answer = _override(open_clinic, code=code, text=text)
        assert answer.status_code == 422
        card = _finding(answer.text, "DC-01")
        assert "A reason must be typed" in card.replace("a reason must", "A reason must")
        assert 'aria-describedby="fault-DC-01"' in card
    assert _override(open_clinic, rule="XX-99").status_code == 422
    assert _override(open_clinic, rule="CI-02").status_code == 422, "it did not fire"
    with open_clinic.store.reading() as s:
        assert overrides.of(s, 1) == []


def test_an_override_is_shown_with_who_until_when_and_why_and_is_never_clear(open_clinic):
    assert _state(open_clinic.get(STOP).text) == "do_not_give"
    dialog = _finding(open_clinic.get(STOP).text, "DC-01")
    assert "For this act and these values only" in dialog
    assert "after 7 days" in dialog
    answer = _override(open_clinic)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/people/1/check?action=stop&jurisdiction=UK&said=overridden",
    )
    page = open_clinic.get(STOP).text
    assert _state(page) == "caution"
    outcome = page[page.index('class="outcome') : page.index("What was looked at")]
    assert "Overridden by" in outcome
    assert "A specialist has planned it so: letter of 3 May" in outcome
    answered = open_clinic.get("/api/v1/people/1/check?action=stop&jurisdiction=UK").json()
    assert (answered["outcome"], answered["state"]) == ("warned", "caution")
    (one,) = answered["overridden"]
    assert (one["rule"], one["action"], one["values"][-1]) == (
        "DC-01",
        "stop",
        ["followon_antiresorptive_planned", None],
    )
    assert dt.date.fromisoformat(one["until"]) == dt.datetime.now(dt.UTC).date() + dt.timedelta(days=7)

    back = open_clinic.post(STOP.replace("/check?", "/check/undo?"), {"rule": "DC-01", "act": "stop"})
    assert back.status_code == 303
    assert _state(open_clinic.get(STOP).text) == "do_not_give"
    assert "letter of 3 May" in open_clinic.get("/people/1/history").text
    with open_clinic.store.reading() as s:
        (kept,) = overrides.of(s, 1)
    assert kept.withdrawn_at >= kept.override.at
    again = open_clinic.post(STOP.replace("/check?", "/check/undo?"), {"rule": "DC-01", "act": "stop"})
    assert again.status_code == 422


def test_an_override_for_one_person_is_not_for_another(open_clinic):
    other = copy.deepcopy(read_tables(clinic.example(), "late-dose.toml")[0].tables)
    other["person"]["id"] = "another"
    open_clinic.add(other)
    _override(open_clinic)
    assert _state(open_clinic.get(STOP.replace("/1/", "/2/")).text) == "do_not_give"


def test_an_override_of_one_act_holds_for_no_other(open_clinic):
    _override(open_clinic, rule="DC-13")
    assert "Overridden by" in open_clinic.get(STOP).text
    page = open_clinic.get("/people/1/check?on=2026-09-15").text
    body = page[page.index("<main") :]  # the header says on every page what is overridden
    assert "DC-13" not in body
    assert "Overridden" not in body
    page = open_clinic.get("/people/1/check?action=drug+holiday&jurisdiction=UK").text
    assert "Ended</strong>: DC-13" in page
    assert "it was for stop" in page
    assert "Overridden by" not in page


def test_an_override_ends_after_seven_days(open_clinic):
    old = dt.datetime.now(dt.UTC) - dt.timedelta(days=8)
    values = (("followon_antiresorptive_planned", None),)
    with open_clinic.store.session() as s:
        overrides.record(s, 1, Override("DC-01", "planned so", "ann", old, "stop", values))
    page = open_clinic.get(STOP).text
    assert _state(page) == "do_not_give"
    assert "it is older than 7 days. The finding counts." in page


def test_a_worse_calcium_ends_the_override_that_was_given_for_another(open_clinic):
    """Audit, critical 10: an override made a block green, and a new calcium of 1.50 stayed green."""
    record = clinic.record()
    record["measurements"].append(CORRECTED)
    open_clinic.add(record)
    asked = "/people/2/check?jurisdiction=UK"
    (rule,) = [one for one in _rules(open_clinic.get(asked).text, "block") if one == "CI-01"]
    path = asked.replace("/check?", "/check/override?")
    answer = open_clinic.post(path, {"rule": rule, "text": "infusion running"})
    assert answer.status_code == 303, answer.text
    assert "Overridden by" in open_clinic.get(asked).text
    worse = copy.deepcopy(record)
    worse["measurements"][-1] = {**CORRECTED, "value": "1.50 mmol/L", "date": "2026-09-14"}
    with open_clinic.store.session() as s:
        people.save(s, 2, worse, 1, "ann")
    page = open_clinic.get(asked).text
    assert _state(page) == "do_not_give"
    assert "a value that it was given for has changed" in page
    assert "Overridden by" not in page


def test_an_emergency_cannot_be_overridden_and_stands_on_every_page_of_the_person(open_clinic):
    """Audit, high: emergency advice fired only under review."""
    record = clinic.record(hypocalcaemia_symptoms=True)
    record["measurements"].append({**CORRECTED, "value": "1.62 mmol/L"})
    open_clinic.add(record)
    for act in actions():
        page = open_clinic.get(f"/people/2/check?action={act}&jurisdiction=UK").text
        assert "Emergency: act today." in page, act
        assert page.index("Emergency: act today.") < page.index("<h1>")
    for tab in (
        "record",
        "injections",
        "schedule",
        "print",
        "safety",
        "forecast",
        "late",
        "compare",
        "history",
    ):
        page = open_clinic.get(f"/people/2/{tab}").text
        assert "Emergency: act today." in page, tab
        assert "1.62" in page, tab
    assert "Emergency: act today." not in open_clinic.get("/people/1/record").text
    page = open_clinic.get("/people/2/check?action=switch+to+zoledronate").text
    assert "This finding cannot be overridden" in _finding(page, "FX-01")
    answer = open_clinic.post("/people/2/check/override", {"rule": "FX-01", "text": "known to us"})
    assert answer.status_code == 422
    assert "FX-01 cannot be overridden" in answer.text
    with open_clinic.store.reading() as s:
        assert overrides.of(s, 2) == []


def test_a_reader_may_look_and_override_nothing(tmp_path):
    with clinic.open_clinic(tmp_path, accounts=True) as opened:
        clinic.add_accounts(opened)
        opened.sign_in("clinician")
        opened.add(read_tables(clinic.example(), "late-dose.toml")[0].tables)
        opened.sign_in("reader")
        page = opened.get(STOP)
        assert page.status_code == 200
        assert "Override…" not in page.text
        assert "Save the answers" not in opened.get("/people/1/check").text
        assert _override(opened).status_code == 403


def test_what_an_ehr_reports_is_kept_in_history_and_audit_log_and_lifts_no_block(open_clinic):
    with open_clinic.store.reading() as s:
        assert people.get(s, 1).record["person"]["id"] == ehr.PATIENT["id"]
    ordered = ehr.order("Xgeva")
    ordered["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] = 120
    sent = ehr.call("order-sign", ordered)
    with clinic.as_cds_client(open_clinic):
        cards = open_clinic.client.post(ehr.SIGN, json=sent).json()["cards"]
    card = next(one for one in cards if one["indicator"] == "critical" and "overrideReasons" in one)
    fed = {"feedback": [ehr.overridden(card["uuid"])]}
    before = open_clinic.get("/people/1/check?action=switch+brand&target_product=Xgeva").text
    with clinic.as_cds_client(open_clinic):
        assert open_clinic.client.post(f"{ehr.SIGN}/feedback", json=fed).status_code == 200
    rule = card["source"]["topic"]["code"]
    after = open_clinic.get("/people/1/check?action=switch+brand&target_product=Xgeva").text
    assert _state(after) == _state(before) == "do_not_give"
    assert rule in _rules(after, "block")
    assert "seen in clinic" not in after
    history = open_clinic.get("/people/1/history").text
    assert "A specialist has planned it so: seen in clinic" in history
    assert "never applied" in history
    with open_clinic.store.reading() as s:
        assert ("reported an override", rule) in [(one.action, one.detail) for one in audit.latest(s)]


# What must still be asked

ANSWERS = {
    "person-hypersensitivity_denosumab": "false",
    "person-severe_skin_reaction": "none",
    "person-indication": "PMO",
    "person-dental_status": "good",
    "person-onj_external_history": "false",
    "person-aff_confirmed": "false",
    "act-syringe_shaken_or_frozen": "false",
}
FRESH = "/people/1/check?jurisdiction=EU&on=2026-09-15"


def test_a_record_with_normal_results_only_is_not_complete_and_says_so(open_clinic):
    """Audit, critical 8: calcium, vitamin D and eGFR alone gave a green answer."""
    page = open_clinic.get(FRESH).text
    assert _state(page) == "not_complete"
    assert "Not complete" in page
    assert "No contraindication found" not in page
    for field in ANSWERS:
        assert f'name="{field}"' in page, field


def test_answering_every_question_on_the_page_makes_it_clear_and_keeps_the_answers(open_clinic):
    page = open_clinic.get(FRESH).text
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    answer = open_clinic.post(FRESH.replace("/check?", "/check/answer?"), {**ANSWERS, "version": version})
    assert answer.status_code == 303
    to = answer.headers["location"]
    assert "syringe_shaken_or_frozen=false" in to
    page = open_clinic.get(to).text
    assert _state(page) == "clear"
    assert "every safety question for this act is answered" in page
    with open_clinic.store.reading() as s:
        person = people.get(s, 1).record["person"]
    assert (person["dental_status"], person["aff_confirmed"]) == ("good", False)
    assert "syringe_shaken_or_frozen" not in person
    assert _state(open_clinic.get(FRESH).text) == "not_complete", "the syringe is asked at every dose"


@pytest.mark.parametrize("left_out", ANSWERS)
def test_one_answer_less_is_not_complete(open_clinic, left_out):
    answers = {**ANSWERS, left_out: "", "version": "1"}
    answer = open_clinic.post(FRESH.replace("/check?", "/check/answer?"), answers)
    page = open_clinic.get(answer.headers["location"]).text
    assert _state(page) == "not_complete"
    assert f'name="{left_out}"' in page


def test_an_answer_that_is_none_is_asked_again_in_the_form(open_clinic):
    answers = {"person-dental_status": "splendid", "version": "1"}
    answer = open_clinic.post(FRESH.replace("/check?", "/check/answer?"), answers)
    assert answer.status_code == 422
    assert "splendid" in answer.text


@pytest.mark.parametrize("place", JURISDICTIONS)
def test_no_page_says_that_nothing_was_found_unless_it_is_clear(open_clinic, place):
    open_clinic.add({"person": clinic.record()["person"]})
    for name in actions():
        for person in (1, 2):
            page = open_clinic.get(f"/people/{person}/check?action={name}&jurisdiction={place}").text
            assert ("No contraindication found" in page) is (_state(page) == "clear"), name


# What was looked at


def _row(page: str, label: str) -> str:
    found = re.search(rf'<tr><th scope="row">{label}</th>.*?</tr>', page, re.DOTALL)
    assert found is not None, label
    return found[0]


def _with_results(opened, *results: dict[str, str], **facts) -> str:
    record = clinic.record(**facts)
    record["measurements"] += list(results)
    opened.add(record)
    return opened.get("/people/2/check?jurisdiction=UK&on=2026-09-15").text


def test_the_newest_calcium_is_shown_also_where_it_cannot_be_corrected(open_clinic):
    """Audit, critical 10: a total calcium of 1.55 was hidden behind an older corrected 2.35."""
    page = _with_results(
        open_clinic,
        {"test": "corrected calcium", "value": "2.35 mmol/L", "date": "2026-08-01"},
        {"test": "calcium", "value": "1.55 mmol/L", "date": "2026-09-10"},
    )
    row = _row(page, "Albumin-corrected calcium")
    assert "1.55" in row
    assert "10 September 2026" in row
    assert "2.35" not in row
    assert _state(page) == "do_not_give"


def test_a_total_calcium_that_an_albumin_would_explain_is_shown_as_not_corrected(open_clinic):
    page = _with_results(
        open_clinic,
        {"test": "corrected calcium", "value": "2.35 mmol/L", "date": "2026-08-01"},
        {"test": "calcium", "value": "2.05 mmol/L", "date": "2026-09-10"},
    )
    row = _row(page, "Albumin-corrected calcium")
    assert "calcium 2.05 mmol/L" in row
    assert "the albumin of that day is missing" in row
    assert "10 September 2026" in row


def test_two_values_of_one_day_are_a_named_conflict_and_the_worse_counts(open_clinic):
    """Audit, critical 10: calcium 2.35 and 1.77 of one day, eGFR 75 and 20: the highest counted."""
    page = _with_results(
        open_clinic,
        CORRECTED | {"value": "2.35 mmol/L"},
        CORRECTED | {"value": "1.77 mmol/L"},
        {"test": "eGFR", "value": "75 mL/min/1.73m2", "date": "2026-09-10"},
        {"test": "eGFR", "value": "20 mL/min/1.73m2", "date": "2026-09-10"},
    )
    assert page.count("Results of one day contradict each other.") == 2
    assert "1.77 mmol/L" in _row(page, "Albumin-corrected calcium")
    assert "20.0 mL/min" in _row(page, "EGFR|eGFR")
    assert _state(page) == "do_not_give"


def test_liver_tests_that_meet_hys_law_are_findings_and_not_a_row_of_none(open_clinic):
    """Audit, critical 9: ALT 11 times the limit with bilirubin 4 times gave "allowed", row "none"."""
    page = _with_results(
        open_clinic,
        {"test": "ALT", "value": "440 U/L", "date": "2026-09-10", "reference_high": "40 U/L"},
        {"test": "bilirubin", "value": "80 umol/L", "date": "2026-09-10", "reference_high": "20 umol/L"},
        {"test": "ALP", "value": "90 U/L", "date": "2026-09-10", "reference_high": "120 U/L"},
    )
    assert _state(page) == "do_not_give"
    row = _row(page, r"Liver panel \(ALT\)")
    assert "440 U/L" in row
    assert "#finding-LV-01" in row
    assert "LV-01" in _rules(page, "block")


def test_both_kidney_estimates_are_looked_at(open_clinic):
    page = open_clinic.get(FRESH).text
    assert "76.8" in _row(page, "eGFR")
    assert "60.5" in _row(page, r"Creatinine clearance \(Cockcroft-Gault\)")


def test_a_blocked_act_names_what_is_possible_and_says_nothing_on_how_to_give_it(open_clinic):
    page = _with_results(open_clinic, CORRECTED | {"value": "1.95 mmol/L"})
    assert _state(page) == "do_not_give"
    assert "Possible now instead" in page or "No act is possible now" in page
    switched = open_clinic.get("/people/2/check?action=switch+to+zoledronate&jurisdiction=UK").text
    assert "Correct window" not in switched


def test_a_record_that_contradicts_itself_says_so(open_clinic):
    open_clinic.add(clinic.record(indication="MALE_OP"))
    page = open_clinic.get("/people/2/check").text
    assert "The record contradicts itself" in page
    assert _state(page) == "do_not_give"
