"""A webcam's frames and the live window, without a camera and, mostly, without a display."""

from __future__ import annotations

import signal
import tkinter

import cv2
import numpy as np
import pytest

from fer_utils.faces import camera
from fer_utils.faces.camera import Camera, Window


class Fake:
    """OpenCV's capture with three blue frames, or whatever the test makes of it."""

    opened, frames, said = True, 3, 30.0

    def __init__(self, number):
        self.given, self.released = 0, False
        Fake.last = self

    def isOpened(self):
        return self.opened

    def set(self, *_):
        return True

    def get(self, _):
        return self.said

    def read(self):
        if self.given == self.frames:
            return False, None
        self.given += 1
        return True, np.full((4, 6, 3), (255, 0, 0), np.uint8)  # blue first

    def release(self):
        self.released = True


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", Fake)
    ticks = iter(range(100, 200))
    monkeypatch.setattr(camera.time, "monotonic", lambda: float(next(ticks)))
    return monkeypatch


def test_frames_come_as_rgb_with_the_time_they_were_read(fake):
    with Camera(0) as source:
        frames = list(source)
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert [frame.time for frame in frames] == [0, 1, 2]
    assert frames[0].rgb[0, 0].tolist() == [0, 0, 255]
    assert source.rate == 30 and Fake.last.released


def test_ctrl_c_ends_the_film_and_keeps_it_and_works_as_before_afterwards(fake):
    before = signal.getsignal(signal.SIGINT)
    with Camera(0) as source:
        seen = []
        for frame in source:
            seen.append(frame.index)
            if frame.index == 1:
                signal.raise_signal(signal.SIGINT)
    assert seen == [0, 1] and signal.getsignal(signal.SIGINT) is before


def test_a_camera_that_says_no_rate_has_a_usual_one(fake):
    fake.setattr(Fake, "said", 0.0)
    assert Camera(0).rate == camera.USUAL_RATE


def test_no_camera_and_a_silent_one_are_named(fake):
    fake.setattr(Fake, "frames", 0)
    with pytest.raises(OSError, match="camera 0 was opened but gave no picture"):
        list(Camera(0))
    fake.setattr(Fake, "opened", False)
    with pytest.raises(OSError, match="camera 3 cannot be opened"):
        Camera(3)


def test_without_a_display_the_error_says_so(monkeypatch):
    def none():
        raise tkinter.TclError("no display name")

    monkeypatch.setattr(tkinter, "Tk", none)
    with pytest.raises(RuntimeError, match="needs a display.*--no-window"):
        Window("x")


def test_a_window_shows_until_it_is_closed():
    try:
        tkinter.Tk().destroy()
    except tkinter.TclError as error:
        pytest.skip(f"no display here: {error}")
    with Window("test") as window:
        assert window.show(np.zeros((4, 6, 3), np.uint8))
        window.close()
        assert not window.show(np.zeros((4, 6, 3), np.uint8))
