"""Run the drills: one JSON line each, and a table of all at the end. Exit code 1 if anything was not as it must be."""

import argparse
import asyncio
import logging
import signal
import sys

from rich.console import Console
from rich.table import Table

from tests.drills.drill import Report, run
from tests.drills.every import drills


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description="Break things, and count.")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="a drill's name, or part of one")
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--without-mounts", action="store_true", help="a full disk by a limit, also for root")
    parser.add_argument("--patience", type=float, default=240.0, help="seconds for one step of a story")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # also then the stack is stopped and erased
    logging.getLogger("commands.stack").setLevel(logging.ERROR)  # that parts die is what we want
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    chosen = [
        drill
        for drill in drills(mounts=False if options.without_mounts else None)
        if not options.only or any(name in drill.name for name in options.only)
    ]
    reports = []
    for drill in chosen:
        report = asyncio.run(run(drill, options.cases, options.seed, patience=options.patience))
        reports.append(report)
        print(report.as_json(), flush=True)
    Console(width=150).print(_table(reports))
    return 1 if not reports or any(report.findings.problems for report in reports) else 0


def _table(reports: list[Report]) -> Table:
    shown = Table(title=f"seed {reports[0].seed}" if reports else "no such drill")
    for column in ("drill", "faults at second (lasting)"):
        shown.add_column(column)
    for column in ("cases", "as told", "mails", "repeated", "two ids", "latest", "seconds"):
        shown.add_column(column, justify="right")
    for report in reports:
        found = report.findings
        shown.add_row(
            report.drill, ", ".join(f"{i.at:.0f} ({i.lasted:.1f})" for i in report.injected), str(report.cases),
            str(found.ended), str(found.mails.total), f"{found.mails.repeated} of {report.allowed}",
            str(len(found.mails.twice)), f"{found.latest.total_seconds():.1f}", f"{report.seconds:.0f}",
        )  # fmt: skip
    return shown


if __name__ == "__main__":
    sys.exit(main())
