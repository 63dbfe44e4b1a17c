"""Free TCP ports on the loopback, the same ones for a home from one start to the next.

Some time goes by until a server listens on the port that was chosen for it. Meanwhile it is claimed, so that no other
stack that starts on this machine chooses it too.
"""

import hashlib
import json
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from commands.stack.errors import StackError
from commands.stack.info import write_whole

LOOPBACK = "127.0.0.1"
# Below the range from which the kernel picks ports for outgoing connections (32768 up): one of those could take our
# port between two starts, or between looking and listening.
FIRST, COUNT = 20_000, 12_000
_claims: dict[int, tuple[Path, int]] = {}  # of this process: file descriptors, which it keeps open to its end


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
    """Return a port for each name: the wanted one, else last time's if it is free, else a free one; remember them.

    They are claimed until `release`, or the end of this process.
    """
    for name, port in wanted.items():
        if port is not None and not is_free(port):
            raise StackError(
                f"port {port}, wanted for {name}, is taken by another program",
                "stop that program or choose another port",
            )
    remembered = _remembered(home)
    chosen: dict[str, int] = {}
    try:
        for name, port in wanted.items():
            avoid = {*chosen.values(), *_given(wanted)}
            chosen[name] = port if port is not None else _free_port(home, remembered.get(name), avoid)
        write_whole(home / "ports.json", json.dumps({**remembered, **chosen}, indent=2) + "\n")
    except BaseException:
        release(chosen.values())
        raise
    return chosen


def release(ports: Iterable[int]) -> None:
    """Let others choose these ports again."""
    for port in ports:
        if port in _claims:
            _, claim = _claims.pop(port)
            os.close(claim)


def _given(wanted: Mapping[str, int | None]) -> set[int]:
    return {port for port in wanted.values() if port is not None}


def _free_port(home: Path, last: int | None, avoid: set[int]) -> int:
    if last is not None and last not in avoid and _claim(last, home):
        return last
    # Each home begins to look at its own place, so that two that start at once do not meet.
    begin = int.from_bytes(hashlib.sha256(bytes(home)).digest()[:4], "big")
    for step in range(COUNT):
        port = FIRST + (begin + step) % COUNT
        if port not in avoid and _claim(port, home):
            return port
    raise StackError(f"no port between {FIRST} and {FIRST + COUNT} is free", "stop a program that listens there")


def _claim(port: int, home: Path) -> bool:
    """Claim a port for a home if it is free.

    The claim is a name in the kernel's abstract namespace, which ends with its process; only Linux has that.
    """
    if sys.platform != "linux":
        return is_free(port)
    if port in _claims:
        return _claims[port][0] == home and is_free(port)
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        name.bind(f"\0tuntas-port-{port}")
    except OSError:
        name.close()
        return False
    if not is_free(port):
        name.close()
        return False
    _claims[port] = (home, name.detach())
    return True


def _remembered(home: Path) -> dict[str, int]:
    try:
        ports = json.loads((home / "ports.json").read_bytes())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {name: port for name, port in ports.items() if isinstance(port, int)} if isinstance(ports, dict) else {}
