"""`tuntas policy`: list, look at, check and compare policies, and keep the holidays of their calendars."""

import typer

from commands.policy import calendars, check, differences, showing

app = typer.Typer(help="Look at policies, check and compare them, refresh their holidays.", no_args_is_help=True)
calendar = typer.Typer(help="Calendars of policies.", no_args_is_help=True)
for module in (showing, check, differences):
    module.add_to(app)
calendars.add_to(calendar)
app.add_typer(calendar, name="calendar")
