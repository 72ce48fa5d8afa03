"""Freed memory stays with the process while a network trains, and only then."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from fer_utils.training import heap

BLOCK = 64 * 2**20  # bytes, more than glibc keeps by itself

if heap.glibc() is None or not hasattr(heap.glibc(), "mallinfo2"):
    pytest.skip("needs glibc 2.33 or newer", allow_module_level=True)


class Info(ctypes.Structure):
    """glibc's `struct mallinfo2`, in bytes but for the counts."""

    _fields_ = [
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd")),
        *((name, ctypes.c_size_t) for name in ("usmblks", "fsmblks", "uordblks", "fordblks")),
        ("keepcost", ctypes.c_size_t),
    ]


def info() -> Info:
    libc = heap.glibc()
    libc.mallinfo2.restype = Info
    return libc.mallinfo2()


def mapped_by_a_block() -> bool:
    """Whether a large block comes from the system by itself, to go back there when it is freed."""
    before = info().hblkhd
    block = np.ones(BLOCK, np.uint8)
    return info().hblkhd - before >= block.nbytes


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in heap.SET_BY_USER:
        monkeypatch.delenv(name, raising=False)


def test_freed_blocks_stay_inside_and_go_back_at_the_end():
    with heap.kept():
        assert not mapped_by_a_block()
        inside = info().arena
        assert not mapped_by_a_block() and info().arena == inside  # the same block once more
    assert mapped_by_a_block()
    assert info().arena <= inside - BLOCK


def test_an_error_ends_it_too():
    with pytest.raises(KeyError), heap.kept():
        raise KeyError
    assert mapped_by_a_block()


@pytest.mark.parametrize("name", heap.SET_BY_USER)
def test_what_the_environment_says_stands(monkeypatch, name):
    monkeypatch.setenv(name, "anything")
    assert mapped_by_a_block()
    with heap.kept():
        assert mapped_by_a_block()
