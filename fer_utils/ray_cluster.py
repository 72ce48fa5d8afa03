"""A Ray cluster to work on: an existing one, or one started here for as long as it is needed."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import fer_utils

LOCAL = "local"  # to Ray too: start a cluster here, whatever else runs
NEEDS_RAY = (
    "--ray needs Ray, the extra `ray`: "
    "pip install -c constraints.txt -e '.[search,ray]' (or pip install ray)"
)


@contextmanager
def cluster(address: str = LOCAL, **options: object) -> Iterator[ModuleType]:
    """Ray, connected to the cluster at `address`, or for "local" to one on this machine.

    options: for `ray.init`, such as num_cpus. An address is what Ray takes: "auto", "host:6379",
    "ray://host:10001"; its machines get this package from here. A connection that was there before
    is used and left open. Raises ConnectionError for an address without a cluster.
    """
    ray = load()
    ours = not ray.is_initialized()
    if ours:
        where = {"include_dashboard": False} if address == LOCAL else _travelling()
        try:
            ray.init(
                address, log_to_driver=False, logging_level=logging.WARNING, **where, **options
            )
        except ConnectionError as error:
            raise ConnectionError(
                f"--ray {address}: {error} (a cluster that asks for a token needs "
                "RAY_AUTH_MODE=token and the token here)"
            ) from error
    try:
        yield ray
    finally:
        if ours:
            ray.shutdown()


def _travelling() -> dict:
    """Options of `ray.init` for a cluster: this package travels to its machines."""
    return {"runtime_env": {"py_modules": [str(Path(fer_utils.__file__).parent)]}}


def load() -> ModuleType:
    """Ray, without usage statistics. Raises ImportError naming the extra."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise ImportError(NEEDS_RAY) from error
    return ray
