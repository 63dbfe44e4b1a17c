"""The web application: its parts under their addresses, and what holds for all of them."""

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from telemetry.context import Answering
from web import health, public
from web.api.app import mounted
from web.auth import answers, own_pages, provider_pages
from web.auth import pages as sign_in
from web.body_limit import BodyLimit
from web.desk import access, policies
from web.desk import router as desk
from web.desk.admin import accounts, agents, keys
from web.headers import SecurityHeaders
from web.patience import Patience
from web.services import Services
from web.tracing import request_spans

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

STATIC = Path(__file__).parent / "static"


def create_app(services: Services, tracer_provider: "TracerProvider | None" = None) -> FastAPI:
    """Return the application. It starts nothing and stops nothing: its services belong to whoever made them.

    With a provider each request is a span, the beginning of a trace or a part of its caller's.
    """
    app = FastAPI(
        title="Tuntas", docs_url=None, redoc_url=None, openapi_url=None, telemetry=request_spans(tracer_provider)
    )
    app.state.services = services
    app.include_router(health.router)
    app.router.routes.append(mounted(services))
    for part in (sign_in, provider_pages, own_pages, access, policies, agents, accounts, keys):
        app.include_router(part.router)
    desk.install(app)
    answers.install(app)
    public.add_to(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(Patience)
    app.add_middleware(SecurityHeaders, secure=services.secure)
    app.add_middleware(Answering)
    return app
