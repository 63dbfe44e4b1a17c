"""Who may sign in: accounts added, changed, disabled and enabled, new passwords, and sessions ended."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from complaints.errors import BadInput
from complaints.vocabulary import Role
from database import accounts, agents, sessions
from database.accounts import DESK_ROLES, Account
from database.pool import transaction
from database.sql import Connection
from starter import rpc
from web.auth import csrf, log, throttle
from web.auth.passwords import generated
from web.auth.rights import Action, require
from web.auth.user import User
from web.catalogue import LANGUAGES
from web.desk.admin import inputs
from web.desk.rendering import page
from web.services import Services, serving

router = APIRouter(prefix="/desk/admin", include_in_schema=False, dependencies=[Depends(csrf.checked)])
Admin = Annotated[User, Depends(require(Action.ADMINISTER))]
Here = Annotated[Services, Depends(serving)]
LIST = "/desk/admin/accounts"


@router.get("/accounts")
async def everyone(request: Request, here: Here, user: Admin) -> Response:
    async with rpc.postgres(), transaction(here.pool) as conn:
        found = await accounts.fetch(conn)
    return page(request, "accounts.html", user, accounts=found, done=request.query_params.get("done"), at="accounts")


@router.get("/accounts/new")
async def new(request: Request, user: Admin) -> Response:
    return _form(request, user, None, {})


@router.post("/accounts/new")
async def add(request: Request, here: Here, user: Admin) -> Response:
    """Add an account, with a password that is shown once if one is wanted."""
    form = await request.form()
    password = generated() if "with_password" in form else None
    hashed = await here.passwords.hash(password) if password else None
    try:
        account = inputs.account_of(form, inputs.text(form, "id"), here.now())
        async with rpc.postgres(), transaction(here.pool) as conn:
            await _create(conn, here, account)
            if hashed:
                await accounts.set_password(conn, account.id, hashed, here.now())
            await log.note(conn, here, user, "create_account", about=account.id)
    except BadInput as error:
        return _form(request, user, None, form, error)
    if password:
        return page(request, "password.html", user, account=account, password=password, at="accounts")
    return RedirectResponse(f"{LIST}?done=saved", HTTPStatus.SEE_OTHER)


@router.get("/accounts/{account_id}")
async def edit(request: Request, here: Here, user: Admin, account_id: str) -> Response:
    account = await _one(here, account_id)
    return _form(request, user, account, account.model_dump() | {"teams": " ".join(account.teams)})


@router.post("/accounts/{account_id}")
async def change(request: Request, here: Here, user: Admin, account_id: str) -> Response:
    """Change an account. What it may do counts from the next request on: its sessions end."""
    known, form = await _one(here, account_id), await request.form()
    try:
        account = inputs.account_of(form, account_id, here.now())
        _is_no_loss(account, user)
        account = account.model_copy(update={"issuer": known.issuer, "subject": known.subject})
        async with rpc.postgres(), transaction(here.pool) as conn:
            await _needs_agent(conn, here, account)
            await accounts.change(conn, account, here.now())
            await log.note(conn, here, user, "change_account", about=account_id)
    except BadInput as error:
        return _form(request, user, known, form, error)
    return RedirectResponse(f"{LIST}?done=saved", HTTPStatus.SEE_OTHER)


@router.post("/accounts/{account_id}/password")
async def new_password(request: Request, here: Here, user: Admin, account_id: str) -> Response:
    """Set a new password, shown once; whatever is signed in with the old one is signed out."""
    account, password = await _one(here, account_id), generated()
    hashed = await here.passwords.hash(password)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await accounts.set_password(conn, account_id, hashed, here.now())
        await throttle.forgive(conn, account_id)
        await log.note(conn, here, user, "set_password", about=account_id)
    return page(request, "password.html", user, account=account, password=password, at="accounts")


@router.post("/accounts/{account_id}/disable")
async def disable(request: Request, here: Here, user: Admin, account_id: str) -> Response:
    account = await _one(here, account_id)
    if account_id == user.id:
        error = BadInput("not oneself", field="id", remedy="let another administrator do it")
        return _form(request, user, account, account.model_dump() | {"teams": " ".join(account.teams)}, error)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await accounts.disable(conn, account_id, here.now())
        await log.note(conn, here, user, "disable_account", about=account_id)
    return RedirectResponse(f"{LIST}?done=disabled", HTTPStatus.SEE_OTHER)


@router.post("/accounts/{account_id}/enable")
async def enable(here: Here, user: Admin, account_id: str) -> Response:
    await _one(here, account_id)
    async with rpc.postgres(), transaction(here.pool) as conn:
        await accounts.enable(conn, account_id)
        await log.note(conn, here, user, "enable_account", about=account_id)
    return RedirectResponse(f"{LIST}?done=enabled", HTTPStatus.SEE_OTHER)


@router.get("/sessions")
async def all_sessions(request: Request, here: Here, user: Admin) -> Response:
    async with rpc.postgres(), transaction(here.pool) as conn:
        found = await sessions.listed(conn, here.now(), here.terms.idle)
    return page(request, "sessions.html", user, sessions=found, done=request.query_params.get("done"), at="sessions")


@router.post("/sessions/{number}/end")
async def end_session(here: Here, user: Admin, number: int) -> Response:
    async with rpc.postgres(), transaction(here.pool) as conn:
        account = await sessions.end(conn, number, here.now())
        await log.note(conn, here, user, "end_session", about=account)
    return RedirectResponse("/desk/admin/sessions?done=ended", HTTPStatus.SEE_OTHER)


async def _one(here: Services, account_id: str) -> Account:
    async with rpc.postgres(), transaction(here.pool) as conn:
        found = await accounts.get(conn, account_id)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _is_no_loss(account: Account, user: User) -> None:
    """Nobody takes the administration from themselves: the last one would leave an installation without any."""
    if account.id == user.id and not (account.administers or account.role is Role.ADMIN):
        raise BadInput("not oneself", field="role", remedy="let another administrator do it")


async def _create(conn: Connection, here: Services, account: Account) -> None:
    await _needs_agent(conn, here, account)
    if not await accounts.create(conn, account):
        raise BadInput("taken", field="id", remedy="choose another one")


async def _needs_agent(conn: Connection, here: Services, account: Account) -> None:
    """Whoever handles cases is an agent too: cases are given to agents."""
    if account.role in inputs.AGENT_ROLES and not await agents.fetch(conn, here.now(), agent_id=account.id):
        raise BadInput("no such agent", field="id", remedy="add the agent first")


def _form(request: Request, user: User, account: Account | None, shown: Any, error: BadInput | None = None) -> Response:
    return page(
        request, "admin_account.html", user, status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        account=account, shown=shown, error=error, roles=DESK_ROLES, spoken_here=LANGUAGES, at="accounts",
    )  # fmt: skip
