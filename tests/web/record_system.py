"""A record system of the tests' own on the loopback: SMART authorisation server and FHIR store in one."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

EXAMPLE = Path(__file__).parents[2] / "examples" / "late-dose.fhir.json"
KEY = ec.generate_private_key(ec.SECP384R1())
STRANGERS_KEY = ec.generate_private_key(ec.SECP384R1())
CLIENT = "bonecast"


def example_resources() -> list[dict[str, Any]]:
    """The resources of the invented woman whose dose came late."""
    return [entry["resource"] for entry in json.loads(EXAMPLE.read_text("utf-8"))["entry"]]


@dataclass
class RecordSystem:
    """What it answers; a test changes it. `asked` are method and path of each request, `grants` the codes."""

    port: int = 0
    redirect_uri: str = ""
    secret: str = ""
    resources: list[dict[str, Any]] = field(default_factory=example_resources)
    deny: str = ""  # error of the authorization endpoint
    wait: bool = False  # show a page with a choice, as for a person
    expires_in: int = 3600
    scope: str = ""  # granted; what was asked for by default
    token_change: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    sign_with: Any = KEY
    configuration: dict[str, Any] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)  # of a FHIR type
    page: int = 200
    next_on: str = ""  # another server for the next page
    refuse_refresh: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    authorized: list[dict[str, str]] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    _refresh: set[str] = field(default_factory=set)

    @property
    def base(self) -> str:
        """Another site than the application's for a browser, which is called by number."""
        return f"http://localhost:{self.port}"

    @property
    def iss(self) -> str:
        return f"{self.base}/fhir"

    @property
    def patient(self) -> str:
        return next(one["id"] for one in self.resources if one["resourceType"] == "Patient")

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.base,
            "jwks_uri": f"{self.base}/jwks",
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code"],
            "capabilities": ["launch-ehr", "launch-standalone", "sso-openid-connect"],
            "scopes_supported": ["online_access"],
        } | self.configuration

    def authorize(self, asked: dict[str, str]) -> tuple[int, str]:
        """Status and place of the answer to an authorization request."""
        self.authorized.append(asked)
        if asked.get("redirect_uri") != self.redirect_uri or asked.get("client_id") != CLIENT:
            return 400, "unknown client"
        said: dict[str, str] = {"state": asked.get("state", "")}
        fits = (
            asked.get("response_type") == "code"
            and asked.get("code_challenge_method") == "S256"
            and len(asked.get("code_challenge", "")) == 43
            and len(said["state"]) >= 22
            and (asked.get("launch") == "launch-1") == ("launch" in asked.get("scope", "").split())
        )
        if self.deny:
            said |= {"error": self.deny, "error_description": "the person said no"}
        elif not fits:
            said |= {"error": "invalid_request"}
        elif asked.get("aud") != self.iss:
            said |= {"error": "invalid_request", "error_description": "aud"}
        else:
            code = f"code-{len(self.authorized)}"
            self._codes[code] = asked
            said |= {"code": code}
        return 302, f"{self.redirect_uri}?{urlencode(said)}"

    def token(self, form: dict[str, str], login: str) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer of the token endpoint."""
        expected = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode() if self.secret else ""
        if login != (f"Basic {expected}" if expected else "") or (
            not self.secret and form.get("client_id") != CLIENT
        ):
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "refresh_token":
            if self.refuse_refresh or form["refresh_token"] not in self._refresh:
                return 400, {"error": "invalid_grant"}
            self._refresh.discard(form["refresh_token"])
            return 200, self._granted(self.scope or "patient/*.rs", {})
        asked = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or form["redirect_uri"] != self.redirect_uri:
            return 400, {"error": "invalid_grant"}
        return 200, self._granted(self.scope or asked["scope"], asked)

    def _granted(self, scope: str, asked: dict[str, str]) -> dict[str, Any]:
        access, refresh = (f"{kind}-{time.monotonic_ns()}" for kind in ("access", "refresh"))
        self.tokens.add(access)
        self._refresh.add(refresh)
        made = {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": self.expires_in,
            "scope": scope,
            "patient": self.patient,
        }
        if "nonce" in asked:
            now = int(time.time())
            claims = {
                "iss": self.base,
                "aud": CLIENT,
                "exp": now + 300,
                "iat": now,
                "nonce": asked["nonce"],
            }
            made["id_token"] = jwt.encode(
                claims | self.claims, self.sign_with, "ES384", headers={"kid": "key-1"}
            )
        return {key: value for key, value in (made | self.token_change).items() if value is not None}

    def search(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer of the FHIR store."""
        kind, _, id_ = path.partition("/")
        if kind in self.status:
            return self.status[kind], {"resourceType": "OperationOutcome"}
        found = [one for one in self.resources if one["resourceType"] == kind]
        if id_:
            one = next((one for one in found if one.get("id") == id_), None)
            return (200, one) if one else (404, {"resourceType": "OperationOutcome"})
        start = int(query.get("from", 0))
        made: dict[str, Any] = {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": one} for one in found[start : start + self.page]],
        }
        if start + self.page < len(found):
            where = self.next_on or self.iss
            following = urlencode({"patient": query["patient"], "from": start + self.page})
            made["link"] = [{"relation": "next", "url": f"{where}/{kind}?{following}"}]
        return 200, made


