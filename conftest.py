"""For all tests and examples in docstrings: what one of them registers is gone before the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bonecast.drugs import index
from bonecast.models import library


@pytest.fixture(autouse=True)
def _registries_as_before() -> Iterator[None]:
    drugs, models = dict(index._registered), dict(library._registered)
    yield
    for registered, before in ((index._registered, drugs), (library._registered, models)):
        if registered != before:
            registered.clear()
            registered.update(before)
            index.forget()
