"""Memory that a training step frees, kept for the next one (Linux with glibc).

A step on a CPU takes and frees blocks of tens of megabytes, the same ones every time. Above 32 MB
glibc gives each back to the system at once, and the system hands it out again page by page, zeroed:
a fifth of the time of a large network. PyTorch's tuning guide advises another `malloc` for that;
this asks the one that is there, and needs nothing installed.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # parameters of `mallopt`, in bytes
MOST = 2**31 - 1  # what its int holds
USUAL = 32 * 2**20  # where glibc's own threshold ends up once large blocks were freed
SET_BY_USER = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES")


@contextmanager
def kept() -> Iterator[None]:
    """Inside, blocks up to 2 GB that are freed stay with the process; at the end all go back.

    Does nothing with another C library, and where the environment says how `malloc` shall behave.
    """
    libc = glibc()
    if libc is None or any(name in os.environ for name in SET_BY_USER):
        yield
        return
    try:
        libc.mallopt(MMAP_THRESHOLD, MOST)
        libc.mallopt(TRIM_THRESHOLD, MOST)
        yield
    finally:
        libc.mallopt(MMAP_THRESHOLD, USUAL)
        libc.mallopt(TRIM_THRESHOLD, 2 * USUAL)
        libc.malloc_trim(0)


def glibc() -> ctypes.CDLL | None:
    """The process's C library where it is glibc, else None."""
    if os.name != "posix":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None
