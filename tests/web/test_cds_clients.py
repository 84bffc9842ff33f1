"""Who may call the CDS Hooks service: signed calls, tokens, this computer's own secret, and nobody else."""

from __future__ import annotations

import hashlib
import json
import stat
import threading
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

import clinic
import jwt
import pytest
import test_cds_hooks as ehr
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from bonecast.cli.serve import _check_clients
from bonecast.errors import InputError
from bonecast.web.security.cds_clients import (
    LIFETIME_S,
    MOST_SEEN,
    SKEW_S,
    NotAdmitted,
    RegisteredClients,
    own_secret,
    read_clients,
)
from bonecast.web.security.key_sets import LEAST_S, KeySet, keys_at
from bonecast.web.store import audit

URL, PATH = "https://clinic.example", "/cds-services/bonecast-order-sign"
ISSUER, JKU = "https://ehr.example", "https://ehr.example/keys.json"
TOKEN = "a-token-of-the-practice-system-0123456789"
NOW = 1_800_000_000.0
EC, RSA = ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)
OTHER, SMALL = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256R1())


def jwks(**keys):
    """A JWK Set of the public halves, by id."""
    made = []
    for kid, key in keys.items():
        algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
        made.append({**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig"})
    return {"keys": made}


@pytest.fixture
def folder(tmp_path):
    """A configuration with one client of each kind."""
    (tmp_path / "keys.json").write_text(json.dumps(jwks(ec=EC, rsa=RSA, small=SMALL)))
    (tmp_path / "clients.toml").write_text(
        f"""url = "{URL}"
[[client]]
name = "Hospital record"
issuer = "{ISSUER}"
keys = "keys.json"
[[client]]
name = "Practice system"
token_sha256 = "{hashlib.sha256(TOKEN.encode()).hexdigest()}"
"""
    )
    return tmp_path


@pytest.fixture
def known(folder):
    url, clients = read_clients(folder / "clients.toml")
    return RegisteredClients(clients, url, clock=lambda: NOW)


def signed(key=EC, algorithm="ES384", header=None, **claims):
    """A call's token; claims of None are left out."""
    whole = {
        "iss": ISSUER,
        "aud": URL + PATH,
        "iat": int(NOW),
        "exp": int(NOW) + LIFETIME_S,
        "jti": str(uuid.uuid4()),
        **claims,
    }
    kept = {name: value for name, value in whole.items() if value is not None}
    kid = "rsa" if algorithm.startswith("RS") else "ec"
    made = jwt.encode(kept, key, algorithm, headers={"kid": kid, **(header or {})})
    return f"Bearer {made}"


@pytest.mark.parametrize(("key", "algorithm"), [(EC, "ES384"), (RSA, "RS384")])
def test_a_signed_call_is_admitted_under_the_name_of_its_client(known, key, algorithm):
    assert known.admit(signed(key, algorithm), PATH) == "Hospital record"


def test_the_audience_may_be_a_list_and_feedback_may_name_its_service(known):
    assert known.admit(signed(aud=["https://other.example", URL + PATH]), PATH) == "Hospital record"
    assert known.admit(signed(), f"{PATH}/feedback") == "Hospital record"


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"iss": "https://evil.example"}, "no client that is known"),
        ({"iss": None}, "no client that is known"),
        ({"aud": "https://clinic.example/cds-services"}, "another address"),
        ({"aud": "https://evil.example/cds-services/bonecast-order-sign"}, "another address"),
        ({"aud": None}, "no aud"),
        ({"jti": None}, "no jti"),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, "jti"),
        ({"exp": None}, "no exp"),
        ({"iat": None}, "no iat"),
        ({"iat": int(NOW) - SKEW_S - 100, "exp": int(NOW) - SKEW_S}, "expired"),
        ({"iat": int(NOW) + SKEW_S + 1, "exp": int(NOW) + SKEW_S + 100}, "future"),
        ({"nbf": int(NOW) + SKEW_S + 1}, "future"),
        ({"exp": int(NOW) + LIFETIME_S + 1}, "seconds at most"),
        ({"exp": int(NOW) - 1}, "seconds at most"),
        ({"iat": int(NOW) - 1, "exp": int(NOW) + 60}, "before this server started"),
        ({"exp": "tomorrow"}, "no time"),
        ({"exp": True}, "no time"),
        ({"exp": 1e300}, "no time"),
    ],
)  # fmt: skip
def test_a_claim_that_is_wrong_or_missing_is_refused(known, claims, said):
    with pytest.raises(NotAdmitted, match=said):
        known.admit(signed(**claims), PATH)


