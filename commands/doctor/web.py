"""The web application, where people find it: whether it answers, and reaches what it stands on."""

import asyncio

from commands.doctor.finding import Finding, ok, skipped, unreachable
from commands.readiness import readiness


async def web(url: str | None) -> Finding:
    if url is None:
        return skipped("web", "no address of the web application is known: TUNTAS_WEB_URL")
    found = await asyncio.to_thread(readiness, url)
    if found.problem is not None:
        return unreachable("web", f"{url}: {found.problem}", found.remedy)
    return ok("web", f"the web application at {url} is ready", url=url)
