"""The calls under /api/v1, which OpenAPI describes: the same work as the pages, in JSON."""

from bonecast.web.api import care, evidence, imports, models, people, plans, trials

ROUTERS = (
    people.router,
    care.router,
    imports.router,
    models.router,
    plans.router,
    evidence.router,
    trials.router,
)
