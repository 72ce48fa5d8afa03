"""`VideoReader`: the frames of a video with their true times, one after another.

PyAV decodes, which is FFmpeg's libraries. One frame is held at a time, so memory does not grow with
the length. What a container says of its number of frames is never believed: frames are counted as
they are decoded. Sound is not read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.sidedata.sidedata import Type as SideData
from av.video.reformatter import VideoReformatter

USUAL_RATE = Fraction(25)  # frames a second, where a container names none
NO_VIDEO = ("tty",)  # FFmpeg draws text files with it, letter by letter


@dataclass(frozen=True)
class VideoFrame:
    """One decoded frame."""

    index: int  # frames decoded before it
    time: float  # seconds since the first frame
    rgb: np.ndarray  # uint8 (H, W, 3), upright, pixels square


class VideoReader:
    """Iterate over it once: a `VideoFrame` at a time.

    Frames are turned as the video's display matrix says (phones film sideways), stretched to square
    pixels, and all get the size of the first. A damaged part is left out, counted in `damaged`; the
    frame before it then stays longer, since times are the true ones. Times strictly increase:
    a frame whose time is missing or not after the last one comes one frame's duration later.

    Raises:
        FileNotFoundError: no such file.
        ValueError: the file is empty, or no video, or no frame of it can be decoded.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f"no video at {self.path}")
        self._container = self._open()
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        self.rate = Fraction(self._stream.average_rate or USUAL_RATE)  # frames a second, on average
        self.decoded = 0  # frames so far
        self.damaged = 0  # packets and frames that could not be decoded
        self._reformatter = VideoReformatter()
        self._stored_size: tuple[int, int] | None = None  # before turning, of the first frame

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    @property
    def problems(self) -> list[str]:
        """What was wrong with the video, in words; complete once it was read to its end."""
        found = [f"{self.damaged} damaged parts were left out"] if self.damaged else []
        if self.decoded < self._stream.frames:
            found.append(
                f"{self.decoded} frames decoded where the file speaks of {self._stream.frames}: "
                "it may be cut short"
            )
        return found

    @property
    def expected_frames(self) -> int | None:
        """About how many frames there will be: for a progress bar and nothing else."""
        if self._stream.frames:
            return self._stream.frames
        seconds = (self._container.duration or 0) / av.time_base
        return round(seconds * self.rate) or None

    def __iter__(self) -> Iterator[VideoFrame]:
        first = last = None
        for frame in self._frames():
            time = None if frame.pts is None else float(frame.pts * frame.time_base)
            if last is not None and (time is None or time <= last):
                time = last + 1 / float(self.rate)
            last = time or 0.0
            first = last if first is None else first
            yield VideoFrame(self.decoded, last - first, self._upright(frame))
            self.decoded += 1
        if not self.decoded:
            raise ValueError(
                f"{self.path}: not one frame could be decoded; the file is damaged or cut short"
            )

    def _open(self):
        if not self.path.stat().st_size:
            raise ValueError(f"{self.path} is empty: it has 0 bytes")
        try:
            # "file" alone: a playlist cannot make us read from the network
            container = av.open(str(self.path), options={"protocol_whitelist": "file"})
        except av.FFmpegError as error:
            raise ValueError(
                f"{self.path} is no video, or its start is damaged: {error.strerror}"
            ) from error
        if container.format.name in NO_VIDEO or not container.streams.video:
            container.close()
            raise ValueError(f"{self.path} holds no pictures: it is no video, or its start is lost")
        return container

    def _frames(self) -> Iterator[av.VideoFrame]:
        """Whole decoded frames; damaged ones are counted."""
        packets, packet = self._container.demux(self._stream), None
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                frames = packet.decode()
            except av.FFmpegError:
                self.damaged += 1
                if packet is None or packet.dts is None:  # the end, or nothing more can be read
                    return
                continue
            for frame in frames:
                if frame.is_corrupt:
                    self.damaged += 1
                else:
                    yield frame

    def _upright(self, frame: av.VideoFrame) -> np.ndarray:
        if self._stored_size is None:
            stretch = self._stream.sample_aspect_ratio or 1
            self._stored_size = max(1, round(frame.width * stretch)), frame.height
        width, height = self._stored_size
        rgb = self._reformatter.reformat(frame, width, height, "rgb24").to_ndarray()
        matrix = frame.side_data.get(SideData.DISPLAYMATRIX)
        return rgb if matrix is None else turned(rgb, struct.unpack("9i", bytes(matrix)))


def turned(picture: np.ndarray, matrix: tuple[int, ...]) -> np.ndarray:
    """A picture (H, W, 3) as its display matrix wants it shown: quarter turns and mirror images.

    matrix: nine numbers a, b, u, c, d, v, x, y, w as in MP4 (ISO/IEC 14496-12): a point (p, q) is
    shown at (a p + c q + x, b p + d q + y).

    Raises ValueError for a matrix that is no multiple of a quarter turn.
    """
    a, b, c, d = (matrix[k] for k in (0, 1, 3, 4))
    if b == c == 0 and a and d:
        right, down = a, d
    elif a == d == 0 and b and c:
        picture, right, down = picture.swapaxes(0, 1), c, b
    else:
        raise ValueError(
            f"the video is shown at an angle (display matrix {a}, {b}, {c}, {d}); only quarter "
            "turns are read: make it anew with `ffmpeg -i IN OUT.mp4`"
        )
    picture = picture[:, ::-1] if right < 0 else picture
    return np.ascontiguousarray(picture[::-1] if down < 0 else picture)
