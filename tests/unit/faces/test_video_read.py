"""Reading videos: every frame at its time, and no file that brings it down."""

from __future__ import annotations

import struct
import wave

import av
import numpy as np
import pytest

from fer_utils.faces.video_read import VideoReader, turned
from fer_utils.faces.video_write import writing

RNG = np.random.default_rng(0)
CORNER = np.zeros((48, 64, 3), np.uint8)  # white in the upper left
CORNER[:16, :16] = 255
ONE = 1 << 16  # 1 in the fixed-point numbers of MP4


def make(path, frames, times):
    with writing(path) as writer:
        for rgb, time in zip(frames, times, strict=True):
            writer.add(rgb, time)
    return path


def noise(n, height=48, width=64):
    return RNG.integers(0, 256, (n, height, width, 3), dtype=np.uint8)


def read(path):
    with VideoReader(path) as reader:
        frames = list(reader)
    return frames, reader


def rotated(path, a, b, c, d):
    """The same MP4 with another display matrix: patched into its track header."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 4 + 40
    assert struct.unpack(">i", content[at : at + 4]) == (ONE,)
    matrix = [a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30]
    content[at : at + 36] = struct.pack(">9i", *matrix)
    path.write_bytes(content)
    return path


def test_frames_come_in_order_with_their_true_times(tmp_path):
    times = [0, 0.1, 0.15, 0.9, 1.0]
    greys = [np.full((48, 64, 3), 50 * k, np.uint8) for k in range(5)]
    frames, reader = read(make(tmp_path / "v.mp4", greys, times))
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    np.testing.assert_allclose([frame.time for frame in frames], times, atol=1e-4)
    for k, frame in enumerate(frames):
        assert frame.rgb.dtype == np.uint8 and frame.rgb.shape == (48, 64, 3)
        np.testing.assert_allclose(frame.rgb, 50 * k, atol=3)
    assert reader.decoded == 5 and reader.problems == []


def test_times_start_at_0_whatever_the_file_says(tmp_path):
    frames, _ = read(make(tmp_path / "v.mp4", noise(3), [7.0, 7.5, 8.0]))
    np.testing.assert_allclose([frame.time for frame in frames], [0, 0.5, 1], atol=1e-4)


def test_colours_are_kept(tmp_path):
    colours = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (250, 250, 250)]
    picture = np.repeat(np.array(colours, np.uint8)[None], 48, axis=0).repeat(32, axis=1)
    (frame,), _ = read(make(tmp_path / "v.mp4", [picture], [0]))
    np.testing.assert_allclose(frame.rgb[24, 16::32], colours, atol=6)


def test_a_single_frame_is_a_video(tmp_path):
    frames, reader = read(make(tmp_path / "v.mp4", noise(1), [0]))
    assert len(frames) == 1 and frames[0].time == 0 and reader.expected_frames == 1


@pytest.mark.parametrize(
    ("matrix", "corner"),
    [
        ((1, 0, 0, 1), "upper left"),
        ((0, 1, -1, 0), "upper right"),  # a quarter turn clockwise
        ((-1, 0, 0, -1), "lower right"),
        ((0, -1, 1, 0), "lower left"),
        ((-1, 0, 0, 1), "upper right"),  # a mirror image
    ],
)
def test_a_display_matrix_is_applied(tmp_path, matrix, corner):
    path = rotated(make(tmp_path / "v.mp4", [CORNER] * 3, [0, 0.2, 0.4]), *matrix)
    frames, _ = read(path)
    assert len(frames) == 3
    for frame in frames:
        assert frame.rgb.shape == ((48, 64, 3) if matrix[0] else (64, 48, 3))
        ends = {"upper": 4, "lower": -4, "left": 4, "right": -4}
        bright = {
            f"{y} {x}": frame.rgb[ends[y], ends[x]].mean() > 128
            for y in ("upper", "lower")
            for x in ("left", "right")
        }
        assert [name for name, is_bright in bright.items() if is_bright] == [corner]


def test_an_angle_that_is_no_quarter_turn_is_refused():
    with pytest.raises(ValueError, match="only quarter turns"):
        turned(CORNER, (46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30))


def test_pixels_that_are_not_square_are_stretched(tmp_path):
    path = tmp_path / "v.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", 25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.sample_aspect_ratio = 2
        frame = av.VideoFrame.from_ndarray(CORNER, format="rgb24")
        container.mux([*stream.encode(frame), *stream.encode(None)])
    (frame,), _ = read(path)
    assert frame.rgb.shape == (48, 128, 3)


def test_a_file_cut_short_gives_its_first_frames_and_says_so(tmp_path):
    path = make(tmp_path / "v.mp4", noise(60), np.arange(60) / 30)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    frames, reader = read(path)
    assert 10 < len(frames) < 50
    assert f"{len(frames)} frames decoded where the file speaks of 60" in reader.problems[-1]


def test_damaged_parts_are_left_out_and_counted(tmp_path):
    path = make(tmp_path / "v.mp4", noise(60), np.arange(60) / 30)
    content = bytearray(path.read_bytes())
    for at in RNG.integers(len(content) // 4, len(content), 300):
        content[at] ^= 0xFF
    path.write_bytes(content)
    frames, reader = read(path)
    assert 10 < len(frames) < 60 and "damaged parts" in reader.problems[0]
    assert (np.diff([frame.time for frame in frames]) > 0).all()


def test_a_video_whose_first_packet_cannot_be_read_has_no_frames(tmp_path, monkeypatch):
    class Broken:
        def __init__(self, container):
            self.container = container

        def __getattr__(self, name):
            return getattr(self.container, name)

        def demux(self, stream):
            raise av.InvalidDataError(1, "broken")
            yield

    with VideoReader(make(tmp_path / "v.mp4", noise(3), [0, 0.1, 0.2])) as reader:
        monkeypatch.setattr(reader, "_container", Broken(reader._container))
        with pytest.raises(ValueError, match="not one frame could be decoded"):
            list(reader)


def test_no_video_is_named_with_its_cause(tmp_path):
    with pytest.raises(FileNotFoundError, match="no video at .*none.mp4"):
        VideoReader(tmp_path / "none.mp4")
    (tmp_path / "empty.mp4").write_bytes(b"")
    with pytest.raises(ValueError, match="empty.mp4 is empty"):
        VideoReader(tmp_path / "empty.mp4")
    for name in ("text.mp4", "text.txt"):
        (tmp_path / name).write_text("hello\n" * 1000)
        with pytest.raises(ValueError, match=f"{name} (is|holds) no"):
            VideoReader(tmp_path / name)
    with wave.open(str(tmp_path / "sound.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16000))
    with pytest.raises(ValueError, match="sound.wav holds no pictures"):
        VideoReader(tmp_path / "sound.wav")


def test_a_playlist_does_not_reach_the_network(tmp_path):
    path = tmp_path / "list.m3u8"
    path.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(ValueError, match="list.m3u8"):
        VideoReader(path)


def test_only_the_header_left(tmp_path):
    path = make(tmp_path / "v.mp4", noise(3), [0, 0.1, 0.2])
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"mdat") + 8])
    with pytest.raises(ValueError, match="not one frame could be decoded"):
        read(path)
