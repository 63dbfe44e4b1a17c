"""The worker as its next version might be: `worker.py` with a changed workflow (`tests.replay.variants`)."""

import sys

import worker
from tests.replay.variants import RecordsFirst

if __name__ == "__main__":
    vars(worker)["WORKFLOWS"] = (RecordsFirst,)
    sys.exit(worker.main())
