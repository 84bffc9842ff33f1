"""The launch itself: discovery, the authorization request with PKCE, and tokens, each answer held to what was asked."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bonecast.errors import printable
from bonecast.web.smart.errors import SmartRefused
from bonecast.web.smart.http import ask
from bonecast.web.smart.issuers import SmartIssuer, is_safe

KINDS = (
    "Observation",
    "MedicationAdministration",
    "MedicationStatement",
    "MedicationRequest",
    "MedicationDispense",
    "Condition",
    "AllergyIntolerance",
    "Procedure",
    "ServiceRequest",
    "DiagnosticReport",
    "Immunization",
)
SKEW_S = 60  # how far two clocks may be apart
USUAL_LIFE_S = 300  # of a token that does not say
_ID_ALGORITHMS = ("RS256", "RS384", "ES256", "ES384")
_SCOPE = re.compile(r"(?:patient|user)/(?P<kind>[A-Za-z]+|\*)\.(?P<may>[a-z]+|\*)(?P<part>\?.*)?")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True)
class SmartEndpoints:
    """What a record system says of itself."""

    authorize: str
    token: str
    issuer: str = ""
    jwks: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SmartLaunch:
    """One launch between its start and the return of the browser."""

    issuer: SmartIssuer
    endpoints: SmartEndpoints
    by: str
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    browser: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


@dataclass(frozen=True)
class SmartToken:
    """What a record system granted: for whom, what may be read, and until when."""

    access: str = field(repr=False)
    patient: str
    scope: str
    expires: dt.datetime
    refresh: str = field(default="", repr=False)
    token_endpoint: str = ""

    def to_json(self) -> bytes:
        """All of it, to be encrypted."""
        kept = {
            "access": self.access,
            "patient": self.patient,
            "scope": self.scope,
            "expires": self.expires.isoformat(),
            "refresh": self.refresh,
            "token_endpoint": self.token_endpoint,
        }
        return json.dumps(kept).encode()

    @classmethod
    def from_json(cls, data: bytes) -> SmartToken:
        """The token that `to_json` wrote."""
        kept = json.loads(data)
        return cls(**(kept | {"expires": dt.datetime.fromisoformat(kept["expires"])}))

    def has_expired(self, now: dt.datetime) -> bool:
        """Is its time over?"""
        return now >= self.expires

    def may_read(self, kind: str) -> bool:
        """Was it granted to read and search resources of this kind?

        >>> token = SmartToken("", "p", "patient/Observation.rs patient/Condition.r user/Procedure.read", dt.datetime.now())
        >>> [token.may_read(kind) for kind in ("Observation", "Condition", "Procedure", "Immunization")]
        [True, False, True, False]
        """  # noqa: E501
        needed = {"r"} if kind in ("Patient", "Medication") else {"r", "s"}
        for one in self.scope.split():
            found = _SCOPE.fullmatch(one)
            if found and found["kind"] in (kind, "*") and needed <= _rights(found["may"]):
                return True
        return False

    def limited(self, kind: str) -> bool:
        """Was only a part of this kind granted, such as one category?"""
        found = [match for one in self.scope.split() if (match := _SCOPE.fullmatch(one))]
        theirs = [one for one in found if one["kind"] in (kind, "*")]
        return bool(theirs) and all(one["part"] for one in theirs)


def discover(issuer: SmartIssuer) -> SmartEndpoints:
    """What the record system says under `.well-known/smart-configuration`. Raises SmartRefused."""
    place = f"{issuer.name}, smart-configuration"
    status, found = ask("GET", f"{issuer.iss}/.well-known/smart-configuration", place)
    if status != 200 or not found:
        raise SmartRefused(place, f"there is none (status {status})", "ask its operator", 502)
    methods = found.get("code_challenge_methods_supported")
    if not isinstance(methods, list) or "S256" not in methods:
        raise SmartRefused(place, "it does not support PKCE with S256", "ask its operator", 502)
    said = {
        key: str(found.get(key) or "")
        for key in ("authorization_endpoint", "token_endpoint", "issuer", "jwks_uri")
    }
    for key, needed in (("authorization_endpoint", True), ("token_endpoint", True), ("jwks_uri", False)):
        if (needed or said[key]) and not is_safe(said[key]):
            raise SmartRefused(place, f"its {key} is no address over HTTPS", "ask its operator", 502)
    listed = found.get("scopes_supported")
    scopes = tuple(map(str, listed)) if isinstance(listed, list) else ()
    return SmartEndpoints(
        said["authorization_endpoint"], said["token_endpoint"], said["issuer"], said["jwks_uri"], scopes
    )


def authorization_url(launch: SmartLaunch, redirect_uri: str, launch_token: str = "") -> str:
    """Where the browser is sent: the authorization request, of an EHR launch with its token, else standalone."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(launch.verifier.encode()).digest()).rstrip(b"=")
    asked = {
        "response_type": "code",
        "client_id": launch.issuer.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(_scopes(launch, bool(launch_token))),
        "state": launch.state,
        "aud": launch.issuer.iss,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
        **({"launch": launch_token} if launch_token else {}),
        **({"nonce": launch.nonce} if launch.endpoints.jwks else {}),
    }
    joint = "&" if "?" in launch.endpoints.authorize else "?"
    return launch.endpoints.authorize + joint + urlencode(asked)


