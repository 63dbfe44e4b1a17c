"""Free TCP ports on the loopback, the same ones for a home from one start to the next."""

import hashlib
import json
import socket
from collections.abc import Mapping
from pathlib import Path

from commands.stack.errors import StackError
from commands.stack.info import write_whole

LOOPBACK = "127.0.0.1"
# Below the range from which the kernel picks ports for outgoing connections (32768 up): one of those could take our
# port between two starts, or between looking and listening.
FIRST, COUNT = 20_000, 12_000


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Without this a port would count as taken for a minute after its last connection.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose_ports(home: Path, wanted: Mapping[str, int | None]) -> dict[str, int]:
    """Return a port for each name: the wanted one, else last time's if it is free, else a free one; remember them."""
    remembered = _remembered(home)
    chosen: dict[str, int] = {}
    for name, port in wanted.items():
        if port is not None and not is_free(port):
            raise StackError(
                f"port {port}, wanted for {name}, is taken by another program",
                "stop that program or choose another port",
            )
        if port is None:
            port = _free_port(home, remembered.get(name), avoid={*chosen.values(), *_given(wanted)})  # noqa: PLW2901
        chosen[name] = port
    write_whole(home / "ports.json", json.dumps({**remembered, **chosen}, indent=2) + "\n")
    return chosen


def _given(wanted: Mapping[str, int | None]) -> set[int]:
    return {port for port in wanted.values() if port is not None}


def _free_port(home: Path, last: int | None, avoid: set[int]) -> int:
    if last is not None and last not in avoid and is_free(last):
        return last
    # Each home begins to look at its own place, so that two that start at once do not meet.
    begin = int.from_bytes(hashlib.sha256(bytes(home)).digest()[:4], "big")
    for step in range(COUNT):
        port = FIRST + (begin + step) % COUNT
        if port not in avoid and is_free(port):
            return port
    raise StackError(f"no port between {FIRST} and {FIRST + COUNT} is free", "stop a program that listens there")


def _remembered(home: Path) -> dict[str, int]:
    try:
        ports = json.loads((home / "ports.json").read_bytes())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {name: port for name, port in ports.items() if isinstance(port, int)} if isinstance(ports, dict) else {}
