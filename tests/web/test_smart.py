"""SMART App Launch against a record system on the loopback: launches, what is read, and each way in which it fails."""

from __future__ import annotations

import datetime as dt
import json
import re
import sqlite3
from urllib.parse import parse_qs, urlencode, urlsplit

import clinic
import httpx
import pytest
import record_system
from cryptography.fernet import Fernet

from bonecast.errors import InputError
from bonecast.interop import read_patient
from bonecast.web.smart import read_issuers, smart_service
from bonecast.web.smart.errors import SmartRefused
from bonecast.web.smart.issuers import SmartIssuer
from bonecast.web.smart.keys import VARIABLE, token_cipher
from bonecast.web.smart.protocol import KINDS, SmartToken
from bonecast.web.store import audit, people, smart_charts

URL = "http://localhost"


@pytest.fixture(autouse=True)
def _no_key_around(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def system():
    with record_system.running() as system:
        yield system


@pytest.fixture
def opened(tmp_path, system):
    issuers = record_system.issuers_file(tmp_path, system, URL)
    with clinic.open_clinic(tmp_path, smart_issuers=issuers) as opened:
        yield opened


def authorize(opened, system, launch="launch-1", iss=None):
    """Begin a launch, and let the record system answer: where it sends the browser back to."""
    query = {"iss": iss or system.iss} | ({"launch": launch} if launch else {})
    began = opened.get(f"/smart/launch?{urlencode(query)}", follow_redirects=False)
    assert began.status_code == 303, began.text
    answered = httpx.get(began.headers["location"])
    assert answered.status_code == 302, answered.text
    return answered.headers["location"].removeprefix(URL)


def open_chart(opened, system, launch="launch-1"):
    return opened.get(authorize(opened, system, launch), follow_redirects=False)


def kept(opened):
    """The one patient whose chart was opened."""
    with opened.store.reading() as session:
        (row,) = smart_charts.newest(session)
        stored = people.get(session, row.person_id)
        assert stored is not None
        return people.patient(stored)


def refusal(answer) -> str:
    assert "The chart cannot be opened" in answer.text
    return answer.text


# What is asked for and read


def test_a_launch_from_the_record_asks_with_pkce_audience_state_and_reading_scopes_only(opened, system):
    assert open_chart(opened, system).status_code == 303
    (asked,) = system.authorized
    assert (asked["aud"], asked["launch"], asked["code_challenge_method"]) == (system.iss, "launch-1", "S256")
    assert len(asked["state"]) >= 40
    scopes = asked["scope"].split()
    assert {"launch", "openid", "fhirUser", "online_access", "patient/Patient.r"} <= set(scopes)
    assert {one for one in scopes if "/" in one} == {
        "patient/Patient.r",
        "patient/Medication.r",
        *(f"patient/{kind}.rs" for kind in KINDS),
    }


def test_the_chart_of_a_launch_is_the_record_of_the_same_bundle_and_nothing_is_written_back(opened, system):
    answer = open_chart(opened, system)
    shown = opened.get(answer.headers["location"]).text
    assert "Chart of Test record" in shown
    for kind in ("Observation", "MedicationAdministration"):
        count = sum(one["resourceType"] == kind for one in system.resources)
        assert re.search(rf"{kind}</th><td[^>]*>{count}<", shown)
    patient = kept(opened)
    expected = read_patient(record_system.EXAMPLE)
    assert patient.doses == expected.doses
    assert {(one.test, one.value) for one in patient.measurements} == {
        (one.test, one.value) for one in expected.measurements
    }
    assert {method for method, path in system.asked if path.startswith("/fhir")} == {"GET"}
    assert [path for method, path in system.asked if method == "POST"] == ["/token"]


def test_a_standalone_launch_asks_the_record_system_for_a_patient(opened, system):
    listed = opened.get("/smart").text
    (link,) = re.findall(r'href="(/smart/launch\?iss=[^"]+)"', listed)
    assert parse_qs(urlsplit(link).query)["iss"] == [system.iss]
    assert open_chart(opened, system, launch="").status_code == 303
    (asked,) = system.authorized
    assert "launch/patient" in asked["scope"].split()
    assert "launch" not in asked


def test_what_was_not_granted_failed_or_cannot_be_read_is_listed(opened, system):
    system.scope = (
        "patient/Patient.r patient/Observation.rs patient/Condition.rs?category=x patient/Procedure.rs"
    )
    system.status = {"Procedure": 500}
    system.resources.append(
        {
            "resourceType": "Observation",
            "id": "odd",
            "status": "final",
            "code": {"text": "a new test"},
            "subject": {"reference": f"Patient/{system.patient}"},
        }
    )
    shown = opened.get(open_chart(opened, system).headers["location"]).text
    assert "<strong>MedicationAdministration</strong>: access was not granted" in shown
    assert "<strong>Condition</strong>: access was granted to a part of them only" in shown
    assert "<strong>Procedure</strong>: the record system answered with status 500" in shown
    assert re.search(r"<li>entry \d+ \(Observation\): ", shown)


def test_all_pages_of_a_search_are_read_and_none_on_another_server(opened, system):
    system.page = 3
    shown = opened.get(open_chart(opened, system).headers["location"]).text
    count = sum(one["resourceType"] == "Observation" for one in system.resources)
    assert count > 3
    assert re.search(rf"Observation</th><td[^>]*>{count}<", shown)
    system.next_on = "http://127.0.0.1:9/fhir"
    shown = opened.get(open_chart(opened, system).headers["location"]).text
    assert "<strong>Observation</strong>: its next page lies on another server" in shown


def test_a_medicine_by_reference_is_fetched(opened, system):
    given = next(one for one in system.resources if one["resourceType"] == "MedicationAdministration")
    given["medicationReference"] = {"reference": "Medication/m1"}
    medicine = {"resourceType": "Medication", "id": "m1", "code": given.pop("medicationCodeableConcept")}
    system.resources.append(medicine)
    open_chart(opened, system)
    assert ("GET", "/fhir/Medication/m1") in system.asked
    patient = kept(opened)
    assert patient.doses == read_patient(record_system.EXAMPLE).doses


def test_somebody_else_with_the_same_id_is_never_merged(opened, system):
    opened.add(clinic.record(id=system.patient, birth_date="1931-01-01"))
    answer = open_chart(opened, system)
    assert answer.status_code == 409
    assert "another birth date" in refusal(answer)
    with opened.store.reading() as session:
        known = people.with_record_id(session, system.patient)
    assert known is not None
    assert known.record["person"]["birth_date"] == "1931-01-01"


# Tokens


def database_bytes(opened) -> bytes:
    with sqlite3.connect(opened.store.path) as connection:
        return "\n".join(connection.iterdump()).encode()


def test_tokens_are_encrypted_where_they_are_kept_and_deleted_on_request(opened, system):
    place = open_chart(opened, system).headers["location"]
    with opened.store.reading() as session:
        (row,) = smart_charts.newest(session)
        sealed = row.token
    token = opened.app.state.smart.opened(sealed)
    assert token.access in system.tokens
    dumped = database_bytes(opened)
    for secret in (token.access, token.refresh):
        assert secret.encode() not in dumped
        assert secret.encode().hex().encode() not in dumped.lower()
    key = opened.store.path.with_name("smart-key")
    assert key.stat().st_mode & 0o777 == 0o600
    assert opened.post(f"{place}/forget").status_code == 303
    with opened.store.reading() as session:
        assert smart_charts.newest(session)[0].token is None
    assert "the access was deleted" in refusal(opened.post(f"{place}/read"))


def test_a_key_of_the_environment_goes_before_the_file_and_one_that_others_read_is_refused(
    tmp_path, monkeypatch
):
    path = tmp_path / "key"
    made = token_cipher(path)
    assert token_cipher(path).decrypt(made.encrypt(b"x")) == b"x"
    monkeypatch.setenv(VARIABLE, Fernet.generate_key().decode())
    assert token_cipher(path).decrypt(token_cipher(path).encrypt(b"y")) == b"y"
    with pytest.raises(Exception, match=r"^$"):
        token_cipher(path).decrypt(made.encrypt(b"x"))
    monkeypatch.setenv(VARIABLE, "short")
    with pytest.raises(InputError, match="this is no key"):
        token_cipher(path)
    monkeypatch.delenv(VARIABLE)
    path.chmod(0o644)
    with pytest.raises(InputError, match="others can read"):
        token_cipher(path)


def test_a_token_whose_time_is_over_is_refreshed_and_the_new_one_is_kept(opened, system):
    system.expires_in = 1
    place = open_chart(opened, system).headers["location"]
    with opened.store.reading() as session:
        before = opened.app.state.smart.opened(smart_charts.newest(session)[0].token)
    late = before.expires + dt.timedelta(seconds=1)
    assert before.has_expired(late)
    system.tokens.clear()
    sealed = opened.app.state.smart.sealed(
        SmartToken(before.access, before.patient, before.scope, dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
                   before.refresh, before.token_endpoint)
    )  # fmt: skip
    with opened.store.session() as session:
        smart_charts.newest(session)[0].token = sealed
    answer = opened.post(f"{place}/read")
    assert (answer.status_code, answer.headers["location"]) == (303, place)
    with opened.store.reading() as session:
        after = opened.app.state.smart.opened(smart_charts.newest(session)[0].token)
    assert after.access != before.access
    assert after.access in system.tokens
    assert after.refresh not in ("", before.refresh)


def test_an_access_that_has_expired_and_cannot_be_refreshed_says_so(opened, system):
    place = open_chart(opened, system).headers["location"]
    system.tokens.clear()
    answer = opened.post(f"{place}/read")
    assert answer.status_code == 401
    assert "the access has expired" in refusal(answer)
    system.refuse_refresh = True
    service = opened.app.state.smart
    with opened.store.session() as session:
        row = smart_charts.newest(session)[0]
        held = service.opened(row.token)
        past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        row.token = service.sealed(
            SmartToken(held.access, held.patient, held.scope, past, held.refresh, held.token_endpoint)
        )
    assert "gives no access (invalid_grant)" in refusal(opened.post(f"{place}/read"))


def test_a_confidential_client_sends_its_secret_and_no_other_id(tmp_path, system):
    (tmp_path / "secret").write_text("s3cret\n")
    (tmp_path / "secret").chmod(0o600)
    system.secret = "s3cret"
    issuers = record_system.issuers_file(tmp_path, system, URL, client_secret_file="secret")
    with clinic.open_clinic(tmp_path, smart_issuers=issuers) as opened:
        assert open_chart(opened, system).status_code == 303


# Failures


def test_an_issuer_that_is_not_listed_is_refused_and_never_asked(opened, system):
    answer = opened.get(f"/smart/launch?iss={system.base}/other&launch=launch-1", follow_redirects=False)
    assert answer.status_code == 403
    assert "is not on the list of this server" in refusal(answer)
    assert system.asked == []


def test_a_denied_launch_says_what_the_record_system_said(opened, system):
    system.deny = "access_denied"
    answer = open_chart(opened, system)
    assert answer.status_code == 403
    assert "access_denied: the person said no" in refusal(answer)
    with opened.store.reading() as session:
        assert "access_denied" in audit.latest(session)[0].detail
        assert smart_charts.newest(session) == []


@pytest.mark.parametrize("change", ["state", "browser", "none", "twice"])
def test_a_return_that_does_not_fit_a_launch_is_refused_before_the_code_is_used(opened, system, change):
    back = authorize(opened, system)
    if change == "state":
        back = re.sub(r"state=[^&]+", "state=another", back)
    elif change == "browser":
        opened.client.cookies.delete("bonecast-smart")
    elif change == "none":
        back = "/smart/callback?code=code-1"
    else:
        assert opened.get(back, follow_redirects=False).status_code == 303
        system.asked.clear()
    answer = opened.get(back, follow_redirects=False)
    assert answer.status_code == 403
    assert "from no launch that began here" in refusal(answer)
    assert ("POST", "/token") not in system.asked


def test_a_launch_that_took_too_long_is_refused(opened, system):
    back = authorize(opened, system)
    now = opened.app.state.smart.clock()
    opened.app.state.smart.clock = lambda: now + 600
    assert "took too long" in refusal(opened.get(back, follow_redirects=False))


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"aud": "another-app"}, "it is for another application"),
        ({"exp": 1}, "it has expired"),
        ({"nonce": "of another launch"}, "it is of another launch"),
        ({"iss": "https://elsewhere.example"}, "it is not of this record system"),
    ],
)
def test_an_id_token_that_is_not_for_this_launch_is_refused(opened, system, claims, said):
    system.claims = claims
    answer = open_chart(opened, system)
    assert answer.status_code == 403
    assert said in refusal(answer)