def exchange(launch: SmartLaunch, code: str, redirect_uri: str) -> SmartToken:
    """The token for a code. Raises SmartRefused."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": launch.verifier,
    }
    found = _granted(launch.issuer, launch.endpoints.token, form)
    if isinstance(found.get("id_token"), str):
        _check_identity(launch, found["id_token"])
    patient = found.get("patient")
    if not isinstance(patient, str) or not _ID.fullmatch(patient):
        raise SmartRefused(launch.issuer.name, "no patient was chosen", "open the chart from a patient")
    return _token(found, patient, launch.endpoints.token, launch.issuer)


def refreshed(issuer: SmartIssuer, token: SmartToken) -> SmartToken:
    """A new token in place of one whose time is over. Raises SmartRefused."""
    if not token.refresh:
        raise SmartRefused(issuer.name, "the access has expired", "open the chart again", 401)
    found = _granted(
        issuer, token.token_endpoint, {"grant_type": "refresh_token", "refresh_token": token.refresh}
    )
    if found.get("patient") not in (None, token.patient):
        raise SmartRefused(issuer.name, "the new access is for another patient", "open the chart again", 403)
    kept = {"refresh_token": token.refresh, "scope": token.scope} | found
    return _token(kept, token.patient, token.token_endpoint, issuer)


def _scopes(launch: SmartLaunch, from_record: bool) -> list[str]:
    supported = launch.endpoints.scopes
    wanted = ["launch" if from_record else "launch/patient"]
    if launch.endpoints.jwks:
        wanted += ["openid", "fhirUser"]
    if launch.issuer.offline:
        wanted.append("offline_access")
    elif "online_access" in supported:
        wanted.append("online_access")
    return [*wanted, "patient/Patient.r", *(f"patient/{kind}.rs" for kind in KINDS), "patient/Medication.r"]


def _granted(issuer: SmartIssuer, endpoint: str, form: dict[str, str]) -> dict[str, Any]:
    """What the token endpoint answers; a refusal with the error that it names."""
    login = (issuer.client_id, issuer.client_secret) if issuer.client_secret else None
    sent = form if login else form | {"client_id": issuer.client_id}
    status, found = ask("POST", endpoint, issuer.name, sent, login=login)
    if status != 200:
        cause = f"the record system gives no access ({printable(found.get('error') or status)})"
        raise SmartRefused(issuer.name, cause, "open the chart again", 403)
    kind = str(found.get("token_type")).casefold()
    if kind != "bearer" or not isinstance(found.get("access_token"), str) or not found["access_token"]:
        raise SmartRefused(issuer.name, "its answer holds no bearer token", "ask its operator", 502)
    return found


def _token(found: Mapping[str, Any], patient: str, endpoint: str, issuer: SmartIssuer) -> SmartToken:
    life = found.get("expires_in")
    known = isinstance(life, int) and not isinstance(life, bool) and 0 < life < 10**7
    expires = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=life if known else USUAL_LIFE_S)
    refresh = found.get("refresh_token")
    token = SmartToken(
        str(found["access_token"]),
        patient,
        str(found.get("scope") or ""),
        expires,
        refresh if isinstance(refresh, str) else "",
        endpoint,
    )
    if not token.may_read("Patient"):
        raise SmartRefused(issuer.name, "it was not granted to read the patient", "ask its operator", 403)
    return token


def _check_identity(launch: SmartLaunch, id_token: str) -> None:
    """Hold an id token to its signature, issuer, audience, time and our nonce."""
    import jwt

    place = f"{launch.issuer.name}, id token"
    status, keys = ask("GET", launch.endpoints.jwks, place) if launch.endpoints.jwks else (0, {})
    try:
        kid = jwt.get_unverified_header(id_token).get("kid")
        fitting = [one for one in keys.get("keys", []) if isinstance(one, dict) and one.get("kid") == kid]
        if status != 200 or len(fitting) != 1:
            raise SmartRefused(place, "there is no key for it", "ask its operator", 403)
        claims = jwt.decode(
            id_token,
            jwt.PyJWK(fitting[0]).key,
            algorithms=list(_ID_ALGORITHMS),
            audience=launch.issuer.client_id,
            issuer=launch.endpoints.issuer,
            leeway=SKEW_S,
            options={"require": ["iss", "aud", "exp", "iat"]},
        )
    except jwt.InvalidAudienceError:
        raise SmartRefused(place, "it is for another application", "open the chart again", 403) from None
    except jwt.ExpiredSignatureError:
        raise SmartRefused(place, "it has expired", "open the chart again", 403) from None
    except jwt.PyJWTError:
        raise SmartRefused(place, "it is not of this record system", "open the chart again", 403) from None
    if not secrets.compare_digest(str(claims.get("nonce")).encode(), launch.nonce.encode()):
        raise SmartRefused(place, "it is of another launch", "open the chart again", 403)


def _rights(suffix: str) -> set[str]:
    """What a scope grants: v2 letters, or the words of v1."""
    if suffix in ("*", "read", "write"):
        return {"*": {"r", "s"}, "read": {"r", "s"}, "write": set[str]()}[suffix]
    return set(suffix) if re.fullmatch(r"c?r?u?d?s?", suffix) else set()
