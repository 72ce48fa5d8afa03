"""The speed measurement as a table."""

from __future__ import annotations

import json
from pathlib import Path

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


def test_comparisons_with_peers_are_kept_and_shown_with_their_spread(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path))
    assert list(speed.ratio_table()["times faster"]) == ["–"] * len(speed.PEERS)
    row = speed.ratio_row("net", "bf16", [(10.0, 20.0), (5.0, 20.0), (10.0, 30.0)])
    assert (row["ours"], row["theirs"], row["ratios"]) == (20.0, 10.0, [2.0, 4.0, 3.0])
    kept = speed.keep(
        speed.speed_file("ten_crops"), [row], "CPU, 2 cores", {"torch": "2"}, images=64, rounds=3
    )
    assert speed.load_speed("ten_crops") == kept and kept["images"] == 64
    plain, crops, _ = speed.ratio_table().reset_index().to_dict("records")
    assert plain["network"] == "not run: python benchmarks/torch_loop.py"
    assert plain["times faster"] == "–"
    assert crops["network"] == "net, bf16"
    assert crops["times faster"] == "3.0 (2.0 to 4.0)"
    assert crops["measured"] == f"64 pictures, 3 rounds, {kept['date']}; CPU, 2 cores"
    made = {"images": 64, "rounds": 3, "processor": "AVX512"}
    speed.keep(speed.speed_file("winograd"), [row], "CPU, 2 cores", {"torch": "2"}, **made)
    *_, last = speed.ratio_table().index.get_level_values("measured")
    assert last.endswith("; CPU, 2 cores, AVX512")


def test_every_peer_has_its_script():
    for name in (*speed.PEERS, "frameworks"):
        script = speed.command(name).split()[-1]
        assert (Path(__file__).parents[3] / script).is_file()
