"""`writing`: frames to an MP4 that every browser plays; `slow_down`: the same video, slower.

H.264 in yuv420p, its index in front (faststart), so that it plays before it is wholly loaded. Each
frame keeps its own time, so a video of variable rate stays one. There is no sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.codec.context import Flags
from av.container import OutputContainer
from av.video.reformatter import VideoReformatter

from fer_utils.paths import atomic_path

ENCODERS = ("libx264", "libopenh264")  # of H.264; the first one that this FFmpeg has is used
TICKS = 90_000  # a second: in this clock 24, 25, 30 and 30000/1001 frames a second are exact
MP4 = {"format": "mp4", "options": {"movflags": "faststart"}}
BT709 = 1  # FFmpeg's number of this colour space, the one browsers take for granted
NARROW = 1  # FFmpeg's number of video's usual range, black at 16 and white at 235


class VideoWriter:
    """Takes frames one after another; made by `writing`."""

    def __init__(
        self, path: Path, container: OutputContainer, rate: Fraction, quality: int
    ) -> None:
        self.path = path
        self.encoder = h264_encoder()
        self.rate = rate
        self.quality = quality
        self.frames = 0  # added so far
        self._container = container
        self._stream = None
        self._waiting: tuple[av.VideoFrame, int] | None = None  # until its end is known
        self._gap = round(TICKS / rate)  # from the last but one frame to the last
        self._reformatter = VideoReformatter()

    @property
    def made_with(self) -> str:
        """Library and encoder, in words."""
        return f"PyAV {av.__version__} (FFmpeg {av.ffmpeg_version_info}), {self.encoder}"

    def add(self, rgb: np.ndarray, time: float) -> None:
        """Append a frame uint8 (H, W, 3), shown from `time` on, in seconds.

        H.264 wants even sides: an odd one gets its last row or column twice.

        Raises ValueError for another shape than the first frame's, or a time not after the last.
        """
        if self._stream is None:
            self._start(rgb)
        if rgb.shape != self._shape or rgb.dtype != np.uint8:
            raise ValueError(f"expected frames uint8 {self._shape}, got {rgb.dtype} {rgb.shape}")
        ticks = round(time * TICKS)
        if self._waiting is not None:
            self._gap = ticks - self._waiting[1]
            if self._gap <= 0:
                raise ValueError(f"frame {self.frames} at {time} s is not after the one before it")
            self._encode()
        height, width = rgb.shape[:2]
        if height % 2 or width % 2:
            rgb = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        self._waiting = (
            self._reformatter.reformat(
                frame, format="yuv420p", dst_colorspace=BT709, dst_color_range=NARROW
            ),
            ticks,
        )
        self.frames += 1

    def finish(self) -> None:
        """Write out what still waits. ValueError when no frame was added."""
        if self._waiting is None:
            raise ValueError(f"{self.path}: a video needs at least one frame, none was added")
        self._encode()
        self._container.mux(self._stream.encode(None))

    def _start(self, rgb: np.ndarray) -> None:
        if rgb.ndim != 3 or rgb.shape[2] != 3:
            raise ValueError(f"expected a frame (H, W, 3), got {rgb.shape}")
        self._shape = rgb.shape
        x264 = {"crf": str(self.quality), "preset": "veryfast"}
        options = x264 if self.encoder == "libx264" else {}
        self._stream = self._container.add_stream(self.encoder, self.rate, options=options)
        self._stream.height, self._stream.width = (side + side % 2 for side in rgb.shape[:2])
        self._stream.pix_fmt = "yuv420p"
        context = self._stream.codec_context
        context.time_base = Fraction(1, TICKS)
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = NARROW
        context.max_b_frames = 0  # with them MP4 gets the end of a variable-rate video wrong
        context.flags |= Flags.frame_duration

    def _encode(self) -> None:
        """Hand the waiting frame to the encoder, to be shown for `_gap` ticks."""
        frame, ticks = self._waiting
        frame.pts, frame.time_base, frame.duration = ticks, Fraction(1, TICKS), self._gap
        self._container.mux(self._stream.encode(frame))


def h264_encoder() -> str:
    """FFmpeg's name of the encoder in use; RuntimeError where there is none."""
    for name in ENCODERS:
        if name in av.codecs_available:
            return name
    raise RuntimeError(
        f"PyAV {av.__version__} has no H.264 encoder ({', '.join(ENCODERS)}): install its wheel, "
        "`pip install --force-reinstall --only-binary av av`"
    )


@contextmanager
def writing(
    path: Path | str, rate: Fraction | float = 30, quality: int = 23
) -> Iterator[VideoWriter]:
    """A writer of one video, which appears at `path` when the block ends well, whole.

        with writing("out.mp4", rate=30) as writer:
            writer.add(rgb, time)

    Args:
        path: the MP4 to write.
        rate: frames a second, about. It steers the encoder and says how long a single frame lasts.
        quality: constant rate factor of x264, 0 (no loss) to 51 (bad).

    Raises:
        RuntimeError: this FFmpeg has no H.264 encoder.
        ValueError: a name that does not end in .mp4; no frame was added.
    """
    path = _mp4(path)
    with atomic_path(path) as temporary, av.open(str(temporary), "w", **MP4) as container:
        writer = VideoWriter(path, container, Fraction(rate).limit_denominator(1001), quality)
        yield writer
        writer.finish()


def slow_down(path: Path | str, slow_path: Path | str, factor: float) -> None:
    """The video at `path` with each frame shown `factor` times as long, at `slow_path`.

    Nothing is decoded or encoded: the same compressed pictures get other times, so nothing is lost.

    Raises ValueError for a factor that is not above 0, and for a name that does not end in .mp4.
    """
    slow_path = _mp4(slow_path)
    if not factor > 0:
        raise ValueError(f"slow is {factor}: expected a factor above 0, such as 4")
    with (
        av.open(str(path)) as source,
        atomic_path(slow_path) as temporary,
        av.open(str(temporary), "w", **MP4) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is None:  # the end
                continue
            packet.pts, packet.dts = round(packet.pts * factor), round(packet.dts * factor)
            packet.duration = round((packet.duration or 0) * factor)
            packet.stream = stream
            target.mux(packet)


def _mp4(path: Path | str) -> Path:
    path = Path(path)
    if path.suffix.lower() != ".mp4":
        raise ValueError(f"{path}: videos are written as MP4, name it .mp4")
    return path
