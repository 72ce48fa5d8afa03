"""Writing videos: what browsers want, each frame as long as it should be, whole or not at all."""

from __future__ import annotations

import av
import numpy as np
import pytest

from fer_utils.faces import video_write
from fer_utils.faces.video_read import VideoReader
from fer_utils.faces.video_write import slow_down, writing

RNG = np.random.default_rng(0)


def pictures(n, height=48, width=64):
    """Smooth ones, which survive compression."""
    across, down = np.meshgrid(np.linspace(0, 150, width), np.linspace(0, 50, height))
    return [np.stack([across + k, down + k, 200 - down], 2).astype(np.uint8) for k in range(n)]


def make(path, frames, rate=25.0):
    with writing(path, rate) as writer:
        for k, frame in enumerate(frames):
            writer.add(frame, k / rate)
    return writer


def read(path):
    with VideoReader(path) as reader:
        return list(reader)


def duration(path):
    with av.open(str(path)) as container:
        return container.duration / av.time_base


def test_it_is_what_browsers_play(tmp_path):
    writer = make(tmp_path / "v.mp4", pictures(10))
    with av.open(str(tmp_path / "v.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec.name == "h264" and stream.pix_fmt == "yuv420p"
        assert "mp4" in container.format.name
        assert stream.average_rate == 25
    content = (tmp_path / "v.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat"), "the index comes first: faststart"
    assert writer.encoder in writer.made_with and av.__version__ in writer.made_with
    assert writer.frames == 10


@pytest.mark.parametrize("shape", [(48, 64), (47, 64), (48, 63), (47, 63)])
def test_odd_sides_get_one_more_pixel_and_lose_none(tmp_path, shape):
    frames = pictures(3, *shape)
    make(tmp_path / "v.mp4", frames)
    for frame, found in zip(frames, read(tmp_path / "v.mp4"), strict=True):
        assert found.rgb.shape[:2] == tuple(side + side % 2 for side in shape)
        shown = found.rgb[: shape[0], : shape[1]].astype(int)
        assert np.abs(shown - frame).mean() < 6


def test_one_pixel_is_a_video_too(tmp_path):
    make(tmp_path / "v.mp4", [np.full((1, 1, 3), 90, np.uint8)])
    (frame,) = read(tmp_path / "v.mp4")
    assert frame.rgb.shape == (2, 2, 3)
    np.testing.assert_allclose(frame.rgb, 90, atol=4)


@pytest.mark.parametrize("rate", [12.5, 24, 25, 30000 / 1001, 30, 60])
def test_the_rate_is_the_sources(tmp_path, rate):
    make(tmp_path / "v.mp4", pictures(12), rate)
    times = [frame.time for frame in read(tmp_path / "v.mp4")]
    np.testing.assert_allclose(times, np.arange(12) / rate, atol=2e-5)
    assert duration(tmp_path / "v.mp4") == pytest.approx(12 / rate, abs=1e-3)


def test_slow_motion_shows_every_frame_longer_and_loses_nothing(tmp_path):
    times = [0, 0.1, 0.15, 0.9, 1.0]
    with writing(tmp_path / "v.mp4", 5) as writer:
        for time, frame in zip(times, pictures(5), strict=True):
            writer.add(frame, time)
    slow_down(tmp_path / "v.mp4", tmp_path / "slow.mp4", 4)
    fast, slow = read(tmp_path / "v.mp4"), read(tmp_path / "slow.mp4")
    np.testing.assert_allclose([frame.time for frame in slow], 4 * np.array(times), atol=1e-4)
    for a, b in zip(fast, slow, strict=True):
        np.testing.assert_array_equal(a.rgb, b.rgb)
    assert duration(tmp_path / "v.mp4") == pytest.approx(1.1, abs=1e-3)  # the last as its neighbour
    assert duration(tmp_path / "slow.mp4") == pytest.approx(4.4, abs=1e-3)


def test_when_something_fails_nothing_is_left_and_the_old_file_stays(tmp_path):
    path = tmp_path / "v.mp4"
    make(path, pictures(2))
    before = path.read_bytes()
    with pytest.raises(RuntimeError, match="half way"), writing(path) as writer:
        writer.add(pictures(1)[0], 0)
        raise RuntimeError("half way")
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_wrong_calls_are_named(tmp_path):
    with pytest.raises(ValueError, match="name it .mp4"), writing(tmp_path / "v.avi"):
        pass
    with pytest.raises(ValueError, match="at least one frame"), writing(tmp_path / "v.mp4"):
        pass
    with (
        pytest.raises(ValueError, match="not after the one before"),
        writing(tmp_path / "v.mp4") as writer,
    ):
        for frame in pictures(2):
            writer.add(frame, 0.5)
    with (
        pytest.raises(ValueError, match=r"expected frames uint8 \(48, 64, 3\)"),
        writing(tmp_path / "v.mp4") as writer,
    ):
        writer.add(pictures(1)[0], 0)
        writer.add(pictures(1, 30, 30)[0], 1)
    make(tmp_path / "v.mp4", pictures(2))
    with pytest.raises(ValueError, match="expected a factor above 0"):
        slow_down(tmp_path / "v.mp4", tmp_path / "slow.mp4", 0)
    assert [path.name for path in tmp_path.iterdir()] == ["v.mp4"]


def test_without_an_encoder_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(video_write, "ENCODERS", ("libnone",))
    with (
        pytest.raises(RuntimeError, match="has no H.264 encoder .*pip install"),
        writing(tmp_path / "v.mp4"),
    ):
        pass
    assert not list(tmp_path.iterdir())
