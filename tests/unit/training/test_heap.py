"""Freed memory stays with the process while a network trains, and only then.

Each test is a process of its own: one that has done much else may hold a free place for the block
in the middle of its heap, and then `malloc` takes that, whatever it was told.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from fer_utils.training import heap

if heap.glibc() is None or not hasattr(heap.glibc(), "mallinfo2"):
    pytest.skip("needs glibc 2.33 or newer", allow_module_level=True)

PROBE = """
import ctypes
import numpy as np
from fer_utils.training import heap

BLOCK = 64 * 2**20  # bytes, more than glibc keeps by itself
COUNTS = "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks"

class Info(ctypes.Structure):  # glibc's `struct mallinfo2`
    _fields_ = [(name, ctypes.c_size_t) for name in ("arena", *COUNTS, "keepcost")]

def info():
    libc = heap.glibc()
    libc.mallinfo2.restype = Info
    return libc.mallinfo2()

def mapped_by_a_block():
    # whether a large block comes from the system by itself, to go back there when it is freed
    before = info().hblkhd
    block = np.ones(BLOCK, np.uint8)
    return info().hblkhd - before >= block.nbytes

"""


def probe(code: str, **environment: str) -> None:
    """Runs the code after PROBE in a fresh interpreter; fails with what it printed."""
    usual = {k: v for k, v in os.environ.items() if k not in heap.SET_BY_USER}
    ended = subprocess.run(
        [sys.executable, "-c", PROBE + code],
        env={**usual, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_freed_blocks_stay_inside_and_go_back_at_the_end():
    probe("""
with heap.kept():
    assert not mapped_by_a_block()
    inside = info().arena
    assert not mapped_by_a_block() and info().arena == inside  # the same block once more
assert mapped_by_a_block()
assert info().arena <= inside - BLOCK
""")


def test_an_error_ends_it_too():
    probe("""
try:
    with heap.kept():
        assert not mapped_by_a_block()
        raise KeyError
except KeyError:
    assert mapped_by_a_block()
else:
    raise AssertionError("the error was swallowed")
""")


@pytest.mark.parametrize("name", heap.SET_BY_USER)
def test_what_the_environment_says_stands(name):
    harmless = {"GLIBC_TUNABLES": "glibc.malloc.arena_max=8"}.get(name, str(32 * 2**20))
    probe(
        """
assert mapped_by_a_block()
with heap.kept():
    assert mapped_by_a_block()
""",
        **{name: harmless},
    )


def test_a_full_heap_gives_its_memory_back_too():
    """Where something small lies above the freed block, its pages go back, its address stays."""
    probe("""
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

with heap.kept():
    block = np.ones(BLOCK, np.uint8)
    above = [bytes(600) for _ in range(1000)]
    full = resident()
    del block
    assert resident() > full - BLOCK // 2
assert resident() < full - BLOCK // 2
""")
