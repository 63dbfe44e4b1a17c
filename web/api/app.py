"""The interface as an application of its own, mounted at `/api/v1`, with its own errors and its own description."""

import re
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.routing import Mount

from web.api import acting, evidence, filing, looking, messages, records
from web.api.document import document
from web.api.page import page
from web.api.problems import Problems
from web.services import Services
from web.tracing import request_spans


def mounted(services: Services) -> Mount:
    """Return the application at its address: whatever begins so is answered by it, a line end in the address too."""
    mount = Mount("/api/v1", create_api(services), name="api")
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


def create_api(services: Services) -> FastAPI:
    """Return the application that answers under `/api/v1`."""
    api = FastAPI(
        title="Tuntas", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False,
        telemetry=request_spans(None),  # the application that it is mounted in has begun the span
    )  # fmt: skip
    api.state.services = services
    parts = [part.router for part in (filing, evidence, messages, acting, looking, records)]
    for part in parts:
        api.include_router(part)
    described = document(api, _version())
    shown = page(described)
    Problems(api, [route for part in parts for route in part.routes], services.base_url)

    @api.get("/openapi.json", include_in_schema=False)
    async def openapi() -> JSONResponse:
        return JSONResponse(described)

    @api.get("/", include_in_schema=False)
    async def human() -> HTMLResponse:
        return HTMLResponse(shown)

    return api


def _version() -> str:
    try:
        return version("tuntas")
    except PackageNotFoundError:  # a checkout that was not installed
        return "0"
