"""For all tests and examples in docstrings: what one of them registers is gone before the next."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

# Before NumPy is loaded, here and in what tests start: matrices are small, and threads that wait for each other turn
# a second of work into fifteen.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from bonecast.drugs import index
from bonecast.models import library

# The files that take longest, the longest first: one that comes last leaves the other workers without work.
LONGEST = (
    "test_every_page.py",
    "test_app_path_keyboard.py",
    "test_app_path_mouse.py",
    "test_clinic_in_browser.py",
    "test_modeller_in_browser.py",
    "test_engine_kernel_cache.py",
    "test_conditioning_calibration.py",
    "test_scores.py",
    "test_forecast_pages.py",
    "test_forecast_in_browser.py",
    "test_app_in_browser.py",
    "test_app_security.py",
    "test_app_commands.py",
    "test_docs.py",
    "test_care_load.py",
    "test_care_leaflet.py",
    "test_forecast_command.py",
    "test_agreeing_measurements.py",
    "test_trial_cluster.py",
    "test_window_trial.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in the order in which workers take them (`--dist loadfile --no-loadscope-reorder`)."""
    place = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.fixture(autouse=True)
def _registries_as_before() -> Iterator[None]:
    drugs, models = dict(index._registered), dict(library._registered)
    yield
    for registered, before in ((index._registered, drugs), (library._registered, models)):
        if registered != before:
            registered.clear()
            registered.update(before)
            index.forget()
