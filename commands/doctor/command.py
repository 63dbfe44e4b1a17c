"""`tuntas doctor`: what is wrong, in words."""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from commands.output import Json, console, print_json, table

if TYPE_CHECKING:
    from commands.doctor.finding import Finding

_STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red", "skipped": "dim"}


def add_to(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(as_json: Json = False) -> int:
    """Say what is wrong and what to do about it. It changes nothing, sends nothing, and takes seconds.

    Exit code 0: all well; 5: a service does not answer; 6: something else is wrong.
    """
    from commands.doctor.examine import examine
    from commands.doctor.finding import exit_code
    from commands.doctor.places import find

    logging.disable(logging.CRITICAL)  # what is wrong is said once, here
    findings = asyncio.run(examine(find()))
    print_json(findings) if as_json else _show(findings)
    return exit_code(findings)


def _show(findings: "Sequence[Finding]") -> None:
    from rich.markup import escape
    from rich.text import Text

    shown = table("check!", "state!", "what", "what to do")
    for finding in findings:
        state = Text(finding.state, style=_STYLES[finding.state])
        shown.add_row(finding.check, state, escape(finding.what), escape(finding.remedy))
    console().print(shown)
