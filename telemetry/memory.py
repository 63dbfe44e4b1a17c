"""How a process's memory is looked after: how much of it lies idle, and how long the collector of garbage stops it.

glibc gives each busy thread an arena of its own, and returns little. What the SDK's core keeps of a case is written by
whichever of its threads is free, so that every arena grows with the cases in the cache and is left half empty. Two are
enough for a process whose interpreter runs one thread at a time.
"""

import ctypes
import gc

_M_ARENA_MAX = -8  # malloc.h
ARENAS = 2
YOUNG = 10_000  # objects made and not yet gone before the collector looks at them: those of a few pages


def frugal() -> bool:
    """To be called before the first thread starts. Whether there is a glibc that listens."""
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS))
    except (AttributeError, OSError):
        return False


def settle() -> None:
    """To be called once, when all that a process works with is loaded: the collector looks at none of it again.

    A full collection stops everything that the process does, for a microsecond an object. Those of a program that has
    only just loaded are two hundred thousand, and no garbage is among them. What comes later is collected as ever.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