def test_the_times_are_taken_up_to_their_limits(known):
    for claims in (
        {"iat": int(NOW) + SKEW_S, "exp": int(NOW) + SKEW_S + LIFETIME_S},
        {"nbf": int(NOW) + SKEW_S},
    ):
        assert known.admit(signed(**claims), PATH) == "Hospital record"


@pytest.mark.parametrize(
    ("key", "algorithm", "header", "said"),
    [
        (OTHER, "ES384", {}, "no client that is known"),
        (EC, "ES384", {"kid": "none"}, "no client that is known"),
        (EC, "ES384", {"kid": ""}, "no client that is known"),
        (EC, "ES384", {"kid": "rsa"}, "no client that is known"),
        (SMALL, "ES256", {"kid": "small"}, "to be signed with"),
        (RSA, "RS256", {"kid": "rsa"}, "to be signed with"),
        (RSA, "PS384", {"kid": "rsa"}, "to be signed with"),
        ("x" * 64, "HS384", {}, "to be signed with"),
        (None, "none", {}, "to be signed with"),
        (EC, "ES384", {"typ": "at+jwt"}, "typ JWT"),
        (EC, "ES384", {"crit": ["exp"]}, "critical"),
        (EC, "ES384", {"jku": JKU}, "another address of keys"),
    ],
)
def test_a_key_an_algorithm_or_a_header_that_is_not_ours_is_refused(known, key, algorithm, header, said):
    with pytest.raises(NotAdmitted, match=said):
        known.admit(signed(key, algorithm, header), PATH)


def test_a_public_key_is_no_shared_secret(known):
    """The classic confusion: an HMAC made with the public key, which everyone has."""
    with pytest.raises(NotAdmitted, match="to be signed with"):
        known.admit(signed("k" * 48, "HS384", {"kid": "ec"}), PATH)


def test_a_token_is_good_once(known):
    token = signed()
    known.admit(token, PATH)
    with pytest.raises(NotAdmitted, match="used before"):
        known.admit(token, PATH)


def test_tokens_that_have_expired_are_forgotten_and_no_more_than_the_most_are_kept(folder):
    now = [NOW]
    url, clients = read_clients(folder / "clients.toml")
    known = RegisteredClients(clients, url, clock=lambda: now[0])
    known._seen = {(ISSUER, str(n)): NOW + 10 for n in range(MOST_SEEN)}
    with pytest.raises(NotAdmitted, match="too many calls"):
        known.admit(signed(), PATH)
    now[0] = NOW + 10 + SKEW_S
    late = {"iat": int(now[0]), "exp": int(now[0]) + 10}
    assert known.admit(signed(**late), PATH) == "Hospital record"
    assert len(known._seen) == 1


def test_a_client_with_a_token_is_admitted_by_it(known):
    assert known.admit(f"Bearer {TOKEN}", PATH) == "Practice system"
    for wrong in (TOKEN[:-1], TOKEN + "x", hashlib.sha256(TOKEN.encode()).hexdigest()):
        with pytest.raises(NotAdmitted, match="No client has this token"):
            known.admit(f"Bearer {wrong}", PATH)


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic YTpi", f"Token {TOKEN}", "Bearer a.b.c", "Bearer ..",
               "Bearer é" + "x" * 40, "Bearer " + "x" * 9_000, "Bearer e30.e30.", "Bearer W10.e30.x"]
)  # fmt: skip
def test_what_is_no_token_is_refused(known, header):
    with pytest.raises(NotAdmitted):
        known.admit(header, PATH)


# Keys at an address


