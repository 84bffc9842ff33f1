"""The settings of a clinic: who may change them, what is refused, and where each of them counts."""

from __future__ import annotations

import datetime as dt

import clinic
import pytest
from test_app_pages import FORM

from bonecast.care import check
from bonecast.core import Practice, current_language, practising
from bonecast.forecasts import prepare
from bonecast.inference.scans import _ratio
from bonecast.interop import read_patient
from bonecast.outcomes import clinic_baseline
from bonecast.records import Measurement, least_significant_change, observation_sd
from bonecast.regimens import history_of
from bonecast.web.clinic import ClinicSettings
from bonecast.web.jobs.worker_pool import in_language
from bonecast.web.store import audit

LOGO = b"\x89PNG\r\n\x1a\n" + bytes(40)
SET = {
    "name": "Invented Bone Clinic",
    "phone": "555 0100",
    "language": "es",
    "date_format": "dots",
    "decimal": ",",
    "time_zone": "Europe/Madrid",
    "jurisdiction": "UK",
    "country": "ES",
    "currency": "EUR",
    "units-0-test": "CTX",
    "units-0-unit": "ng/L",
    "precision-0-site": "lumbar spine",
    "precision-0-scanner": "Hologic",
    "precision-0-cv": "1,1",
    "cross-0-site": "total hip",
    "cross-0-scanner": "GE Lunar",
    "cross-0-other": "Hologic",
    "cross-0-ratio": "1.08",
    "prices-0-drug": "Prolia 60 mg",
    "prices-0-price": "180",
}


@pytest.fixture
def open_clinic(tmp_path):
    with clinic.open_clinic(tmp_path) as opened:
        yield opened


def her():
    return read_patient(clinic.EXAMPLES / "late-dose.toml")


