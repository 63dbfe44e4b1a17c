"""The worker tells glibc how many arenas it may have."""

import subprocess
import sys

from telemetry import memory

# Threads that all allocate at once would take one arena each.
MANY = """
import ctypes, re, sys, threading
from telemetry import memory
if sys.argv[1] == "frugal":
    assert memory.frugal()
gate = threading.Barrier(6)
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
def take():
    gate.wait()
    libc.malloc(ctypes.c_size_t(5000))
    gate.wait()
threads = [threading.Thread(target=take) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.malloc_stats()
"""


def _arenas(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", MANY, how], capture_output=True, text=True, check=True)
    return done.stderr.count("Arena ")


def test_threads_share_two_arenas():
    assert _arenas("frugal") <= memory.ARENAS < _arenas("as it is")


# What a program has loaded, then something that becomes garbage later.
SETTLED = """
import gc, weakref
from telemetry import memory
loaded = [[] for _ in range(50_000)]
memory.settle()
assert gc.get_freeze_count() > 50_000, gc.get_freeze_count()
left = len(gc.get_objects())
assert left < 1_000, left
class Knot: pass
knot = Knot()
knot.itself = knot
gone = weakref.ref(knot)
del knot
gc.collect()
assert gone() is None
"""


def test_a_full_collection_looks_at_nothing_that_was_loaded_and_at_all_that_came_later():
    done = subprocess.run([sys.executable, "-c", SETTLED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
