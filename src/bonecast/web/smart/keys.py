"""The key by which tokens of record systems are encrypted where they are kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bonecast.errors import InputError, printable
from bonecast.web.security.registered import check_private, make_secret

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

VARIABLE = "BONECAST_SMART_KEY"


def token_cipher(path: Path) -> Fernet:
    """The cipher of tokens: its key from the environment, or else from a file, made for its owner only.

    Parameters
    ----------
    path : Path
        The file, for where the environment has no key.

    Returns
    -------
    Fernet

    Raises
    ------
    InputError
        If the key is none, or others can read the file.
    """
    from cryptography.fernet import Fernet

    given = os.environ.get(VARIABLE)
    place = VARIABLE if given else printable(path, 120)
    if not given:
        make_secret(path, lambda: Fernet.generate_key().decode(), place, f"set {VARIABLE}")
        check_private(path, place)
    try:
        return Fernet((given or path.read_text("utf-8")).strip())
    except ValueError:
        hint = "give 32 random bytes in URL-safe base64; without it, charts are opened again from the record system"
        raise InputError(place, "this is no key", hint) from None
