"""The second factor: codes of six digits that change every 30 seconds (TOTP, RFC 6238), and recovery codes."""

from __future__ import annotations

import hashlib
import hmac
import io
import re
import secrets
import time

import segno
from pyotp import random_base32
from pyotp.totp import TOTP

STEP_S = 30
DRIFT = 1  # steps that the clock of a phone may differ
CODES = 8  # recovery codes
ANSWER_S = 300  # seconds between the password and the code


def new_key() -> str:
    """A key for an authenticator."""
    return random_base32()


def is_key(text: str) -> bool:
    """Is this a key as `new_key` makes them?

    >>> is_key(new_key()), is_key("0189")
    (True, False)
    """
    return bool(re.fullmatch(r"[A-Z2-7]{32}", text))


def address(key: str, name: str) -> str:
    """What an authenticator reads from the picture.

    >>> address("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "ann")[:50]
    'otpauth://totp/Bonecast:ann?secret=JBSWY3DPEHPK3PX'
    """
    return TOTP(key).provisioning_uri(name=name, issuer_name="Bonecast")


def picture(key: str, name: str) -> str:
    """The same as a QR code (SVG without styles)."""
    drawn = io.BytesIO()
    segno.make(address(key, name), error="m").save(
        drawn, kind="svg", scale=4, border=3, light="#fff", xmldecl=False, svgns=False, omitsize=True
    )
    return drawn.getvalue().decode()


def step_of(key: str, code: str, after: int, now: float | None = None) -> int | None:
    """The time step of this code, if it is right and newer than the last that was used; None otherwise.

    >>> key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    >>> code = TOTP(key).at(1_000_000)
    >>> step_of(key, code, 0, 1_000_000), step_of(key, code, 33_333, 1_000_000)
    (33333, None)
    """
    typed, made = code.replace(" ", ""), TOTP(key)
    current = int((time.time() if now is None else now) // STEP_S)
    fitting = [
        step
        for step in range(current - DRIFT, current + DRIFT + 1)
        if step > after and hmac.compare_digest(made.generate_otp(step).encode(), typed.encode())
    ]
    return fitting[0] if fitting else None


def new_recovery_codes() -> list[str]:
    """Codes that each take the place of the authenticator once: shown once, kept as hashes (`recovery_hash`)."""
    return [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(CODES)]


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code, in whatever way it is typed.

    >>> recovery_hash("ABCDEF 012345") == recovery_hash("abcdef-012345")
    True
    """
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def passed_first(form_key: bytes, account_id: int, secret: str, now: float | None = None) -> str:
    """What the page that asks for the code holds: the password was right. `secret` is what is kept of it."""
    until = int((time.time() if now is None else now) + ANSWER_S)
    return f"{account_id}.{until}.{_seal(form_key, account_id, until, secret)}"


def account_passed(text: str) -> int:
    """The account that this text of `passed_first` names, not checked yet; 0 where it names none."""
    first = text.partition(".")[0]
    return int(first) if first.isdecimal() and len(first) < 10 else 0


def is_passed(form_key: bytes, text: str, secret: str, now: float | None = None) -> bool:
    """Was this text made here, for this password, within the last minutes?"""
    first, until, seal = [*text.split("."), "", "", ""][:3]
    if not (first.isdecimal() and until.isdecimal() and len(first) < 10 and len(until) < 12):
        return False
    right = hmac.compare_digest(_seal(form_key, int(first), int(until), secret).encode(), seal.encode())
    return right and int(until) >= (time.time() if now is None else now)


def _seal(form_key: bytes, account_id: int, until: int, secret: str) -> str:
    text = f"factor\n{account_id}\n{until}\n{secret}"
    return hmac.new(form_key, text.encode(), hashlib.sha256).hexdigest()
