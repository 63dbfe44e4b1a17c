"""The local stack: Temporal, PostgreSQL, a mail catcher and the workers under one supervisor, without Docker or root.

Everything is kept in a home (`.tuntas/`, or `TUNTAS_HOME`), so that a stopped stack goes on where it was. Errors are
`StackError`, with a problem and a remedy.
"""

from commands.stack.alone import erase, postgres, temporal
from commands.stack.errors import StackError
from commands.stack.info import StackInfo
from commands.stack.options import StackOptions, default_home
from commands.stack.postgres_server import PostgresServer
from commands.stack.service import Service, User
from commands.stack.stack import Stack
from commands.stack.supervisor import read_info, run, start_detached, stop, until_stopped
from commands.stack.temporal_server import TemporalServer

__all__ = [
    "PostgresServer",
    "Service",
    "Stack",
    "StackError",
    "StackInfo",
    "StackOptions",
    "TemporalServer",
    "User",
    "default_home",
    "erase",
    "postgres",
    "read_info",
    "run",
    "start_detached",
    "stop",
    "temporal",
    "until_stopped",
]
