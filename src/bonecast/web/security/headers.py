"""What every answer tells the browser: load nothing from elsewhere, run nothing inline, keep nothing."""

from __future__ import annotations

CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS = {
    "content-security-policy": CONTENT,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NOT_KEPT = "no-store"
ONLY_HTTPS = "max-age=31536000"


def headers_for(given: set[str], secure: bool) -> dict[str, str]:
    """The headers to add to an answer that has already these (in lower case)."""
    made = {name: value for name, value in ALWAYS.items() if name not in given}
    if "cache-control" not in given:
        made["cache-control"] = NOT_KEPT
    if secure:
        made["strict-transport-security"] = ONLY_HTTPS
    return made