def test_an_id_token_that_somebody_else_signed_is_refused(opened, system):
    system.sign_with = record_system.STRANGERS_KEY
    assert "it is not of this record system" in refusal(open_chart(opened, system))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"token_type": "mac"}, "holds no bearer token"),
        ({"access_token": None}, "holds no bearer token"),
        ({"patient": None}, "no patient was chosen"),
        ({"patient": "../Group/1"}, "no patient was chosen"),
        ({"scope": "patient/Observation.rs"}, "not granted to read the patient"),
        ({"patient": "nobody"}, "it cannot be read (status 404)"),
    ],
)
def test_a_token_answer_that_cannot_be_used_is_refused(opened, system, change, said):
    system.token_change = change
    assert said in refusal(open_chart(opened, system))


@pytest.mark.parametrize(
    ("configuration", "said"),
    [
        ({"code_challenge_methods_supported": ["plain"]}, "does not support PKCE with S256"),
        ({"authorization_endpoint": "http://ehr.example/authorize"}, "no address over HTTPS"),
        ({"token_endpoint": ""}, "no address over HTTPS"),
    ],
)
def test_a_record_system_without_a_safe_configuration_is_refused(opened, system, configuration, said):
    system.configuration = configuration
    answer = opened.get(f"/smart/launch?iss={system.iss}", follow_redirects=False)
    assert answer.status_code == 502
    assert said in refusal(answer)


