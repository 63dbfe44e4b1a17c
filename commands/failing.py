"""From an error to an exit code and a message: readable, or `{field, problem, remedy}` on stderr with `--json`.

0 done · 1 defect · 2 bad input · 3 not found · 4 refused by the case · 5 service unreachable · 6 partly done
"""

import json
import os
import sys
import traceback

import typer

from complaints.errors import BadInput, TuntasError

DEFECT, BAD_INPUT, UNREACHABLE, INTERRUPTED = 1, 2, 5, 130


def report(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong and return the exit code. A traceback is shown only if TUNTAS_DEBUG is set."""
    if os.environ.get("TUNTAS_DEBUG"):
        traceback.print_exception(error)
    code, said = _reading(error)
    if as_json:
        sys.stderr.write(json.dumps(said, ensure_ascii=False) + "\n")
    else:
        place = f"{said['field']}: " if said["field"] else ""
        sys.stderr.write(f"tuntas: {place}{said['problem']}\n")
        if said["remedy"]:
            sys.stderr.write(f"  {said['remedy']}\n")
    return code


def usage(error: typer.TyperException, *, as_json: bool) -> int:
    """Say that the command line itself is wrong. A group without a command prints its help."""
    context, parameter = getattr(error, "ctx", None), getattr(error, "param", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(error.format_message() + "\n")
        return BAD_INPUT
    named = (getattr(error, "option_name", None), getattr(error, "param_hint", None), getattr(parameter, "name", None))
    field = next((one for one in named if one), "")
    command = context.command_path if context is not None else "tuntas"
    problem = BadInput(
        error.format_message(),
        field=" ".join(field) if isinstance(field, (list, tuple)) else str(field),
        remedy=f"see `{command} --help`",
    )
    return report(problem, as_json=as_json)


def _reading(error: BaseException) -> tuple[int, dict[str, str]]:
    from commands.stack.errors import StackError

    if isinstance(error, TuntasError):
        return error.exit_code, error.as_dict()
    if isinstance(error, StackError):
        return UNREACHABLE, {"field": "stack", "problem": error.problem, "remedy": error.remedy}
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, {"field": "", "problem": "interrupted", "remedy": "repeat it: nothing is done twice"}
    # Its text may hold what a complainant wrote, so only its kind is told.
    remedy = "set TUNTAS_DEBUG=1 to see where, and report it"
    return DEFECT, {"field": "", "problem": f"a defect of ours: {type(error).__name__}", "remedy": remedy}
