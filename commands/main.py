"""The `tuntas` command. Each group of commands has a module; what it needs is imported when it is used."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from commands import (
    accounts,
    acting,
    agents,
    apikey,
    audit,
    cases,
    closure,
    contact,
    duplicates,
    explain,
    failing,
    importing,
    listing,
    mailbox,
    namespace,
    policy,
    reconcile,
    replan,
    report,
    reviews,
    schema,
    similar,
    simulate,
    speaking,
    up,
    verbs,
    web,
    whatif,
    worker,
)
from commands.demo import command as demo
from commands.doctor import command as doctor

app = typer.Typer(
    name="tuntas",
    help="Complaints that are seen through to the end.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    cases,
    closure,
    duplicates,
    explain,
    listing,
    similar,
    speaking,
    acting,
    importing,
    replan,
    report,
    simulate,
    whatif,
    schema,
    up,
    worker,
    web,
    doctor,
    reconcile,
    demo,
):
    module.add_to(app)
app.add_typer(accounts.app, name="account")
app.add_typer(agents.app, name="agents")
app.add_typer(apikey.app, name="apikey")
app.add_typer(audit.app, name="audit")
app.add_typer(contact.app, name="contact")
app.add_typer(mailbox.app, name="mailbox")
app.add_typer(namespace.app, name="namespace")
app.add_typer(policy.app, name="policy")
app.add_typer(reviews.app, name="reviews")
verbs.add_to(app)


def main() -> NoReturn:
    """Run and leave at once: the SDK's threads can abort an interpreter that takes its time to end."""
    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # the reader has gone: `tuntas list | head`
            code = code or 0
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    as_json = "--json" in arguments
    command = typer.main.get_command(app)
    try:
        result = command.main(args=list(arguments), prog_name="tuntas", standalone_mode=False)
    except typer.TyperException as error:
        return failing.usage(error, as_json=as_json)
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):  # the reader has gone, and has what it wanted
            return 0
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  every error ends in an exit code
        return failing.report(error, as_json=as_json)
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
