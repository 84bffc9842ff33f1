"""Passwords: kept as argon2id hashes, checked in the same time whether the account is there or not."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bonecast.core import gettext
from bonecast.errors import InputError

SHORTEST, LONGEST = 12, 200  # characters; NIST SP 800-63B asks for at least 8, and for length over rules
AT_ONCE = 2  # hashes that are made at the same time: each takes 64 MiB and a core
_HASHER = PasswordHasher()  # argon2id, 64 MiB, 3 passes, 4 lanes: RFC 9106's second recommended setting
_FEW = threading.BoundedSemaphore(AT_ONCE)


def hashed(password: str) -> str:
    """What is kept of a password. Raises InputError where it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        hint = gettext(
            "use {shortest} to {longest} characters, such as four words", shortest=SHORTEST, longest=LONGEST
        )
        raise InputError("password", gettext("it has {password} characters", password=len(password)), hint)
    with _FEW:
        return _HASHER.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Is this the password? With nothing kept, the same work is done and the answer is no."""
    known = kept or _nobody()
    try:
        with _FEW:
            return _HASHER.verify(known, password[:LONGEST]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _HASHER.hash("no account has this")
