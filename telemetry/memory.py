"""How much of the process's memory lies idle: glibc gives each busy thread an arena of its own, and returns little.

What the SDK's core keeps of a case is written by whichever of its threads is free, so that every arena grows with the
cases in the cache and is left half empty. Two are enough for a process whose interpreter runs one thread at a time.
"""

import ctypes

_M_ARENA_MAX = -8  # malloc.h
ARENAS = 2


def frugal() -> bool:
    """To be called before the first thread starts. Whether there is a glibc that listens."""
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS))
    except (AttributeError, OSError):
        return False
