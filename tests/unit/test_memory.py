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
