"""Reading agents from CSV: all of it or nothing, errors with their line."""

from collections.abc import Mapping
from pathlib import Path

from complaints.assignment import Agent
from complaints.errors import BadInput
from complaints.messages.commands import Actor
from complaints.model import read
from starter.csv_files import CsvRow, read_csv

_LISTS = ("skills", "languages")
_COLUMNS = ("id", "name", "email", "role", "team", "tier", *_LISTS, "substitute")


def read_agents(path: Path, tiers: Mapping[str, str]) -> list[Agent]:
    """Return the agents of a file; `tiers` gives the team of each tier, which stands where none is given."""
    table = read_csv(path)
    for column in table.columns:
        if column not in _COLUMNS:
            raise BadInput("unknown column", field=f"line 1: {column}", remedy=f"use {', '.join(_COLUMNS)}")
    for needed in ("id", "tier"):
        if needed not in table.columns:
            raise BadInput("column is missing", field=f"line 1: {needed}", remedy="the first line names the columns")
    return [_agent(row, tiers) for row in table.rows]


def _agent(row: CsvRow, tiers: Mapping[str, str]) -> Agent:
    line = row.line
    if row.problem:
        raise BadInput(row.problem, field=f"line {line}", remedy="give each column its field")
    raw: dict[str, object] = {name: value.strip() for name, value in row.values.items() if value.strip()}
    raw |= {name: tuple(str(raw[name]).replace(",", " ").split()) for name in _LISTS if name in raw}
    try:
        agent = read(Agent, raw)
        read(Actor, {"id": agent.id, "role": agent.role})  # who may act
    except BadInput as error:
        raise BadInput(error.problem, field=f"line {line}: {error.field}", remedy=error.remedy) from error
    if agent.tier not in tiers:
        remedy = f"use one of {', '.join(tiers)}"
        raise BadInput("not a tier of the policy", field=f"line {line}: tier", remedy=remedy)
    return agent.model_copy(update={"team": agent.team or tiers[agent.tier]})
