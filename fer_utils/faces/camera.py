"""`Camera`: a webcam's frames; `Window`: a live picture on the screen.

OpenCV reads the camera. Its headless build, which the course uses, has no windows: those are
Tkinter's, which comes with Python.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction

import cv2
import numpy as np

from fer_utils.faces.video_read import USUAL_RATE, VideoFrame


class Camera:
    """Iterate over it: frames as they come, each with the time at which it was read.

    Ends when the camera does, or after the frame in which Ctrl-C is pressed: what was filmed until
    then counts.

    Raises OSError when there is no such camera, or another program holds it.
    """

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self._stopped = False
        self._capture = cv2.VideoCapture(number)
        if not self._capture.isOpened():
            raise OSError(
                f"camera {number} cannot be opened: none is connected, another program holds it, "
                "or this program may not use it; 0 is the first one"
            )
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not a queue of old ones
        said = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = Fraction(round(said)) if 1 <= said <= 240 else USUAL_RATE

    def __enter__(self) -> Camera:
        return self

    def __exit__(self, *_: object) -> None:
        self._capture.release()

    def stop(self) -> None:
        """Let the frame that is being worked on be the last."""
        self._stopped = True

    def __iter__(self) -> Iterator[VideoFrame]:
        index, start = 0, None
        with _interrupts(self.stop):
            while not self._stopped:
                there, bgr = self._capture.read()
                if not there:
                    break
                now = time.monotonic()
                start = now if start is None else start
                rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
                yield VideoFrame(index, now - start, rgb)
                index += 1
        if not index:
            raise OSError(f"camera {self.number} was opened but gave no picture")


@contextmanager
def _interrupts(handle: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C calls `handle` instead of raising KeyboardInterrupt, in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: handle())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Window:
    """A window that shows one picture after another until it is closed, or q or Escape is pressed.

    Raises RuntimeError where there is no display, or Python came without Tkinter.
    """

    def __init__(self, title: str) -> None:
        try:
            import tkinter
        except ImportError as error:
            raise RuntimeError(
                "a live window needs Tkinter, which this Python lacks (on Debian and Ubuntu: "
                "`apt install python3-tk`); --no-window films without one"
            ) from error
        try:
            self._root = tkinter.Tk()
        except tkinter.TclError as error:
            raise RuntimeError(
                f"a live window needs a display, and here is none ({error}); --no-window films "
                "without one"
            ) from error
        self._root.title(title)
        self._label = tkinter.Label(self._root, borderwidth=0)
        self._label.pack()
        self._open = True
        self._root.protocol("WM_DELETE_WINDOW", self.close)
        for key in ("q", "<Escape>"):
            self._root.bind(key, lambda _: self.close())

    def __enter__(self) -> Window:
        return self

    def __exit__(self, *_: object) -> None:
        if self._root is not None:
            self._root.destroy()
            self._root = None

    def show(self, rgb: np.ndarray) -> bool:
        """Show a picture uint8 (H, W, 3); False once the window was closed."""
        if self._open:
            from PIL import Image, ImageTk

            self._picture = ImageTk.PhotoImage(Image.fromarray(rgb), master=self._root)
            self._label.configure(image=self._picture)
            self._root.update()
        return self._open

    def close(self) -> None:
        """As if the user had closed it."""
        self._open = False
