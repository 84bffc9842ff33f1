"""Tokens of forms: a page of another site cannot know them, so it cannot post in a user's name."""

from __future__ import annotations

import hashlib
import hmac
import secrets

FIELD = "csrf"
HEADER = "x-csrf-token"


def new_browser() -> str:
    """A secret for a browser that has none yet."""
    return secrets.token_urlsafe(32)


def token_for(key: bytes, holder: str) -> str:
    """The token of the holder of this session or browser secret: HMAC-SHA256 with the server's key."""
    return hmac.new(key, holder.encode(), hashlib.sha256).hexdigest()


def is_token(key: bytes, holder: str | None, token: str | None) -> bool:
    """Was this token made for this holder?"""
    return bool(holder and token) and hmac.compare_digest(token_for(key, holder or ""), token or "")
