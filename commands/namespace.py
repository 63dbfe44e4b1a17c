"""`tuntas namespace ensure`: the namespace and its search attributes, on a Temporal service of one's own."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from commands.output import Json, print_json, say

if TYPE_CHECKING:
    from starter.namespace import Ensured

app = typer.Typer(help="The namespace on Temporal.", no_args_is_help=True)

_HOURS = {"h": 1, "d": 24}


@app.callback()
def _group() -> None:
    """The namespace on Temporal."""


@app.command()
def ensure(
    retention: Annotated[
        str | None,
        typer.Option(help="How long Temporal keeps archived cases: 30d, 720h. [as it is; 30d for a new one]"),
    ] = None,
    patience: Annotated[float, typer.Option(help="Seconds to wait for a server that comes up.", min=0)] = 60.0,
    as_json: Json = False,
) -> None:
    """Make the namespace if it is missing, set its retention, register missing search attributes.

    May be repeated: what is there stays. The namespace is that of TEMPORAL_NAMESPACE.
    """
    import asyncio

    found = asyncio.run(_ensure(_span(retention) if retention else None, patience))
    print_json(found) if as_json else say(_told(found))


async def _ensure(retention: timedelta | None, patience: float) -> "Ensured":
    from commands.session import temporal_client
    from starter.namespace import ensure as bring

    return await bring(await temporal_client(), retention, patience=patience)


def _span(text: str) -> timedelta:
    from complaints.errors import BadInput

    found = re.fullmatch(r"([1-9]\d{0,5})([hd])", text.strip())
    if found is None:
        raise BadInput("is no span of time", field="--retention", remedy="write days or hours: 30d, 720h")
    return timedelta(hours=int(found[1]) * _HOURS[found[2]])


def _told(found: "Ensured") -> str:
    from commands.output import in_words

    state = "made" if found.created else "there"
    kept = in_words(found.retention_seconds) + (" (changed)" if found.retention_changed else "")
    added = ", ".join(found.search_attributes_added) or "nothing: all are there"
    return f"namespace {found.namespace}: {state}\nretention {kept}\nsearch attributes added: {added}"
