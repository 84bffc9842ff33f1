"""Is the application well? For the people who watch over it."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bonecast.reports import bonecast_version
from bonecast.web.context import store_of

router = APIRouter()


class Health(BaseModel):
    """The state of the application."""

    status: Literal["ok", "failing"]
    version: str
    database: Literal["ok", "failing"]


@router.get("/health", responses={503: {"model": Health}})
def health(request: Request, response: Response) -> Health:
    """`ok` where the database answers; with status 503 where it does not."""
    try:
        with store_of(request).reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        response.status_code = 503
        return Health(status="failing", version=bonecast_version(), database="failing")
    return Health(status="ok", version=bonecast_version(), database="ok")