class _Handler(BaseHTTPRequestHandler):
    system: RecordSystem

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.system.asked.append(("GET", parts.path))
        if parts.path == "/fhir/.well-known/smart-configuration":
            self._json(200, self.system.discovery())
        elif parts.path == "/jwks":
            key = json.loads(ECAlgorithm.to_jwk(KEY.public_key()))
            self._json(200, {"keys": [key | {"kid": "key-1", "use": "sig", "alg": "ES384"}]})
        elif parts.path == "/authorize" and self.system.wait and "chosen" not in query:
            body = f'<!doctype html><title>Record</title><a href="{self.path}&chosen=1">Allow</a>'
            self._send(200, body.encode(), "text/html")
        elif parts.path == "/authorize":
            status, place = self.system.authorize(query)
            self._send(status, place.encode(), "text/plain", {"location": place} if status == 302 else {})
        elif parts.path == "/chart":
            launch = urlencode({"iss": self.system.iss, "launch": "launch-1"})
            start = self.system.redirect_uri.replace("/callback", "/launch")
            body = f'<!doctype html><title>Record</title><a href="{start}?{launch}">Bonecast</a>'
            self._send(200, body.encode(), "text/html")
        elif parts.path == "/favicon.ico":
            self._send(200, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")
        elif parts.path.startswith("/fhir/"):
            token = self.headers.get("authorization", "").removeprefix("Bearer ")
            if token not in self.system.tokens:
                self._json(401, {})
            else:
                self._json(*self.system.search(parts.path.removeprefix("/fhir/"), query))
        else:
            self._json(404, {})

    def do_POST(self) -> None:
        self.system.asked.append(("POST", self.path))
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        form = {key: values[0] for key, values in parse_qs(body).items()}
        if self.path == "/token":
            self._json(*self.system.token(form, self.headers.get("authorization", "")))
        else:
            self._json(405, {})

    do_PUT = do_DELETE = do_PATCH = do_POST

    def _json(self, status: int, body: dict[str, Any]) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Iterator[RecordSystem]:
    """A record system behind a real server."""
    system = RecordSystem()
    handler = type("Handler", (_Handler,), {"system": system})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    system.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()


def issuers_file(folder: Path, system: RecordSystem, url: str, **more: Any) -> Path:
    """The allow-list with this record system, which knows the application under `url`."""
    system.redirect_uri = f"{url}/smart/callback"
    lines = [f'url = "{url}"', "[[issuer]]", 'name = "Test record"', f'iss = "{system.iss}"']
    lines += [f'client_id = "{CLIENT}"', *(f"{key} = {json.dumps(value)}" for key, value in more.items())]
    path = folder / "issuers.toml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
