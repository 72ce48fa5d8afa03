"""`python -m fer_utils video`: what it writes and says, and what it refuses."""

from __future__ import annotations

import pytest

from fer_utils import cli
from fer_utils.data.dataset import CLASSES
from fer_utils.faces.drawn_video import drawn_film
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.faces.video_write import writing
from fer_utils.models import initial, zoo

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A short film, and a model that has learned nothing."""
    folder = tmp_path_factory.mktemp("video")
    film = drawn_film(actors=1, emotions=("happy",), hold=0.4, change=0)
    with writing(folder / "in.mp4", film.rate) as writer:
        for frame in film:
            writer.add(frame.rgb, frame.time)
    spec = zoo.get("compact_vgg")
    weights = initial.initial_weights(spec, 0)
    ExpressionModel(spec, CLASSES, 0.5, 0.25, weights).save(folder / "model.safetensors")
    return folder


def call(folder, *words):
    return cli.main(["video", *map(str, words), "--model", str(folder / "model.safetensors")])


def test_it_writes_the_video_its_slow_version_its_table_and_its_timeline(folder, tmp_path, capsys):
    assert call(folder, folder / "in.mp4", "--out", tmp_path / "o.mp4", "--slow", 4) == 0
    said = capsys.readouterr().out
    names = ["o.csv", "o.mp4", "o.png", "o.slow.mp4"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert all(str(tmp_path / name) in said for name in names)
    assert "10 frames in" in said and "1 face," in said and "264" in said


def test_no_smoothing_shows_each_frames_own_probabilities(folder, tmp_path):
    assert call(folder, folder / "in.mp4", "--out", tmp_path / "o.mp4", "--no-smoothing") == 0
    header, *rows = (tmp_path / "o.csv").read_text().splitlines()
    at, raw = header.split(",").index("angry"), header.split(",").index("raw_angry")
    assert len(rows) == 10
    for row in rows:
        assert row.split(",")[at : at + 7] == row.split(",")[raw : raw + 7]


def test_what_cannot_be_done_is_said(folder, tmp_path, capsys):
    (tmp_path / "empty.mp4").touch()
    for words, message in (
        ((tmp_path / "none.mp4", "--out", tmp_path / "o.mp4"), "no video at"),
        ((tmp_path / "empty.mp4", "--out", tmp_path / "o.mp4"), "is empty"),
        ((folder / "in.mp4", "--out", tmp_path / "o.avi"), "name it .mp4"),
        ((folder / "in.mp4", "--out", folder / "in.mp4"), "would replace the video itself"),
        ((folder / "in.mp4", "--out", tmp_path / "o.mp4", "--slow", 0), "factor above 0"),
        ((folder / "in.mp4", "--out", tmp_path / "o.mp4", "--smoothing", -1), "expected 0"),
    ):
        assert call(folder, *words) == 1
        error = capsys.readouterr().err
        assert error.startswith("error: ") and message in error
    assert [path.name for path in tmp_path.iterdir()] == ["empty.mp4"]


@pytest.mark.parametrize("name", ["o.mp4", "o.csv", "o.png", "o.slow.mp4"])
def test_what_is_there_is_replaced_only_when_asked(name, folder, tmp_path, capsys):
    (tmp_path / name).write_text("mine")
    words = (folder / "in.mp4", "--out", tmp_path / "o.mp4", "--slow", 2)
    assert call(folder, *words) == 1
    assert f"{name} is there already" in (said := capsys.readouterr().err) and "--force" in said
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert call(folder, *words, "--force") == 0
    assert (tmp_path / name).read_bytes() != b"mine"


def test_nothing_of_an_earlier_run_stays_and_the_video_itself_does(folder, tmp_path, capsys):
    source = tmp_path / "o.slow.mp4"
    source.write_bytes((folder / "in.mp4").read_bytes())
    assert call(folder, source, "--out", tmp_path / "o.mp4", "--slow", 2, "--force") == 1
    assert "would replace the video itself" in capsys.readouterr().err
    assert source.read_bytes() == (folder / "in.mp4").read_bytes()
    assert call(folder, folder / "in.mp4", "--out", tmp_path / "o.mp4", "--force") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.csv", "o.mp4", "o.png"]


@pytest.mark.parametrize("words", [[], ["in.mp4", "--camera", "0"]], ids=["neither", "both"])
def test_a_video_or_a_camera_not_both(words, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["video", *words, "--out", str(tmp_path / "o.mp4")])
    assert stop.value.code == 2
    assert "name a video, or a webcam" in capsys.readouterr().err
