"""The working pages of the desk under one address."""

from fastapi import FastAPI

from web.desk import acting, case, entering, leading, own_evaluations, records, reviews, streams, work
from web.desk.context import Desk


def install(app: FastAPI) -> None:
    """Add the desk. Its stream of events listens to PostgreSQL only while a page is open."""
    app.state.desk = Desk()
    for part in (work, case, acting, entering, leading, reviews, own_evaluations, records, streams):
        app.include_router(part.router, prefix="/desk", include_in_schema=False)
