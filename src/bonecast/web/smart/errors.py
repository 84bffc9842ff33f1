"""Why a chart cannot be opened, with the status of the page that says so."""

from __future__ import annotations

from bonecast.errors import InputError


class SmartRefused(InputError):
    """A launch that goes no further.

    Parameters
    ----------
    place : str
        Where.
    cause : str
        Why.
    hint : str
        What to do.
    status : int
        Status of the answer.
    """

    def __init__(self, place: str, cause: str, hint: str = "", status: int = 400) -> None:
        super().__init__(place, cause, hint)
        self.status = status