@pytest.fixture
def key_server():
    """A client's server that answers with what stands in `answers`, and counts."""
    answers = {"/keys.json": (200, {}, jwks(ec=EC))}
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, headers, body = answers[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", answers, asked
    server.shutdown()
    server.server_close()


def test_keys_come_from_the_address_of_the_configuration_and_a_token_cannot_lead_elsewhere(
    folder, key_server
):
    url, answers, asked = key_server
    answers["/evil.json"] = (200, {}, jwks(ec=OTHER))
    (folder / "clients.toml").write_text(
        f'url = "{URL}"\n[[client]]\nname = "R"\nissuer = "{ISSUER}"\nkeys_url = "{url}/keys.json"\n'
    )
    base, clients = read_clients(folder / "clients.toml")
    known = RegisteredClients(clients, base, clock=lambda: NOW)
    assert known.admit(signed(header={"jku": f"{url}/keys.json"}), PATH) == "R"
    assert known.admit(signed(), PATH) == "R"
    with pytest.raises(NotAdmitted, match="another address of keys"):
        known.admit(signed(OTHER, header={"jku": f"{url}/evil.json"}), PATH)
    assert asked == ["/keys.json"]


def test_keys_are_asked_for_again_when_their_time_is_over_or_an_id_is_new_and_not_more_often(key_server):
    url, answers, asked = key_server
    answers["/keys.json"] = (200, {"Cache-Control": "public, max-age=120"}, jwks(ec=EC))
    now = [0.0]
    keys = keys_at(f"{url}/keys.json")
    keys.clock = lambda: now[0]
    assert keys.find("ec", "EC") is not None
    assert keys.find("new", "EC") is None
    assert len(asked) == 1
    answers["/keys.json"] = (200, {}, jwks(new=OTHER))
    now[0] = float(LEAST_S)
    assert keys.find("new", "EC") is not None
    assert keys.find("ec", "EC") is None
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (302, {"Location": "/keys.json"}, b""),
        (500, {}, b""),
        (200, {}, b"no json"),
        (200, {}, []),
        (200, {}, {"keys": 1}),
        (200, {}, b"[" * 100_000),
        (200, {}, b" " * 300_000),
        (200, {}, {"keys": [1, {"kid": "ec"}, {"kid": "ec", "kty": "EC", "crv": "P-384"}]}),
        (200, {}, {"keys": jwks(ec=EC)["keys"] * 2}),
    ],
)
def test_an_answer_without_keys_admits_nobody_and_fails_in_no_other_way(key_server, status, headers, body):
    url, answers, _ = key_server
    answers["/moved.json"] = (status, headers, body)
    assert keys_at(f"{url}/moved.json").find("ec", "EC") is None


@pytest.mark.parametrize(
    "change", [{"use": "enc"}, {"crv": "P-256"}, {"kty": "RSA"}, {"d": "AA"}, {"x": "AA"}, {"x": 5}]
)
def test_a_key_that_is_not_for_signatures_of_this_kind_is_passed_over(change):
    key = {**jwks(ec=EC)["keys"][0], **change}
    assert KeySet(lambda: ({"keys": [key]}, 60.0)).find("ec", "EC") is None


def test_a_short_rsa_key_is_passed_over():
    weak = jwks(rsa=rsa.generate_private_key(65537, 1024))
    assert KeySet(lambda: (weak, 60.0)).find("rsa", "RSA") is None


