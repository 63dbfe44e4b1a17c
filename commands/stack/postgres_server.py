"""PostgreSQL as a part of the stack: made by `initdb` once, then run by us directly, on a Unix socket only.

Whoever can open the socket is trusted as the owner of all, so it stands in a directory that only its user (and root)
can enter, and nothing listens on TCP.
"""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from commands.stack.child import Child
from commands.stack.errors import StackError
from commands.stack.postgres_place import Place, find_place, prepare_directories
from commands.stack.postgres_programs import find_programs, version
from commands.stack.service import Service

ROLE = "tuntas"
_HAS_PROC = Path("/proc/self/cwd").exists()
# For a small machine shared with Temporal and the workers. What keeps data safe (fsync, full_page_writes,
# synchronous_commit) stays as PostgreSQL has it: on.
SETTINGS = {
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "512MB",
    "max_parallel_workers_per_gather": "0",  # parallel plans need more /dev/shm than a container gives
    "io_method": "sync",  # the default keeps three processes for reading ahead, which two cores do not reward
    "jit": "off",
    # When one of its processes crashes, the server ends, and who keeps it starts it afresh. Its own way back is not
    # safe: if recovery fails within milliseconds, as on a full disk, 18.6 stays alive for good and lets nobody in.
    "restart_after_crash": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Nothing of ours (no PGHOST, no locale that this machine may lack) reaches the server.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class PostgresServer:
    """The PostgreSQL of one home. `make` it once, then run `service`."""

    home: Path
    account: str = "nobody"
    database: str = "tuntas"
    settings: dict[str, str] = field(default_factory=dict)

    @cached_property
    def place(self) -> Place:
        return find_place(self.home, self.account)

    @cached_property
    def programs(self) -> Path:
        return find_programs(self.place.user)

    @property
    def url(self) -> str:
        return self._url(self.database)

    @property
    def service(self) -> Service:
        chosen = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.place.sockets),
            "unix_socket_permissions": "0700",
            **SETTINGS,
            **self.settings,
        }
        options = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
        return Service(
            name="postgres",
            argv=(str(self.programs / "postgres"), "-D", str(self.place.data), *options),
            environment=ENVIRONMENT,
            user=self.place.user,
            cwd=Path("/"),
            before=self._clear_the_way,
            ready=self._answers,
            after=self._remove_sockets,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes everything, then goes
            # "immediate": the postmaster takes its own children with it, which a SIGKILL would leave to find out for
            # themselves; the write-ahead log makes it as safe as a crash.
            death_signal=signal.SIGQUIT,
            grace=60.0,
        )

    async def make(self, logs: Path) -> None:
        """Make the cluster if there is none yet."""
        prepare_directories(self.home, self.place)
        try:
            made_by = (self.place.data / "PG_VERSION").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            await self._initialise(logs)
            return
        if made_by != version().split(".")[0]:
            raise StackError(
                f"the database in {self.place.data} was made by PostgreSQL {made_by}, and this is {version()}",
                "set TUNTAS_HOME to a new directory, or dump the old database with its own version and restore it",
            )

    async def make_database(self) -> None:
        """Create the database in the running server if it is not there yet."""
        import psycopg
        from psycopg import sql

        async with await psycopg.AsyncConnection.connect(self._url("postgres"), autocommit=True) as connection:
            found = await connection.execute("SELECT FROM pg_database WHERE datname = %s", (self.database,))
            if found.rowcount == 0:
                await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))

    def _url(self, database: str) -> str:
        return f"postgresql://{ROLE}@/{database}?host={self.place.sockets}"

    async def _initialise(self, logs: Path) -> None:
        # Made beside its place and then renamed: an initdb that was cut short leaves no half cluster to be started.
        unfinished = self.place.data.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if self.place.user is not None:
            os.chown(unfinished, self.place.user.uid, self.place.user.gid)
        argv = (
            *(str(self.programs / "initdb"), "-D", str(unfinished), "-U", ROLE, "--auth=trust", "--encoding=UTF8"),
            # PostgreSQL's own collation sorts alike on every machine, whatever locales that has.
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
        initdb = replace(self.service, name="initdb", argv=argv, death_signal=signal.SIGKILL)
        await Child(initdb, logs).finish()
        unfinished.rename(self.place.data)

    async def _answers(self) -> bool:
        import psycopg

        try:
            async with await psycopg.AsyncConnection.connect(self._url("postgres"), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    async def _clear_the_way(self) -> None:
        """See that what an unclean end left behind does not stop the next start.

        PostgreSQL refuses to start when the pid in `postmaster.pid` lives, which after a restart of the machine or the
        container may be anybody. We hold the home's lock, so we look who works in the data directory instead: nobody
        there means that the files are stale.
        """
        if not _HAS_PROC:
            return  # not Linux: PostgreSQL's own check is all there is
        for _ in range(150):
            users = list(_working_in(self.place.data))
            if not users:
                break
            await asyncio.sleep(0.1)  # left over from a killed supervisor, and on its way out
        else:
            raise StackError(f"{self.place.data} is in use by process {users[0]}", "stop that process")
        (self.place.data / "postmaster.pid").unlink(missing_ok=True)
        (self.place.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _remove_sockets(self) -> None:
        shutil.rmtree(self.place.sockets, ignore_errors=True)


def _working_in(directory: Path) -> Iterator[int]:
    """Yield the pids of the processes whose working directory this is, as it is of all of PostgreSQL's."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == directory:
                yield int(process.name)
