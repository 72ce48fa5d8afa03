"""The whole way from a film to its annotated film, table and timeline, on drawn faces."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest

from fer_utils.data.dataset import CLASSES
from fer_utils.faces import detect, film_truth, video, video_table
from fer_utils.faces.drawn_video import drawn_film
from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.track import TrackedFace, Tracker
from fer_utils.faces.video_read import VideoFrame, VideoReader

ROOT = Path(__file__).resolve().parents[3]
CLIPS = Path(os.environ.get("FER_VIDEOS_DIR", ROOT.parent / "shared" / "data" / "video"))

real_clips = pytest.mark.skipif(
    not CLIPS.is_dir(), reason=f"no clips in {CLIPS}; FER_VIDEOS_DIR names them"
)


class Bright:
    """Reads how bright a face is: happy from 128 on, else sad, with probability 0.9."""

    classes = CLASSES

    def probabilities(self, faces):
        found = np.full((len(faces), 7), 0.1 / 6)
        for row, face in zip(found, faces, strict=True):
            row[CLASSES.index("happy" if face.mean() >= 128 else "sad")] = 0.9
        return found


class Fixed:
    """A detector that finds one face, always in the same place."""

    name = "fixed"

    def detect(self, rgb):
        return [FaceBox(20.0, 10.0, 30.0, 30.0, 0.75)]


def frames(n, rate=10.0, grey=200):
    picture = np.full((64, 96, 3), grey, np.uint8)
    return [VideoFrame(k, k / rate, picture) for k in range(n)]


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def film():
    return drawn_film(emotions=("happy", "surprise"), hold=0.4, change=0.2)


def test_it_writes_all_four_files_and_says_so(tmp_path, film):
    outcome = video.annotate_video(film, tmp_path / "out.mp4", detect.get("haar"), Bright(), slow=4)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        path.name for path in (outcome.video, outcome.slow, outcome.table, outcome.timeline)
    )
    assert outcome.frames == len(film) and outcome.faces == 2
    assert outcome.detections < len(film) / 2
    for path, seconds in ((outcome.video, 1.2), (outcome.slow, 4.8)):
        with VideoReader(path) as reader:
            made = list(reader)
        assert len(made) == len(film) and made[0].rgb.shape == (360, 480, 3)
        with av.open(str(path)) as container:
            assert container.duration / av.time_base == pytest.approx(seconds, abs=0.01)


def test_the_table_has_the_documented_columns_and_a_row_for_each_frame_and_face(tmp_path):
    video.annotate_video(frames(5), tmp_path / "out.mp4", Fixed(), Bright())
    rows = rows_of(tmp_path / "out.csv")
    names = [*CLASSES, *(f"raw_{name}" for name in CLASSES)]
    assert list(rows[0]) == [*video_table.FIXED, *names]
    documented = video_table.__doc__
    assert all(f"`{name}`" in documented for name in video_table.FIXED)
    assert [int(row["frame"]) for row in rows] == [0, 1, 2, 3, 4]
    assert [float(row["time"]) for row in rows] == [0, 0.1, 0.2, 0.3, 0.4]
    assert {row["face"] for row in rows} == {"1"} and {row["label"] for row in rows} == {"happy"}
    assert float(rows[0]["happy"]) == pytest.approx(0.9)
    assert (float(rows[0]["x"]), float(rows[0]["w"])) == (20, 30)
    assert float(rows[0]["score"]) == 0.75 and rows[0]["detected"] == "1"


def test_smoothing_delays_a_sudden_change_and_can_be_off():
    dark = [VideoFrame(k, k / 10, f.rgb) for k, f in enumerate(frames(5) + frames(10, grey=60))]
    for smoothing in (0, 0.3):
        reads = list(video.read_faces(dark, Tracker(Fixed(), 0), Bright(), smoothing))
        raw = [CLASSES[read.raw[0].argmax()] for read in reads]
        smooth = [CLASSES[read.smooth[0].argmax()] for read in reads]
        assert raw == ["happy"] * 5 + ["sad"] * 10
        # half of the way is gone after 0.3 s * ln 2 = 0.21 s: in the third frame
        assert smooth == (raw if smoothing == 0 else ["happy"] * 7 + ["sad"] * 8)


def test_without_a_face_there_is_a_video_but_no_timeline(tmp_path):
    outcome = video.annotate_video(frames(3), tmp_path / "o.mp4", detect.get("haar"), Bright())
    assert outcome.timeline is None and outcome.faces == 0 and rows_of(outcome.table) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.csv", "o.mp4"]
    with pytest.raises(ValueError, match="no face was found"):
        video_table.timelines(outcome.table)


def test_a_single_frame_has_a_timeline(tmp_path):
    outcome = video.annotate_video(frames(1), tmp_path / "out.mp4", Fixed(), Bright(), slow=2)
    assert outcome.frames == outcome.faces == 1 and outcome.timeline.stat().st_size > 5000


def test_blurred_faces_lose_their_detail(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    (read,) = video.read_faces([VideoFrame(0, 0.0, noise)], Tracker(Fixed()), Bright())
    inner = (slice(18, 32), slice(28, 42))
    plain, hidden = (video.drawn(read, CLASSES, blur)[inner].std() for blur in (False, True))
    assert hidden < plain / 3


def test_a_face_that_is_found_once_is_hidden_too():
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    one, other = FaceBox(10.0, 10.0, 40.0, 40.0, 0.9), FaceBox(100.0, 60.0, 40.0, 40.0, 0.9)

    class Sometimes:
        name, calls = "sometimes", 0

        def detect(self, rgb):
            self.calls += 1
            return [one, other] if self.calls == 2 else [one]

    film = [VideoFrame(k, k / 10, noise) for k in range(3)]
    reads = list(video.read_faces(film, Tracker(Sometimes(), 0), Bright()))
    assert [len(read.faces) for read in reads] == [1, 1, 1]
    place = (slice(70, 90), slice(110, 130))
    spread = [video.drawn(read, CLASSES, blur=True)[place].std() for read in reads]
    assert spread[1] < spread[0] / 3 and spread[0] == spread[2] == noise[place].std()


def test_hiding_faces_looks_for_them_in_every_frame(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    film = [VideoFrame(k, k / 10, noise) for k in range(5)]  # the flow is never lost
    for blur, looks in ((False, 3), (True, 5)):
        out = tmp_path / f"{blur}.mp4"
        assert video.annotate_video(film, out, Fixed(), Bright(), blur=blur).detections == looks


def test_an_error_half_way_leaves_nothing_behind(tmp_path):
    def breaks():
        yield from frames(3)
        raise ValueError("cut")

    with pytest.raises(ValueError, match="cut"):
        video.annotate_video(breaks(), tmp_path / "out.mp4", Fixed(), Bright())
    with pytest.raises(ValueError, match="expected a factor above 0"):
        video.annotate_video(frames(3), tmp_path / "out.mp4", Fixed(), Bright(), slow=0)
    assert list(tmp_path.iterdir()) == []


def test_showing_can_end_it(tmp_path):
    shown = []

    def show(picture):
        shown.append(picture.shape)
        return len(shown) < 3

    outcome = video.annotate_video(frames(9), tmp_path / "o.mp4", Fixed(), Bright(), show=show)
    assert outcome.frames == 3 and shown == [(64, 96, 3)] * 3


def test_a_timeline_is_the_mean_of_its_rows_however_long_the_video(tmp_path):
    video.annotate_video(frames(50), tmp_path / "out.mp4", Fixed(), Bright(), smoothing=0)
    (line,) = video_table.timelines(tmp_path / "out.csv", parts=10)
    assert line.face == 1 and line.classes == CLASSES and line.probabilities.shape == (10, 7)
    np.testing.assert_allclose(line.probabilities[:, CLASSES.index("happy")], 0.9, atol=1e-4)
    assert (np.diff(line.times) > 0).all() and line.times[0] == pytest.approx(0.2)
    assert video_table.finding(tmp_path / "out.csv").startswith("Face 1 is read as happy in 100%")
    assert "n = 50 readings of 1 face" in video_table.note(tmp_path / "out.csv")


def test_the_drawn_film_says_what_it_shows(film):
    assert [film.truth(0, time) for time in (0, 0.39, 0.5)] == [film.actors[0].emotions[0]] * 2 + [
        None
    ]
    assert film.truth(1, 0.65) == film.actors[1].emotions[1]
    np.testing.assert_array_equal(film.picture(7), film.picture(7))
    assert [frame.index for frame in film] == list(range(30))
    with pytest.raises(ValueError, match="expected 1, 2 or 3"):
        drawn_film(actors=4)


def test_readings_are_scored_against_the_drawn_truth(film):
    reads = list(video.read_faces(film, Tracker(detect.get("haar")), Bright(), 0))
    table = film_truth.compare(film, reads, CLASSES)
    assert len(table) == 2 * len(film)
    assert (table["face"] > 0).mean() > 0.9
    right, n = film_truth.accuracy(table, "raw")
    held = table[table["truth"].notna()]
    assert n == len(held) == 2 * 22  # of 25 frames a second, 11 in 0.4 s, twice
    assert right == (held["raw"] == held["truth"]).sum()
    calm = film_truth.compare(film, video.smooth_anew(reads, 0.3), CLASSES)
    assert film_truth.changes(calm) <= film_truth.changes(table, "raw") == film_truth.changes(table)


def test_smoothing_anew_is_what_reading_with_that_smoothing_gives(film):
    reads = list(video.read_faces(film, Tracker(detect.get("haar")), Bright(), 0))
    at_once = list(video.read_faces(film, Tracker(detect.get("haar")), Bright(), 0.3))
    again = list(video.smooth_anew(reads, 0.3))
    assert len(again) == len(at_once) == len(film)
    for made, expected in zip(again, at_once, strict=True):
        assert (made.frame.index, made.faces) == (expected.frame.index, expected.faces)
        np.testing.assert_array_equal(made.raw, expected.raw)
        np.testing.assert_array_equal(made.smooth, expected.smooth)
    assert all((read.smooth == read.raw).all() for read in video.smooth_anew(again, 0))


def test_a_box_that_moves_evenly_does_not_tremble():
    def reads(*xs):
        """A face at each x, on a line that also falls by 5 pixels a frame."""
        boxes = [FaceBox(x, 5.0 * k, 10.0, 10.0, 1.0) for k, x in enumerate(xs)]
        nothing = np.zeros((1, 7))
        return [
            video.ReadFrame(frame, [TrackedFace(1, box, True)], nothing, nothing, [box])
            for frame, box in zip(frames(len(xs)), boxes, strict=True)
        ]

    assert film_truth.trembling(reads(0, 3, 6, 9)) == 0
    assert film_truth.trembling(reads(0, 4, 6, 9)) == pytest.approx(0.75)  # 4, not 3; 6, not 6.5
    with pytest.raises(ValueError, match="three frames"):
        film_truth.trembling(reads(0, 1))


def test_scores_by_hand():
    film = drawn_film(emotions=("happy", "surprise"), hold=0.4, change=0.2)
    rows = [  # one actor: whole expressions at 0.0 and 0.2, and from 0.6 on
        (0.0, "happy", "happy"),
        (0.2, "happy", "sad"),
        (0.5, None, "sad"),
        (0.6, "surprise", "sad"),
        (0.8, "surprise", "surprise"),
    ]
    table = pd.DataFrame(rows, columns=["time", "truth", "smooth"]).assign(actor=0, face=1)
    table["frame"] = range(len(table))
    found = film_truth.scores(film, table)
    assert found == pytest.approx(
        {"right": 2 / 4, "changes of the label": 2, "delay (seconds)": 0.2}
    )
    never = film_truth.scores(film, table.assign(smooth="sad"))
    assert never["right"] == 0 and np.isnan(never["delay (seconds)"])


@real_clips
def test_real_clips_are_read_to_their_end():
    clips = sorted(path for path in CLIPS.iterdir() if path.suffix in (".mkv", ".mp4"))
    assert clips
    for clip in clips:
        with VideoReader(clip) as reader:
            times = [frame.time for frame in reader]
        assert len(times) == reader.decoded > 20 and reader.problems == []
        steps = np.diff(times) * float(reader.rate)
        np.testing.assert_allclose(steps, 1, atol=0.05)  # Matroska rounds to milliseconds


@real_clips
@pytest.mark.parametrize("name", ["intel_asl_hungry.mkv", "intel_asl_no.mkv"])
def test_a_real_face_in_sight_keeps_one_number(name, tmp_path):
    clip = CLIPS / name
    if not clip.is_file():
        pytest.skip(f"no {clip}")
    with VideoReader(clip) as reader:
        outcome = video.annotate_video(reader, tmp_path / "o.mp4", detect.get("haar"), Bright())
    assert outcome.frames == reader.decoded and reader.problems == []
    rows = rows_of(outcome.table)
    assert outcome.faces == 1 and len(rows) == outcome.frames  # facing the camera all the time
    with VideoReader(clip) as source, VideoReader(outcome.video) as made:
        times = [[frame.time for frame in frames] for frames in (source, made)]
    np.testing.assert_allclose(times[1], times[0], atol=1e-3)
