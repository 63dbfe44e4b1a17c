"""Keys of services for the HTTP interface: listed, made, given a new secret, revoked. A secret is shown once."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.errors import BadInput
from database import api_keys
from database.api_keys import PER_MINUTE, Scope
from database.pool import transaction
from starter import rpc
from web.api.keys import Secret, new_id, new_secret
from web.auth import csrf, log
from web.auth.rights import Action, require
from web.auth.user import User
from web.desk.admin import inputs
from web.desk.rendering import page
from web.services import Services, serving

router = APIRouter(prefix="/desk/admin/keys", include_in_schema=False, dependencies=[Depends(csrf.checked)])
Admin = Annotated[User, Depends(require(Action.ADMINISTER))]
Here = Annotated[Services, Depends(serving)]
LIST = "/desk/admin/keys"
OVERLAP = timedelta(hours=24)  # how long the old secret is still valid


@router.get("")
async def listed(request: Request, here: Here, user: Admin) -> Response:
    async with rpc.postgres(), transaction(here.pool) as conn:
        found = await api_keys.fetch(conn, here.now())
    return page(request, "keys.html", user, keys=found, done=request.query_params.get("done"), at="api_keys")


@router.get("/new")
async def new(request: Request, user: Admin) -> Response:
    return _form(request, user, {"per_minute": str(PER_MINUTE)}, ())


@router.post("/new")
async def add(request: Request, here: Here, user: Admin) -> Response:
    """Make a key, and show its secret: this once, since only a digest of it is kept."""
    form = await request.form()
    try:
        key = inputs.key_of(form, new_id(), here.now())
    except BadInput as error:
        return _form(request, user, form, form.getlist("scopes"), error)
    secret = new_secret(key.id)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await api_keys.add(conn, key, secret.digest)
        await log.note(conn, here, user, "create_api_key", about=key.id)
    return _shown(request, user, key.id, secret)


@router.post("/{key_id}/rotate")
async def rotate(request: Request, here: Here, user: Admin, key_id: str) -> Response:
    """Give a key a new secret; for a day the old one is valid too, so that a service can change over."""
    secret, now = new_secret(key_id), here.now()
    async with rpc.postgres(), transaction(here.pool) as conn:
        if not await api_keys.rotate(conn, key_id, secret.digest, now=now, until=now + OVERLAP):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        await log.note(conn, here, user, "rotate_api_key", about=key_id)
    return _shown(request, user, key_id, secret)


@router.post("/{key_id}/revoke")
async def revoke(here: Here, user: Admin, key_id: str) -> Response:
    """End a key at once, with all its secrets."""
    async with rpc.postgres(), transaction(here.pool) as conn:
        if not await api_keys.revoke(conn, key_id, here.now()):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        await log.note(conn, here, user, "revoke_api_key", about=key_id)
    return RedirectResponse(f"{LIST}?done=revoked", HTTPStatus.SEE_OTHER)


def _shown(request: Request, user: User, key_id: str, secret: Secret) -> Response:
    return page(request, "key_secret.html", user, key_id=key_id, secret=secret.token, at="api_keys")


def _form(request: Request, user: User, shown: Any, chosen: Any, error: BadInput | None = None) -> Response:
    return page(
        request, "key.html", user, status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK, shown=shown,
        chosen=chosen, error=error, scopes=tuple(Scope), at="api_keys",
    )  # fmt: skip
