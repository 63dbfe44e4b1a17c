"""The supervisor as a program of its own: `python -m commands.stack [OPTIONS AS JSON]`; `start_detached` runs it."""

import logging
import sys

from commands.stack.errors import StackError
from commands.stack.options import StackOptions
from commands.stack.supervisor import run, until_stopped

UNREACHABLE = 5  # the exit code for a service that is not there (DESIGN, section 10)


def main() -> int:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO, stream=sys.stderr)
    options = StackOptions.model_validate_json(sys.argv[1]) if len(sys.argv) > 1 else StackOptions()
    try:
        run(options, until_stopped)
    except KeyboardInterrupt:
        return 0  # being stopped is how it is meant to end
    except StackError as error:
        sys.stderr.write(f"{error.problem}\n{error.remedy}\n")
        return UNREACHABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