def test_a_record_system_that_is_away_is_a_sentence(tmp_path, system):
    issuers = record_system.issuers_file(tmp_path, system, URL)
    issuers.write_text(issuers.read_text().replace(str(system.port), "9"))
    with clinic.open_clinic(tmp_path, smart_issuers=issuers) as opened:
        answer = opened.get("/smart/launch?iss=http://localhost:9/fhir", follow_redirects=False)
    assert answer.status_code == 502
    assert "cannot be reached" in refusal(answer)


def test_a_reader_may_not_launch_and_another_account_may_not_finish(tmp_path, system):
    issuers = record_system.issuers_file(tmp_path, system, URL)
    with clinic.open_clinic(tmp_path, smart_issuers=issuers, accounts=True) as opened:
        clinic.add_accounts(opened)
        opened.sign_in("reader")
        assert opened.get("/smart/launch?iss=x", follow_redirects=False).status_code == 403
        opened.sign_in("clinician")
        back = authorize(opened, system)
        opened.sign_in("administrator")
        assert "from no launch that began here" in refusal(opened.get(back, follow_redirects=False))
        opened.client.cookies.delete("bonecast-session")
        answer = opened.get(f"/smart/launch?iss={system.iss}", follow_redirects=False)
        assert answer.headers["location"].startswith("/sign-in")


