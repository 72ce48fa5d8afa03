"""The speed measurement as a table."""

from __future__ import annotations

import json

import pytest

from fer_utils.records import speed

ONE = {"images_per_second": 1234.5, "peak_mib": 800.0, "first_epoch_seconds": 2.0}
MEASURED = {
    "hardware": "CPU",
    "rows": [
        {
            "network": "net",
            "precision": "float32",
            "torch": ONE,
            "keras": ONE | {"peak_mib": 1200.0},
            "speed_ratio": 0.9,
        }
    ],
}


def test_a_missing_measurement_is_none_and_a_damaged_one_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path))
    assert speed.load_speed() is None
    speed.speed_file().parent.mkdir()
    for damaged in ("{", "{}", "[]"):
        speed.speed_file().write_text(damaged)
        with pytest.raises(ValueError, match="make it again with `python benchmarks"):
            speed.load_speed()
    speed.speed_file().write_text(json.dumps(MEASURED))
    assert speed.load_speed() == MEASURED


def test_the_table_has_both_frameworks_and_keras_over_pytorch():
    (row,) = speed.speed_table(MEASURED).to_dict("records")
    assert row["PyTorch images/s"] == "1,234" and row["Keras peak MiB"] == "1,200"
    assert (row["speed ratio"], row["memory ratio"]) == ("0.90", "1.50")
