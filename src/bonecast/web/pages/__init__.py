"""The pages, one module for each kind; a module has its `router`, and asks `context` for what it needs."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from fastapi import APIRouter

# TODO until all pages are there: their modules become plain imports.
_NAMES = (
    "people", "imports", "record", "injections", "check", "forecast", "late", "compare", "stop", "safety", "printing",
    "report", "monograph", "history", "account", "accounts", "models", "plans", "evidence", "trials", "jobs",
)  # fmt: skip

ROUTERS: tuple[APIRouter, ...] = tuple(
    import_module(f"{__name__}.{name}").router for name in _NAMES if find_spec(f"{__name__}.{name}")
)
OPEN_ROUTERS: tuple[APIRouter, ...] = (import_module(f"{__name__}.sign_in").router,)
