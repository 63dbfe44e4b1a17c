"""The addresses of the public pages, once for each language; `/` leads to the visitor's own."""

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.catalogue import languages, preferred
from web.public import answering, choosing, consenting, filing, following, lost_links, promising, surveying
from web.public.guarding import Guarded
from web.public.rendering import PART, page

_PARTS = (filing, lost_links, following, answering, surveying, promising, consenting, choosing)
pages = APIRouter(route_class=Guarded)


@pages.get("")
async def home(request: Request) -> Response:
    return page(request, "home.html.j2")


@pages.get("/privacy")
async def privacy(request: Request) -> Response:
    return page(request, "privacy.html.j2")


async def missing(request: Request) -> Response:
    """An address of ours that leads nowhere."""
    return page(request, "missing.html.j2", status=404)


async def front(request: Request) -> Response:
    language = preferred(request.headers.get("accept-language"), PART)
    return RedirectResponse(f"/{language}", 302, headers={"vary": "accept-language"})


def add_to(app: FastAPI) -> None:
    """Put the pages into an application."""
    front_door = APIRouter(route_class=Guarded)
    front_door.add_api_route("/", front, methods=["GET"])
    app.include_router(front_door)
    last = APIRouter(route_class=Guarded)
    last.add_api_route("/{rest:path}", missing, methods=["GET"])
    for language in languages(PART):
        for router in (pages, *(part.router for part in _PARTS), last):
            app.include_router(router, prefix=f"/{language}")
