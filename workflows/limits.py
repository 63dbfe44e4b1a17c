"""Where a run must watch its size. Changing a number here changes commands: only with a patch (see docs)."""

from datetime import timedelta

EVENTS = 4_000  # continue as new at the next moment without a duty under way, if the server has not suggested it before
FORCED_EVENTS = 12_000  # … and here also with duties under way: they are issued again, and are idempotent
NOTICES = 20  # in one batch
BATCH_BYTES = 1_000_000  # of words in one record batch: a payload may have 2 MB
STATE_BYTES = 1_000_000  # of words in a case that is handed on or archived; those that are recorded give way

WATCH = timedelta(minutes=10)  # one activity's watch over a mailbox
WATCH_EVENTS = 2_000  # of a mailbox's run: two days or so

FIRST_PAUSE = timedelta(minutes=10)  # after a duty failed for good; doubled each time
LONGEST_PAUSE = timedelta(hours=6)
