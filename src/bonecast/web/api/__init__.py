"""The calls under /api/v1, which OpenAPI describes: the same work as the pages, in JSON."""

from bonecast.web.api import account, care, evidence, imports, models, people, plans, trials

ROUTERS = (
    people.router,
    care.router,
    imports.router,
    models.router,
    plans.router,
    evidence.router,
    trials.router,
)
OWN_ROUTERS = (account.router,)  # what every role may do; these have a gate of their own
