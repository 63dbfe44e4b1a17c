"""The web application: its parts under their addresses, and what holds for all of them."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from web import health
from web.auth.answers import sign_in_needed
from web.auth.current import SignInNeeded
from web.body_limit import BodyLimit
from web.headers import SecurityHeaders
from web.services import Services

STATIC = Path(__file__).parent / "static"


def create_app(services: Services) -> FastAPI:
    """Return the application. It starts nothing and stops nothing: its services belong to whoever made them."""
    app = FastAPI(title="Tuntas", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.services = services
    app.include_router(health.router)
    app.add_exception_handler(SignInNeeded, sign_in_needed)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, secure=services.secure)
    return app
