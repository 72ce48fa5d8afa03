"""What `benchmarks/frameworks.py` measured, as a table for chapter 05."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from fer_utils.paths import results_dir

COMMAND = "python benchmarks/frameworks.py"


def speed_file() -> Path:
    """Where the measurement is kept."""
    return results_dir() / "benchmarks" / "frameworks.json"


def load_speed(path: Path | None = None) -> dict | None:
    """The measurement, None where it was never made; ValueError for a damaged file."""
    path = path or speed_file()
    if not path.is_file():
        return None
    try:
        measured = json.loads(path.read_text())
        measured["rows"], measured["hardware"]  # noqa: B018
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: not a measurement; make it again with `{COMMAND}`") from error
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
