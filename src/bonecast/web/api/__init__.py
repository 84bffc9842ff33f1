"""The calls under /api/v1, which OpenAPI describes: the same work as the pages, in JSON."""

from bonecast.web.api import care, imports, people

ROUTERS = (people.router, care.router, imports.router)
