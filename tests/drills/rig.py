"""What a drill runs on: a whole stack of its own, with proxies in front of its services if they are to be cut."""

import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from commands.demo.play import TEAM
from commands.session import quiet_runtime
from commands.stack import PostgresServer, Stack, StackInfo, StackOptions, erase
from commands.stack.child import Child
from commands.stack.options import absolute
from commands.stack.parts import make_directories
from commands.stack.ports import choose_ports
from complaints.assignment import Agent
from complaints.model import Personal
from database import agents
from database.pool import transaction
from starter.client import Tuntas, connect
from tests.drills.proxy import Proxy, socket_directory, to_port, to_socket
from tests.drills.rules import policy

PORTS = ("temporal", "ui", "smtp")


@dataclass
class Rig:
    """A running stack and the ways to hurt it."""

    home: Path
    stack: Stack
    info: StackInfo
    tuntas: Tuntas
    postgres: PostgresServer
    proxies: dict[str, Proxy] = field(default_factory=dict)  # temporal, postgres, smtp
    more: dict[str, Child] = field(default_factory=dict)  # parts that a drill has added
    began: float = field(default_factory=time.monotonic)

    @property
    def mails(self) -> Path:
        return self.home / "mail"

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def child(self, name: str) -> Child:
        children = [child for row in self.stack._rows for child in row]
        return self.more.get(name) or next(child for child in children if child.service.name == name)

    async def stop_more(self) -> None:
        for child in self.more.values():
            await child.stop()

    def log(self, name: str) -> str:
        path = self.home / "logs" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""


@asynccontextmanager
async def rig(*, proxied: bool = False, prepared=None, workers: int = 1, **options) -> AsyncIterator[Rig]:
    """`prepared(postgres)` is an async context around the stack, for what must stand before it."""
    with tempfile.TemporaryDirectory(prefix="tuntas-drill-", ignore_cleanup_errors=True) as directory:
        home = absolute(Path(directory)) / "home"
        make_directories(home)
        try:
            async with AsyncExitStack() as around:
                ports = choose_ports(home, dict.fromkeys(PORTS))
                postgres = PostgresServer(home)
                if prepared is not None:
                    await around.enter_async_context(prepared(postgres))
                proxies: dict[str, Proxy] = {}
                environment: dict[str, str] = {}
                if proxied:
                    proxies, environment = await _proxies(around, postgres, ports)
                environment |= options.pop("worker_environment", {})
                chosen = StackOptions.model_validate(
                    {
                        "home": home,
                        "prepare": "database.migrate:migrate",
                        "worker_environment": environment,
                        "workers": workers,
                        **{f"{name}_port": port for name, port in ports.items()},
                        **options,
                    }
                )
                stack = Stack(chosen)
                info = await around.enter_async_context(stack)
                tuntas = await around.enter_async_context(
                    await connect(
                        database_url=info.database_url,
                        policy=policy(),
                        target_host=info.temporal_address,
                        namespace=info.namespace,
                        runtime=quiet_runtime(),
                    )
                )
                await _hire(tuntas)
                running = Rig(home, stack, info, tuntas, postgres, proxies)
                around.push_async_callback(running.stop_more)
                yield running
        finally:
            erase(home)


async def _proxies(
    around: AsyncExitStack, postgres: PostgresServer, ports: dict[str, int]
) -> tuple[dict[str, Proxy], dict[str, str]]:
    """A proxy for each service, and what a worker must be told to go through them."""
    sockets = around.enter_context(socket_directory())
    proxies = {
        "temporal": to_port(ports["temporal"]),
        "smtp": to_port(ports["smtp"]),
        "postgres": to_socket(postgres.place.sockets / ".s.PGSQL.5432"),
    }
    for proxy in proxies.values():
        around.push_async_callback(proxy.close)
    await proxies["temporal"].listen(0)
    await proxies["smtp"].listen(0)
    await proxies["postgres"].listen_unix(sockets / ".s.PGSQL.5432")
    return proxies, {
        "TEMPORAL_ADDRESS": f"127.0.0.1:{proxies['temporal'].port}",
        "TUNTAS_SMTP_URL": f"smtp://127.0.0.1:{proxies['smtp'].port}",
        "DATABASE_URL": f"postgresql://tuntas@/tuntas?host={sockets}",
    }


async def _hire(tuntas: Tuntas) -> None:
    async with transaction(tuntas.pool) as conn:
        for name, tier in TEAM.items():
            email = Personal(f"{name}@example.test")
            await agents.save(conn, Agent(id=name, tier=tier, team=tier, name=Personal(name.title()), email=email))
