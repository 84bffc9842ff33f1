"""The pages, one module for each kind; a module has its `router`, and asks `context` for what it needs."""

from __future__ import annotations

from fastapi import APIRouter

from bonecast.web.pages import (
    accounts,
    check,
    compare,
    evidence,
    forecast,
    history,
    imports,
    jobs,
    language,
    late,
    models,
    monograph,
    overview,
    own_account,
    people,
    plan,
    plans,
    printing,
    record,
    record_steps,
    report,
    safety,
    service,
    sign_in,
    trials,
    worklist,
)

# The order in which addresses are looked up.
ROUTERS: tuple[APIRouter, ...] = tuple(
    page.router
    for page in (
        worklist, service, people, imports, record, record_steps, overview, check, forecast, late, compare,
        plan, safety, printing, report, monograph, history, accounts, models, plans, evidence, trials, jobs,
    )
)  # fmt: skip
# What everyone may do: these have gates of their own.
OPEN_ROUTERS: tuple[APIRouter, ...] = (sign_in.router, language.router, own_account.router)
