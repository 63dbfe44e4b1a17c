"""The working pages of the desk under one address."""

from fastapi import APIRouter, FastAPI

from web.desk import acting, case, entering, leading, streams, work
from web.desk.context import Desk


def install(app: FastAPI) -> None:
    """Add the desk. Its stream of events listens to PostgreSQL only while a page is open."""
    desk = APIRouter(prefix="/desk", include_in_schema=False)
    for part in (work, case, acting, entering, leading, streams):
        desk.include_router(part.router)
    app.state.desk = Desk()
    app.include_router(desk)