def test_settings_are_kept_and_shown_and_noted(open_clinic):
    sent = open_clinic.post("/settings", SET, files={"logo": ("logo.png", LOGO)})
    assert (sent.status_code, sent.headers.get("location")) == (303, "/settings?said=settings-saved"), (
        sent.text
    )
    page = open_clinic.get("/settings").text
    for part in (
        'value="Invented Bone Clinic"',
        'value="Europe/Madrid"',
        "data:image/png;base64,",
        'value="1.1"',
    ):
        assert part in page
    with open_clinic.store.reading() as s:
        line = audit.latest(s)[0]
    assert (line.action, "country" in line.detail, "Bone Clinic" in line.detail) == (
        "settings changed",
        True,
        False,
    )


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"time_zone": "Mars/Olympus"}, "time zone"),
        ({"jurisdiction": "XX"}, "jurisdiction"),
        ({"units-0-unit": "mmol/L"}, "CTX is not read in"),
        ({"precision-0-cv": "0"}, "give a number from 0.1 to 10"),
        ({"cross-0-other": "Lunar"}, "both are the same make"),
        ({"prices-0-drug": "aspirin 60 mg"}, "aspirin"),
        ({"off-0-rule": "DC-13", "off-0-reason": ""}, "has no reason"),
        ({"off-0-rule": "XX-99", "off-0-reason": "we do not like it"}, "XX-99"),
        ({"name": "x" * 101}, "too long"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_at_its_field_and_nothing_is_kept(open_clinic, change, cause):
    answer = open_clinic.post("/settings", SET | change)
    assert (answer.status_code, cause.casefold() in answer.text.casefold()) == (422, True), answer.text
    assert 'value="555 0100"' in answer.text, "what was typed stays"
    assert 'value="555 0100"' not in open_clinic.get("/settings").text


def test_a_picture_that_is_none_is_refused(open_clinic):
    for picture in (b"<svg onload=alert(1)>", LOGO + bytes(200_000)):
        assert open_clinic.post("/settings", SET, files={"logo": ("logo.png", picture)}).status_code == 422


def test_pages_follow_language_days_decimals_zone_and_units(open_clinic):
    open_clinic.post("/settings", SET)
    open_clinic.post("/people/new", FORM | {"results-0-date": "2026-09-10", "results-0-ctx": "0,31 ng/mL"})
    page = open_clinic.get("/people/1/record").text
    for part in ('<html lang="es">', ">16.03.2026</time>", "T −2,8", "310 ng/L"):
        assert part in page, part
    assert '<option value="ng/L" selected' in open_clinic.get("/people/new").text
    open_clinic.client.cookies.set("bonecast-language", "en")
    assert '<html lang="en">' in open_clinic.get("/people/1/record").text


def test_the_care_rules_of_the_clinic_hold_where_a_record_says_nothing(open_clinic):
    open_clinic.post("/settings", {"jurisdiction": "UK"})
    open_clinic.add(clinic.record())
    assert open_clinic.get("/api/v1/people/1/check").json()["jurisdiction"] == "UK"


def test_a_rule_that_is_switched_off_does_not_count_and_the_check_says_so(open_clinic):
    open_clinic.post("/people/example")
    warned = check(her(), "stop", "UK").ids("warn")
    assert warned
    open_clinic.post("/settings", {"off-0-rule": warned[0], "off-0-reason": "done by the family doctor"})
    page = open_clinic.get("/people/1/check?action=stop&jurisdiction=UK").text
    assert "is switched off in this clinic" in page
    assert "done by the family doctor" in page
    assert f'id="finding-{warned[0]}"' not in page


def test_what_blocks_cannot_be_switched_off_for_everybody(open_clinic):
    blocked = check(her(), "stop", "UK").ids("block")
    assert blocked
    answer = open_clinic.post("/settings", {"off-0-rule": blocked[0], "off-0-reason": "we do it anyway"})
    assert "blocks an act and cannot be switched off" in answer.text


def test_precision_cross_calibration_and_country_count_within_the_clinic_only():
    day = dt.date(2026, 3, 4)
    spine = Measurement("BMD", "lumbar spine", 0.8, "g/cm2", False, day, "0.8 g/cm2", scanner="Hologic")

    def numbers():
        least = least_significant_change("BMD", "lumbar spine", scanner="Hologic").value
        trial = observation_sd(spine, "trial").sd
        return observation_sd(spine).sd, trial, least, _ratio("TH_BMD", "Lunar", "Hologic")

    usual = numbers()
    own = Practice(
        country="ES",
        precision=(("lumbar spine", "Hologic", 1.0),),
        cross_calibration=(("total hip", "Lunar", "Hologic", 1.08),),
    )
    with practising(own):
        assert numbers() == (0.008, usual[1], 2.77, 1.08)
        assert clinic_baseline(her(), history_of(her())).country == "ES"
        assert in_language({})["practice"]["country"] == "ES", "jobs are asked with it"
    assert numbers() == usual
    assert in_language({}) == {}


def test_days_and_decimals_are_those_of_the_clinic():
    with practising(Practice(date_format="mdy", decimal=",")):
        assert current_language().date(dt.date(2026, 3, 16)) == "03/16/2026"
        assert current_language().number(0.5) == "0,5"
    assert current_language().date(dt.date(2026, 3, 16)) == "16 March 2026"


def test_strategies_are_priced_where_every_dose_has_a_price():
    priced = ClinicSettings(prices=(("denosumab 60 mg", 180.0),), currency="EUR")
    dose = {"drug": "denosumab", "amount": 60.0, "unit": "mg"}
    assert priced.cost([dose, dose]) == 360.0
    assert priced.cost([]) == 0.0
    assert priced.cost([dose, {"drug": "zoledronate", "amount": 5.0, "unit": "mg"}]) is None


def test_only_an_administrator_sees_and_changes_settings(tmp_path):
    with clinic.open_clinic(tmp_path, accounts=True) as opened:
        clinic.add_accounts(opened)
        for role, status in (("reader", 403), ("clinician", 403), ("administrator", 200)):
            opened.sign_in(role)
            assert opened.get("/settings").status_code == status
            assert opened.post("/settings", SET).status_code == {403: 403, 200: 303}[status]


def test_the_list_and_the_header_show_calcium_in_the_unit_of_the_clinic(open_clinic):
    assert (
        open_clinic.post("/settings", {"units-0-test": "calcium", "units-0-unit": "mg/dL"}).status_code == 303
    )
    tables = clinic.record(jurisdiction="UK")
    day = dt.date.today().isoformat()
    tables["person"]["record_date"] = day
    tables["measurements"] = [{"test": "corrected calcium", "value": "2.35 mmol/L", "date": day}]
    open_clinic.add(tables)
    page = open_clinic.get("/worklist").text
    assert 'data-head="Calcium, mg/dL">9.42 ' in page
    assert "Ca 9.42 mg/dL, 0 days old" in open_clinic.get("/people/1/record").text


def test_the_latest_dates_count_the_scanner_of_the_clinic():
    with practising(
        Practice(precision=(("lumbar spine", "Hologic", 1.0), ("lumbar spine", "GE Lunar", 1.5)))
    ):
        ready = prepare(her(), "1 year", draws=4, learn=False)
        assert ready.case.scanners["LS_BMD"] == "Hologic"
        assert any("2.77 %" in one.what for one in ready.latest)