# The configuration


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('url = "https://a.example"', "there is no client"),
        ('client = "a"', "there is no client"),
        ("[[client]]\n", "it has no name"),
        ('[[client]]\nname = "a"', "signs its calls or has a token"),
        ('[[client]]\nname = "a"\ntoken = "x"', "no entry called 'token'"),
        ("[[client]]\nname = 5", "it is no text"),
        ('[[client]]\nname = "a"\ntoken_sha256 = "abc"', "no SHA-256 digest"),
        (
            f'[[client]]\nname = "a"\nissuer = "i"\ntoken_sha256 = "{"0" * 64}"',
            "signs its calls or has a token",
        ),
        ('url = "https://a.example"\n[[client]]\nname = "a"\nissuer = "i"', "keys lie in one place"),
        (
            'url = "https://a.example"\n[[client]]\nname = "a"\nissuer = "i"\nkeys = "none.json"',
            "no such file",
        ),
        ('[[client]]\nname = "a"\nissuer = "i"\nkeys = "keys.json"', "there is no url"),
        ('url = "a"\n[[client]]\nname = "a"\nissuer = "i"\nkeys = "keys.json"', "not the origin"),
        ('[[client]]\nname = "a"\nissuer = "i"\nkeys_url = "http://ehr.example/k"', "keys travel over HTTPS"),
        ('[[client]]\nname = "a"\nissuer = "i"\nkeys_url = "http://127.0.0.1.evil.example:80/k"', "HTTPS"),
        ('[[client]]\nname = "a"\nissuer = "i"\nkeys_url = "file:///etc/passwd"', "keys travel over HTTPS"),
        ("other = 1", "no entry called 'other'"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused_with_its_place(folder, text, said):
    path = folder / "other.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=said) as raised:
        read_clients(path)
    assert raised.value.place.startswith("other.toml")


def test_two_clients_share_no_name_issuer_or_token(folder):
    path = folder / "clients.toml"
    text = path.read_text()
    path.write_text(text + text.partition("\n")[2])
    with pytest.raises(InputError, match="the same name"):
        read_clients(path)


def test_signed_clients_need_the_extra_and_the_error_names_it(folder, monkeypatch):
    monkeypatch.setattr("bonecast.web.security.cds_clients.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"bonecast\[cds-hooks\]"):
        read_clients(folder / "clients.toml")


@pytest.mark.parametrize(
    ("hooks", "alone", "clients", "sandbox"),
    [
        (True, False, None, False),
        (True, False, None, True),
        (False, True, None, True),
        (True, True, "c.toml", True),
    ],
)
def test_a_server_that_would_answer_strangers_does_not_start(hooks, alone, clients, sandbox):
    with pytest.raises(InputError, match="--cds-"):
        _check_clients(hooks, alone, clients, sandbox)


# This computer's own secret


def test_the_own_secret_is_for_its_owner_stays_the_same_and_is_never_short(tmp_path):
    path = tmp_path / "new" / "cds-hooks-secret"
    made = own_secret(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert own_secret(path) == made
    assert len(made) >= 32
    path.chmod(0o644)
    with pytest.raises(InputError, match="others can read"):
        own_secret(path)
    path.write_text("short")
    path.chmod(0o600)
    with pytest.raises(InputError, match="too short"):
        own_secret(path)


# Over HTTP


def test_without_a_token_nothing_is_answered_and_the_refusal_is_a_sentence(tmp_path):
    with clinic.open_clinic(tmp_path) as opened:
        for answer in (
            opened.get("/cds-services"),
            opened.client.post(ehr.SIGN, json=ehr.call("order-sign", ehr.order("Prolia"))),
            opened.client.post(f"{ehr.SIGN}/feedback", json={"feedback": []}),
            opened.get("/cds-services", headers={"authorization": "Bearer wrong"}),
        ):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["place"] == "Authorization"
            assert answer.json()["cause"]
        with opened.store.reading() as s:
            assert ("(unknown)", "CDS client refused") in [(one.by, one.action) for one in audit.latest(s)]
        with clinic.as_cds_client(opened):
            assert opened.get("/cds-services").status_code == 200


def test_calls_of_a_registered_client_are_in_the_audit_log_with_its_name_and_the_person(tmp_path, folder):
    settings = {"accounts": True, "cds_clients": folder / "clients.toml"}
    with clinic.open_clinic(tmp_path, **settings) as opened:
        clinic.add_accounts(opened)
        opened.sign_in("clinician")
        opened.add(clinic.record(id=ehr.PATIENT["id"]))
        opened.client.headers["authorization"] = f"Bearer {TOKEN}"
        answer = opened.client.post(ehr.SIGN, json=ehr.call("order-sign", ehr.order("Xgeva")))
        card = next(one for one in answer.json()["cards"] if "topic" in one["source"])
        fed = {"feedback": [ehr.overridden(card["uuid"])]}
        assert opened.client.post(f"{ehr.SIGN}/feedback", json=fed).status_code == 200
        with opened.store.reading() as s:
            found = [(one.by, one.action, one.person_id, one.detail) for one in audit.latest(s)]
        assert ("Practice system", "asked", 1, ehr.SIGN) in found
        assert ("Practice system", "asked", 1, f"{ehr.SIGN}/feedback") in found
        assert ("Practice system", "reported an override", 1, card["source"]["topic"]["code"]) in found
        assert "Practice system" in opened.get("/people/1/history").text


def test_the_own_secret_is_no_key_where_people_sign_in(tmp_path, folder):
    with clinic.open_clinic(tmp_path, accounts=True, cds_clients=folder / "clients.toml") as opened:
        assert not (tmp_path / "cds-hooks-secret").exists()
        assert opened.get("/cds-services").status_code == 401


def test_the_sandbox_is_answered_where_it_was_chosen_and_is_named_so(tmp_path):
    with clinic.open_clinic(tmp_path, cds_sandbox=True) as opened:
        assert opened.get("/cds-services").status_code == 200
        with opened.store.reading() as s:
            assert [one.by for one in audit.latest(s)] == ["CDS sandbox (not verified)"]


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ('{"context": {"patientId": "a\\u0000b"}}', "NUL"),
        ('{"context": {"patientId": "\\ud800"}}', "not JSON"),
        ('{"value": NaN}', "not JSON"),
    ],
)
def test_what_no_database_can_keep_is_refused_before_anything_is_done(tmp_path, body, cause):
    with clinic.open_clinic(tmp_path, cds_sandbox=True) as opened:
        for path in (ehr.VIEW, f"{ehr.VIEW}/feedback"):
            answer = opened.client.post(path, content=body, headers={"content-type": "application/json"})
            assert (answer.status_code, answer.json()["place"]) == (400, "body")
            assert cause in answer.json()["cause"]