def test_without_an_allow_list_there_are_no_such_pages(tmp_path):
    with clinic.open_clinic(tmp_path) as opened:
        assert opened.get("/smart").status_code == 404
        assert opened.get("/smart/launch?iss=https://ehr.example").status_code == 404


def test_cards_of_cds_hooks_link_to_the_launch(tmp_path, system):
    issuers = record_system.issuers_file(tmp_path, system, URL)
    data = json.loads(
        (record_system.EXAMPLE.parents[1] / "tests/data/cds/order-rxnorm-code-only.json").read_text()
    )
    with clinic.open_clinic(tmp_path, smart_issuers=issuers, cds_sandbox=True) as opened:
        made = opened.client.post(f"/cds-services/{data['service']}", json=data["body"]).json()["cards"]
    links = [link for one in made for link in one["links"] if link["type"] == "smart"]
    assert {link["url"] for link in links} == {f"{URL}/smart/launch"}


# The allow-list

GOOD = 'url = "https://clinic.example"\n[[issuer]]\nname = "A"\niss = "https://ehr.example/fhir/"\nclient_id = "b"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('url = "https://clinic.example"', "there is no issuer"),
        (GOOD.replace('url = "https://clinic.example"\n', ""), "there is no url"),
        (GOOD.replace("https://clinic", "http://clinic"), "travels over HTTPS"),
        (GOOD.replace("https://ehr", "http://ehr"), "no address of a FHIR server"),
        (GOOD.replace("/fhir/", "/fhir?x=1"), "no address of a FHIR server"),
        (GOOD.replace('client_id = "b"\n', ""), "it has no client_id"),
        (GOOD.replace('"b"', "3"), "it is no text"),
        (GOOD + 'secret = "x"\n', "there is no entry called 'secret'"),
        (GOOD + GOOD.partition("\n")[2], "the same name"),
        (GOOD + 'client_secret_file = "none"\n', "there is no such file"),
    ],
)
def test_an_allow_list_that_cannot_be_used_is_refused(tmp_path, text, said):
    path = tmp_path / "issuers.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=re.escape(said)):
        read_issuers(path)


