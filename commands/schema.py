"""`tuntas schema`: what others may script against, as JSON Schema 2020-12; and the table of transitions."""

from enum import StrEnum
from typing import Any

import typer

from commands.output import Json, print_json

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Subject(StrEnum):
    """What has a schema."""

    SCENARIO = "scenario"
    SIMULATION = "simulation"
    INTAKE = "intake"
    COMMAND = "command"
    EXPLAIN = "explain"
    WHY = "why"
    POLICY = "policy"
    TRANSITIONS = "transitions"


def add_to(app: typer.Typer) -> None:
    app.command()(schema)


def schema(subject: Subject, as_json: Json = False) -> None:
    """Print the JSON Schema of a format, or the table of transitions."""
    del as_json  # it is JSON in any case
    if subject is Subject.TRANSITIONS:
        from complaints.lifecycle import TRANSITIONS

        print_json([row._asdict() for row in TRANSITIONS])
        return
    print_json(schema_of(subject))


def schema_of(subject: Subject) -> dict[str, Any]:
    """Return the schema of what is read (scenario, intake, command, policy) or printed (simulation, explain)."""
    from pydantic import TypeAdapter

    printed = subject in (Subject.SIMULATION, Subject.EXPLAIN, Subject.WHY)
    found = TypeAdapter(_model(subject)).json_schema(mode="serialization" if printed else "validation")
    return {"$schema": DIALECT, "$id": f"urn:tuntas:schema:{subject}", **found}


def _model(subject: Subject) -> Any:
    if subject is Subject.SCENARIO:
        from simulation import Scenario

        return Scenario
    if subject is Subject.POLICY:
        from complaints.policy import Policy

        return Policy
    if subject is Subject.INTAKE:
        from complaints.messages.intake import Intake

        return Intake
    if subject is Subject.COMMAND:
        from complaints.messages.commands import AgentCommand

        return AgentCommand
    if subject is Subject.WHY:
        from complaints.messages.reasons import ClosingReasons, EscalationReasons

        return EscalationReasons | ClosingReasons
    from complaints.messages.view import CaseView, Explanation

    return CaseView if subject is Subject.SIMULATION else tuple[Explanation, ...]
