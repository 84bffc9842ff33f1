"""The pages, one module for each kind; a module has its `router`, and asks `context` for what it needs."""

from __future__ import annotations

from fastapi import APIRouter

from bonecast.web.pages import (
    accounts,
    check,
    clinic_settings,
    compare,
    data_protection,
    evidence,
    forecast,
    history,
    imports,
    jobs,
    language,
    late,
    learn,
    models,
    monograph,
    overview,
    own_account,
    papers,
    people,
    plan,
    plans,
    printing,
    recall,
    record,
    record_steps,
    report,
    safety,
    service,
    sign_in,
    together,
    trials,
    trust,
    worklist,
)

# The order in which addresses are looked up.
ROUTERS: tuple[APIRouter, ...] = tuple(
    page.router
    for page in (
        worklist, recall, service, people, data_protection, imports, record, record_steps, overview, check, forecast,
        late, compare, plan, safety, printing, papers, together, report, monograph, history, accounts, clinic_settings,
        models, plans, evidence, learn, trials, jobs,
    )
)  # fmt: skip
# What everyone may do: these have gates of their own.
OPEN_ROUTERS: tuple[APIRouter, ...] = (
    sign_in.router,
    language.router,
    own_account.router,
    trust.router,
)
