"""What the scripts in `benchmarks/` measured, kept as files and shown as tables in the chapters."""

from __future__ import annotations

import json
import os
import statistics
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from fer_utils.paths import atomic_write, results_dir

# Script -> what it compares: (ours, the peer).
PEERS = {
    "torch_loop": ("our PyTorch loop", "a DataLoader with Pillow, a picture at a time"),
    "ten_crops": (
        "one view a picture, made on the device",
        "ten crops each, the way of usef-kh/fer",
    ),
    "winograd": ("a step with Winograd's algorithm", "the same step without"),
}


def command(name: str) -> str:
    """What makes the measurement."""
    return f"python benchmarks/{name}.py"


def speed_file(name: str = "frameworks") -> Path:
    """Where the measurement of a script is kept."""
    return results_dir() / "benchmarks" / f"{name}.json"


def keep(
    path: Path, rows: list[dict], hardware: str, versions: dict[str, str], **settings: object
) -> dict:
    """Write rows of one run with date, hardware, versions, threads and settings; what was written.

    A row has `network` and `precision`, and either `torch`, `keras` and `speed_ratio`, as
    `speed_table` shows them, or is a `ratio_row`.
    """
    measured = {
        "date": datetime.now(UTC).date().isoformat(),
        "hardware": hardware,
        "versions": versions,
        "threads": os.environ.get("OMP_NUM_THREADS", "all cores"),
        **settings,
        "rows": rows,
    }
    atomic_write(path, (json.dumps(measured, indent=1) + "\n").encode())
    return measured


def ratio_row(network: str, precision: str, pairs: list[tuple[float, float]]) -> dict:
    """The row of a comparison with a peer, from pictures/s (the peer's, ours) of each round."""
    theirs, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {
        **{"network": network, "precision": precision},
        **{"ours": round(ours, 2), "theirs": round(theirs, 2)},
        "ratios": [round(fast / slow, 3) for slow, fast in pairs],
    }


def load_speed(name: str = "frameworks") -> dict | None:
    """The measurement, None where it was never made; ValueError for a damaged file."""
    path = speed_file(name)
    if not path.is_file():
        return None
    try:
        measured = json.loads(path.read_text())
        measured["rows"], measured["hardware"]  # noqa: B018
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path}: not a measurement; make it again with `{command(name)}`"
        ) from error
    return measured


def speed_table(measured: dict) -> pd.DataFrame:
    """One row per network and precision: images/s and peak memory of both frameworks, and how many
    times PyTorch's figure Keras' is."""
    found = []
    for row in measured["rows"]:
        torch, keras = row["torch"], row["keras"]
        found.append(
            {
                "network": row["network"],
                "precision": row["precision"],
                "PyTorch images/s": f"{torch['images_per_second']:,.0f}",
                "Keras images/s": f"{keras['images_per_second']:,.0f}",
                "speed ratio": f"{row['speed_ratio']:.2f}",
                "PyTorch peak MiB": f"{torch['peak_mib']:,.0f}",
                "Keras peak MiB": f"{keras['peak_mib']:,.0f}",
                "memory ratio": f"{keras['peak_mib'] / torch['peak_mib']:.2f}",
                "PyTorch first epoch s": f"{torch['first_epoch_seconds']:.1f}",
                "Keras first epoch s": f"{keras['first_epoch_seconds']:.1f}",
            }
        )
    return pd.DataFrame(found).set_index("network")


RATIO_COLUMNS = ("ours, pictures/s", "theirs, pictures/s", "times faster")


def ratio_table() -> pd.DataFrame:
    """One row per comparison with a peer and measured network: pictures/s of both, and how many
    times ours is faster (median, and from the slowest round to the fastest); the index says what
    was compared, how and on which machine. A script that was never run has a row that names its
    command."""
    found = []
    for name, (ours, peer) in PEERS.items():
        measured = load_speed(name) or {}
        machine = (measured.get("hardware"), measured.get("processor"))  # "AVX2", where it matters
        for row in measured.get("rows", []):
            ratios = row["ratios"]
            found.append(
                {
                    "ours": ours,
                    "against": peer,
                    "network": f"{row['network']}, {row['precision']}",
                    "ours, pictures/s": f"{row['ours']:,.1f}",
                    "theirs, pictures/s": f"{row['theirs']:,.1f}",
                    "times faster": f"{statistics.median(ratios):.1f} "
                    f"({min(ratios):.1f} to {max(ratios):.1f})",
                    "measured": f"{measured['images']:,} pictures, {measured['rounds']} rounds, "
                    f"{measured['date']}; {', '.join(filter(None, machine))}",
                }
            )
        if not measured:
            found.append({"ours": ours, "against": peer, "network": f"not run: {command(name)}"})
    where = ["ours", "against", "measured", "network"]
    return pd.DataFrame(found, columns=[*where, *RATIO_COLUMNS]).fillna("–").set_index(where)
