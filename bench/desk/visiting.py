"""Who comes to the desk: as little of a browser as there can be, since it shares the processors with the server."""

import asyncio
import random
import re
import time
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode, urljoin, urlsplit

PASSWORD = "of the bench, and long enough"  # noqa: S105 (of nobody)
_ASSETS = re.compile(r"""(?:<link[^>]*? href|<script[^>]*? src|<img[^>]*? src)="(/static/[^"]+)\"""")
_IMPORTS = re.compile(r"""\bfrom "([^"]+)";|\burl\("?([^")]+)"?\)|@import "([^"]+)";""")


class Answer(NamedTuple):
    """`seconds` from the first byte sent to the last one received; `size` is everything that came, in bytes."""

    status: int
    seconds: float
    size: int
    head: str
    body: str


class Visitor:
    """A connection that is kept, and the cookies of whoever signed in on it."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._host, self._port, self._origin = where.hostname, where.port, url
        self._cookies: dict[str, str] = {}
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def sign_in(self, account: str) -> None:
        form = urlencode({"account": account, "password": PASSWORD, "to": "/account"})
        answer = await self._ask("POST", "/sign-in", form)
        if answer.status != 303:  # noqa: PLR2004
            raise RuntimeError(f"{account} cannot sign in: {answer.status}")
        for name, value in re.findall(r"^set-cookie: ([^=]+)=([^;\r]*)", answer.head, re.MULTILINE | re.IGNORECASE):
            self._cookies[name] = value

    async def get(self, path: str) -> Answer:
        return await self._ask("GET", path)

    async def listen(self, heard: list[int]) -> None:
        """Hold a stream of events open, and count what is heard; for as long as it is wanted."""
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(self._head("GET", "/desk/events", "").encode())
            async for line in reader:
                heard[0] += line.startswith(b"event: case")
        finally:
            writer.close()

    def close(self) -> None:
        if self._line is not None:
            self._line[1].close()
            self._line = None

    async def _ask(self, method: str, path: str, body: str = "") -> Answer:
        if self._line is None or self._line[0].at_eof():  # the server ends a connection that was idle for long
            self._line = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._line
        began = time.perf_counter()
        writer.write((self._head(method, path, body) + body).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        found = re.search(r"^content-length: (\d+)", head, re.MULTILINE | re.IGNORECASE)
        content = await reader.readexactly(int(found[1]) if found else 0)
        took = time.perf_counter() - began
        return Answer(
            int(head.split(" ", 2)[1]), took, len(head) + len(content), head, content.decode(errors="replace")
        )

    def _head(self, method: str, path: str, body: str) -> str:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        typed = f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n" if body else ""
        return (
            f"{method} {path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\norigin: {self._origin}\r\n"
            f"accept: text/html\r\ncookie: {cookies}\r\n{typed}\r\n"
        )


async def first_page(visitor: Visitor, path: str) -> dict[str, int]:
    """Return the bytes that a browser loads for a page that it has never seen, by address: the page and its assets."""
    page = await visitor.get(path)
    sizes, waiting = {path: page.size}, list(_ASSETS.findall(page.body))
    while waiting:
        address = waiting.pop()
        if address in sizes:
            continue
        asset = await visitor.get(address)
        sizes[address] = asset.size
        waiting += [
            urljoin(address, next(filter(None, found)))
            for found in _IMPORTS.findall(asset.body)
            if not next(filter(None, found)).startswith("data:")
        ]
    return sizes


class Chance:
    """What somebody asks for next: as often as people do, of the cases that they may see."""

    QUEUES = ("team", "unassigned", "at_risk", "breached", "awaiting", "on_hold", "approvals", "all", "ended")
    NARROWED = ("?severity=major", "?category=billing", "?channel=phone", "")
    KINDS = {"my_work": 20, "queue": 30, "search": 15, "case": 25, "case_from_records": 5, "team": 5}

    def __init__(
        self, seed: int, words: Sequence[str], live: Sequence[str], recorded: Sequence[str], lead: bool
    ) -> None:
        self._random = random.Random(seed)
        self._words, self._live, self._recorded = words, live, recorded
        open_to = [kind for kind in self.KINDS if (lead or kind != "team") and (live or kind != "case")]
        self._kinds, self._weights = open_to, [self.KINDS[kind] for kind in open_to]

    def next(self) -> tuple[str, str]:
        """Return a kind of page and an address of one."""
        kind = self._random.choices(self._kinds, self._weights)[0]
        return kind, self.address(kind)

    def address(self, kind: str) -> str:
        pick = self._random.choice
        if kind == "my_work":
            return "/desk"
        if kind == "queue":
            return f"/desk/queues/{pick(self.QUEUES)}{pick(self.NARROWED)}"
        if kind == "search":
            return f"/desk/queues/{pick(('mine', 'team', 'all', 'ended'))}?q={quote(pick(self._words))}"
        if kind == "team":
            return "/desk/team"
        return f"/desk/cases/{pick(self._live if kind == 'case' else self._recorded)}"

    def every(self) -> list[str]:
        """Every kind of address: for the plans, which do not depend on how often it is asked for."""
        queues = [f"/desk/queues/{name}{more}" for name in ("mine", *self.QUEUES) for more in self.NARROWED]
        words = (self._words[0], self._words[len(self._words) // 2], self._words[-1])
        searches = [f"/desk/queues/{name}?q={word}" for name in ("mine", "team", "all", "ended") for word in words]
        return [*queues, *searches, *map(self.address, self._kinds)]
