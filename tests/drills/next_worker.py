"""The worker as its next version might be: `worker.py` with a changed workflow (`tests.replay.variants`)."""

import sys

import worker
from tests.replay.variants import RecordsLast

if __name__ == "__main__":
    vars(worker)["WORKFLOWS"] = (RecordsLast,)
    sys.exit(worker.main())
