"""`tuntas web`: the web application in a process of its own; a composition root."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.output import now

if TYPE_CHECKING:
    from settings import Settings
    from telemetry.traces import NoTraces, Traces
    from web.auth.terms import Terms
    from web.services import Services

log = logging.getLogger("tuntas.web")

GRACE = 15  # seconds that requests under way may take when it is stopped


def add_to(app: typer.Typer) -> None:
    app.command("web")(serve)


def serve(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Which port to listen on.", min=1, max=65_535)] = 8080,
    check: Annotated[bool, typer.Option("--check", help="Ask the one that listens there whether it is ready.")] = False,
) -> int:
    """Serve the HTTP interface and the pages until SIGTERM or Ctrl-C; several may run side by side."""
    if check:
        return _check(port)
    import signal
    import sys

    import uvloop

    from complaints.errors import BadInput
    from settings import Settings
    from telemetry import logs
    from telemetry.traces import tracing

    settings = Settings()
    logs.configure(settings.log_level)
    # Once it has served its last answer, uvicorn raises the signal anew: that must not take the last spans with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with tracing("tuntas-web") as traces, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, host, port, traces))
    except BadInput as error:
        log.error("%s: %s; %s", error.field, error.problem, error.remedy)  # noqa: TRY400 (it says all there is to say)
        return error.exit_code
    return 0


def _check(port: int) -> int:
    """Raises `Unreachable` if it does not answer here, or what it stands on does not."""
    from commands.output import say
    from commands.readiness import readiness
    from complaints.errors import Unreachable

    found = readiness(f"http://127.0.0.1:{port}")
    if found.problem is not None:
        raise Unreachable(found.problem, field="web", remedy=found.remedy)
    say("ready")
    return 0


async def _serve(settings: "Settings", host: str, port: int, traces: "Traces | NoTraces") -> None:
    import uvicorn

    from telemetry import memory
    from web.app import create_app
    from web.patience import ImpatientProtocol
    from web.warming import warm

    async with opened(settings, traces, f"http://{host}:{port}") as services:
        app = create_app(services, traces.provider)
        warm(services)
        memory.settle()
        # No access log: the addresses of our pages hold links that open a case.
        config = uvicorn.Config(
            app, host=host, port=port, log_config=None, access_log=False, server_header=False,
            proxy_headers=settings.trusted_proxies is not None, forwarded_allow_ips=settings.trusted_proxies or "",
            http=ImpatientProtocol, timeout_graceful_shutdown=GRACE, timeout_keep_alive=15,
        )  # fmt: skip
        await _server(uvicorn, config, app).serve()


def _server(uvicorn: Any, config: Any, app: Any) -> Any:
    """Return a server that, told to stop, first ends the streams of open pages: they would outlast its patience."""

    class Server(uvicorn.Server):  # type: ignore[misc]  # the module is imported late
        async def shutdown(self, sockets: Any = None) -> None:
            app.state.desk.hub.close()
            await super().shutdown(sockets=sockets)

    return Server(config)


@asynccontextmanager
async def opened(settings: "Settings", traces: "Traces | NoTraces", address: str) -> "AsyncIterator[Services]":
    """What the application works with. Nothing is reached yet: a service that is away is told with each answer."""
    from channels.signing import Signer
    from commands.session import find
    from complaints.errors import BadInput
    from starter.client import connect
    from telemetry import metrics
    from web.services import Services

    if settings.secret is None:
        raise BadInput("is not set", field="TUNTAS_SECRET", remedy="set it to random characters, or use `tuntas up`")
    terms = terms_of(settings)
    signer = Signer(settings.secret.get_secret_value())
    runtime = metrics.runtime(None)
    async with await connect(
        **find(), policy=settings.policy, runtime=runtime, interceptors=traces.interceptors, through=traces.pool
    ) as tuntas:
        base_url = (settings.web_url or address).rstrip("/")
        services = Services(
            tuntas=tuntas, signer=signer, base_url=base_url, now=now, terms=terms, organisation=settings.organisation,
            ui_url=settings.ui_url,
        )  # fmt: skip
        try:
            yield services
        finally:
            services.close()


def terms_of(settings: "Settings") -> "Terms":
    """Return how sign-in goes here. Raises `BadInput` naming the variable that cannot be used."""
    from datetime import timedelta

    from complaints.errors import BadInput
    from complaints.vocabulary import Role
    from web.auth.terms import Provider, Terms

    idle, longest = timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
    if settings.oidc_issuer is None:
        return Terms(idle=idle, longest=longest, local_accounts=settings.local_accounts)
    if settings.oidc_client_id is None:
        remedy = "set it to what the provider knows Tuntas by"
        raise BadInput("is not set", field="TUNTAS_OIDC_CLIENT_ID", remedy=remedy)
    known = set(Role)
    if unknown := sorted(set(settings.oidc_roles.values()) - known):
        remedy = f"use roles such as {Role.AGENT}, {Role.LEAD}, {Role.AUDITOR}, {Role.ADMIN}"
        raise BadInput(f"no role is called {unknown[0]}", field="TUNTAS_OIDC_ROLES", remedy=remedy)
    provider = Provider(
        issuer=settings.oidc_issuer, client_id=settings.oidc_client_id, client_secret=settings.oidc_client_secret,
        name=settings.oidc_name, scopes=settings.oidc_scopes, id_claim=settings.oidc_id_claim,
        role_claim=settings.oidc_role_claim, team_claim=settings.oidc_team_claim,
        roles={word: Role(role) for word, role in settings.oidc_roles.items()},
    )  # fmt: skip
    return Terms(idle=idle, longest=longest, provider=provider, local_accounts=settings.local_accounts)
