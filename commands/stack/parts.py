"""What a stack consists of: its services, in the order in which they start.

A new part is one more function that returns a `Service`, listed in `Parts`, and its address in `describe`.
"""

import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from commands.stack.info import StackInfo
from commands.stack.options import ROOT, StackOptions
from commands.stack.ports import LOOPBACK, choose_ports, release
from commands.stack.postgres_server import PostgresServer
from commands.stack.secret import secret_of
from commands.stack.service import Service
from commands.stack.surroundings import Surroundings
from commands.stack.temporal_server import TemporalServer, is_polled

WORKER_STEADY_SECONDS = 0.5
WEB_GRACE = 20.0  # longer than `commands.web.GRACE`


class Parts:
    """The services of one stack and what they are told of each other."""

    def __init__(self, options: StackOptions, environment: Mapping[str, str]) -> None:
        self.options = options
        self.around = Surroundings.of(environment)
        self._environment = environment
        self._ports = choose_ports(options.home, self._wanted_ports())
        self.postgres = None if self.around.database_url else PostgresServer(options.home, options.postgres_user)
        self.temporal = None if self.around.temporal else self._temporal()

    def release(self) -> None:
        """Let others have the ports, once nothing listens there any more."""
        release(self._ports.values())

    @property
    def foundation(self) -> list[Service]:
        """What the others stand on, in the order of starting; it stops in the reverse."""
        services = [part.service for part in (self.postgres, self.temporal) if part is not None]
        return services if self.around.smtp_url else [*services, self._mail()]

    @property
    def workers(self) -> list[Service]:
        return [self._worker(number) for number in range(1, self.options.workers + 1)]

    @property
    def web(self) -> list[Service]:
        """The web application, if it is wanted."""
        return [self._web()] if "web" in self._ports else []

    @property
    def database_url(self) -> str:
        return self.around.database_url or (self.postgres.url if self.postgres else "")

    @property
    def connection(self) -> Mapping[str, Any]:
        """How to connect to Temporal: the arguments of `Client.connect`."""
        if self.temporal is None:
            return self.around.temporal or {}
        return {"target_host": self.temporal.address, "namespace": self.temporal.namespace}

    def describe(self, processes: Mapping[str, int]) -> StackInfo:
        metrics = self._ports.get("metrics")
        return StackInfo(
            temporal_address=self.connection["target_host"],
            namespace=self.connection["namespace"],
            ui_url=self.temporal.ui_url if self.temporal else None,
            database_url=self.database_url,
            smtp=self._smtp,
            web_url=self._web_url,
            metrics_url=f"http://{LOOPBACK}:{metrics}/metrics" if metrics else None,
            processes=dict(processes),
        )

    @property
    def _smtp(self) -> str:
        return self.around.smtp or f"{LOOPBACK}:{self._ports['smtp']}"

    @property
    def _web_url(self) -> str | None:
        return f"http://{LOOPBACK}:{self._ports['web']}" if "web" in self._ports else None

    def _wanted_ports(self) -> dict[str, int | None]:
        wanted: dict[str, int | None] = {}
        if not self.around.temporal:
            wanted |= {"temporal": self.options.temporal_port, "ui": self.options.ui_port}
        if not self.around.smtp_url:
            wanted["smtp"] = self.options.smtp_port
        if self.options.metrics_port is not None:
            wanted["metrics"] = self.options.metrics_port or None
        if self.options.web_port is not None:
            wanted["web"] = self.options.web_port or None
        return wanted

    def _temporal(self) -> TemporalServer:
        return TemporalServer(
            port=self._ports["temporal"],
            ui_port=self._ports["ui"],
            database=self.options.home / "temporal" / "temporal.db",
            namespace=self.options.namespace,
            arguments=self.options.temporal_arguments,
        )

    def _mail(self) -> Service:
        port, directory = self._ports["smtp"], self.options.home / "mail"
        return Service(
            name="mail",
            argv=(sys.executable, "-m", "commands.stack.mail", "--directory", str(directory), "--port", str(port)),
            environment=_with_our_modules(self._environment),
            ready=partial(_greets, port),
        )

    def _worker(self, number: int) -> Service:
        queue = self.options.worker_queue
        return Service(
            name="worker" if number == 1 else f"worker-{number}",
            argv=self.options.worker_command or (sys.executable, str(ROOT / "worker.py")),
            environment=self._worker_environment(number),
            ready=partial(is_polled, self.connection, queue) if queue else _at_once,
            # With several workers the queue may be polled by another one, so each must at least stay alive.
            steady_for=WORKER_STEADY_SECONDS,
            grace=self.options.worker_grace,
        )

    def _web(self) -> Service:
        port = self._ports["web"]
        return Service(
            name="web",
            argv=(sys.executable, "-m", "commands.main", "web", "--host", LOOPBACK, "--port", str(port)),
            environment=self._surroundings(),
            ready=partial(_is_live, port),
            grace=WEB_GRACE,
        )

    def _worker_environment(self, number: int) -> dict[str, str]:
        environment = self._surroundings()
        if "metrics" in self._ports and number == 1:
            environment["TUNTAS_METRICS_ADDRESS"] = f"{LOOPBACK}:{self._ports['metrics']}"
        return environment | self.options.worker_environment

    def _surroundings(self) -> dict[str, str]:
        """What our own programs are told of the others."""
        environment = _with_our_modules(self._environment) | {
            "DATABASE_URL": self.database_url,
            "TUNTAS_HOME": str(self.options.home),
            "TUNTAS_SMTP_URL": self.around.smtp_url or f"smtp://{self._smtp}",
            "TUNTAS_SECRET": self._environment.get("TUNTAS_SECRET") or secret_of(self.options.home),
        }
        if self._web_url and not environment.get("TUNTAS_WEB_URL"):
            environment["TUNTAS_WEB_URL"] = self._web_url
        if self.temporal is not None:
            environment.setdefault("TUNTAS_UI_URL", self.temporal.ui_url or "")
            environment |= {
                "TEMPORAL_ADDRESS": self.temporal.address,
                "TEMPORAL_NAMESPACE": self.temporal.namespace,
                # The user's own profile may ask for TLS or an API key, which this server does not know.
                "TEMPORAL_CONFIG_FILE": os.devnull,
            }
        return environment


async def _at_once() -> bool:
    return True


async def _greets(port: int) -> bool:
    import asyncio

    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    try:
        return (await reader.readline()).startswith(b"220")
    finally:
        writer.close()


async def _is_live(port: int) -> bool:
    import asyncio

    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    try:
        writer.write(b"GET /health/live HTTP/1.0\r\n\r\n")
        return b" 200 " in await reader.readline()
    except OSError:
        return False
    finally:
        writer.close()


def _with_our_modules(environment: Mapping[str, str]) -> dict[str, str]:
    """Let `python -m commands…` find us from any working directory."""
    path = [str(ROOT), *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    return {**environment, "PYTHONPATH": os.pathsep.join(dict.fromkeys(path)), "PYTHONUNBUFFERED": "1"}


def make_directories(home: Path) -> None:
    """Make the home and its parts. Only the database's own user, when that is another one, must pass through it."""
    home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    for name in ("logs", "mail", "temporal"):
        (home / name).mkdir(mode=0o700, exist_ok=True)
