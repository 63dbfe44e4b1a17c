"""Whether a web application that runs somewhere is ready: `tuntas web --check`, and doctor."""

from typing import NamedTuple

WITHIN = 8.0  # seconds: it asks PostgreSQL and Temporal in turn


class Readiness(NamedTuple):
    """`problem` None: it is ready."""

    problem: str | None = None
    remedy: str = ""


def readiness(url: str) -> Readiness:
    """Ask `/health/ready` at an address."""
    import httpx2

    try:
        answer = httpx2.get(f"{url.rstrip('/')}/health/ready", timeout=WITHIN, trust_env=False)
        states = answer.json()
    except httpx2.TransportError:
        return Readiness("nobody answers there", "see that `tuntas web` is running, and its log")
    except (ValueError, httpx2.InvalidURL):
        return Readiness(
            "what answers there is not ours", "see that TUNTAS_WEB_URL, and the proxy, lead to `tuntas web`"
        )
    away = [name for name, state in states.items() if state != "ok"] if isinstance(states, dict) else ["health"]
    if away:
        return Readiness(
            f"it cannot reach {' and '.join(away)}", "see that they run, and what `tuntas web` is told of them"
        )
    return Readiness()