def test_an_allow_list_is_read_and_an_issuer_is_found_with_or_without_a_slash(tmp_path):
    path = tmp_path / "issuers.toml"
    path.write_text(GOOD + "offline = true\n")
    found = read_issuers(path)
    assert found.issuers == (SmartIssuer("A", "https://ehr.example/fhir", "b", offline=True),)
    assert found.issuer("https://ehr.example/fhir/") == found.issuers[0]
    assert found.issuer("https://ehr.example/fhir2") is None


def test_without_the_packages_of_the_extra_the_error_names_it(tmp_path, monkeypatch):
    path = tmp_path / "issuers.toml"
    path.write_text(GOOD)
    monkeypatch.setattr("bonecast.web.smart.service.find_spec", lambda name: None)
    with pytest.raises(InputError, match=re.escape("pip install 'bonecast[smart]'")):
        smart_service(path, tmp_path / "key")


def test_no_more_launches_are_remembered_than_the_most(tmp_path, system, monkeypatch):
    service = smart_service(record_system.issuers_file(tmp_path, system, URL), tmp_path / "key")
    monkeypatch.setattr("bonecast.web.smart.service.MOST_LAUNCHES", 2)
    for _ in range(2):
        service.begin(system.iss, "ann")
    with pytest.raises(SmartRefused, match="too many"):
        service.begin(system.iss, "ann")
    now = service.clock()
    service.clock = lambda: now + 601
    assert service.begin(system.iss, "ann").state


# In a real browser


def test_a_chart_opens_in_a_browser_out_of_the_record_system(browser, tmp_path, system):
    system.wait = True
    issuers = record_system.issuers_file(tmp_path, system, "http://127.0.0.1:1")
    with clinic.served(tmp_path, smart_issuers=issuers) as (address, app):
        app.state.smart.settings = type(app.state.smart.settings)(address, app.state.smart.settings.issuers)
        system.redirect_uri = f"{address}/smart/callback"
        page = browser.new_context().new_page()
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{system.base}/chart")  # another site, from which the browser comes and comes back
        page.click("text=Bonecast")
        page.click("text=Allow")
        page.wait_for_url(f"{address}/smart/charts/1")
        assert page.inner_text("h1") == "Chart of Test record"
        assert page.inner_text("h2 >> nth=0") == "What was read"
        assert "MedicationAdministration" in page.inner_text("main")
        page.click("text=Read again")
        page.wait_for_url(f"{address}/smart/charts/1")
        page.click("text=Check the next dose")
        page.wait_for_url(f"{address}/people/1/check")
        system.deny = "access_denied"
        page.goto(f"{address}/smart")
        page.click("text=Open a chart of Test record")
        page.click("text=Allow")
        page.wait_for_selector("text=The chart cannot be opened")
        assert "access_denied" in page.inner_text("main")
        page.context.close()
    assert [said for said in complaints if "status of 403" not in said] == []
