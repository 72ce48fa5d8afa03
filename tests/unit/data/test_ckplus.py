"""CK+: every reading rule, on a made-up tree in the real format (`ckplus_tree`)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_utils.data import ckplus, facs
from fer_utils.data.ckplus_files import EMOTIONS, read_landmarks, read_sequences

from . import ckplus_tree


@pytest.fixture
def tree(tmp_path):
    return ckplus_tree.write(tmp_path / "ckplus")


def the_file(tree: Path, pattern: str) -> Path:
    (found,) = tree.glob(pattern)
    return found


def test_sequences_come_in_order_with_their_labels(tree):
    found = list(read_sequences(tree))
    wanted = ckplus_tree.SEQUENCES
    assert [(f"S{s.subject:03d}", f"{s.session:03d}") for s in found] == [w[:2] for w in wanted]
    assert [len(s.frames) for s in found] == [w[2] for w in wanted]
    assert [s.units for s in found] == [w[4] for w in wanted]
    names = [None if w[5] is None else EMOTIONS[w[5]] for w in wanted]
    assert [s.emotion for s in found] == names
    assert names[:3] == ["disgust", "surprise", "happy"]


def test_frames_run_from_neutral_to_the_peak(tree):
    first = next(read_sequences(tree))
    assert [path.stem[-8:] for path in first.frames] == ["00000001", "00000002", "00000003"]


def test_the_other_folder_names_are_read_too(tmp_path):
    tree = ckplus_tree.write(tmp_path, facs="FACS_labels", emotion="Emotion_labels")
    assert len(list(read_sequences(tree))) == len(ckplus_tree.SEQUENCES)


def test_intensity_zero_is_present_and_a_missing_unit_absent(tree):
    data = ckplus.load(tree)
    row = dict(zip(data.action_unit_names, data.action_units[0].tolist(), strict=True))
    assert (row["AU9"], row["AU17"], row["AU12"]) == (1, 1, 0)
    assert {"AU11", "AU14"} <= set(row)  # units that occur, beside those of the report
    assert set(map(facs.unit_name, facs.RMIT_UNITS)) <= set(row)


def test_a_missing_emotion_is_unlabelled_whether_the_folder_is_there_or_not(tree):
    data = ckplus.load(tree)
    names = [data.classes[label] for label in data.labels]
    assert names == ["disgust", "surprise", "happy", "unlabelled", "unlabelled", "contempt"]
    assert not (tree / "Emotion" / "S131").exists()
    assert (tree / "Emotion" / "S050" / "001").is_dir()


def test_neutral_first_frames_have_no_units(tree):
    peaks, both = ckplus.load(tree), ckplus.load(tree, neutral=True)
    n = len(peaks)
    assert len(both) == 2 * n
    assert (both.labels[n:] == both.classes.index("neutral")).all()
    assert not both.action_units[n:].any()
    assert np.array_equal(both.subject[n:], peaks.subject)
    assert np.array_equal(both.images[:n], peaks.images)


def test_subjects_are_the_numbers_of_the_folders(tree):
    assert ckplus.load(tree).subject.tolist() == [5, 10, 10, 50, 131, 506]


@pytest.mark.parametrize("size", [64, (490, 490)])
def test_every_frame_size_and_colour_become_one_grey_size(tree, size):
    data = ckplus.load(tree, size)
    assert data.images.shape == (6, *((size, size) if isinstance(size, int) else size))
    assert data.images.dtype == np.uint8
    assert data.images.std(axis=(1, 2)).min() > 5


def test_landmarks_place_the_crop(tree):
    sequence = next(read_sequences(tree))
    points = read_landmarks(sequence.landmarks[2])
    assert points[0].tolist() == [200, 130]
    assert points[-1].tolist() == [468, 331]
    frame = cv2.imread(str(sequence.frames[2]), cv2.IMREAD_GRAYSCALE)
    side = 268 * 1.5  # the longer side and a quarter of it at each edge
    left, top = round(334 - side / 2), round(230.5 - side / 2)
    cut = frame[top : top + round(side), left : left + round(side)]
    wanted = cv2.resize(cut, (64, 64), interpolation=cv2.INTER_AREA)
    assert np.array_equal(ckplus.picture(sequence, 2, (64, 64)), wanted)


def test_without_landmarks_the_square_in_the_middle_is_cut(tree):
    the_file(tree, "Landmarks/S005/001/*3_landmarks.txt").unlink()
    sequence = next(read_sequences(tree))
    assert set(sequence.landmarks) == {0, 1}
    frame = cv2.imread(str(sequence.frames[2]), cv2.IMREAD_GRAYSCALE)
    wanted = cv2.resize(frame[:, 75:565], (64, 64), interpolation=cv2.INTER_AREA)
    assert np.array_equal(ckplus.picture(sequence, 2, (64, 64)), wanted)


def test_the_whole_frame_on_request(tree):
    sequence = next(read_sequences(tree))
    frame = cv2.imread(str(sequence.frames[2]), cv2.IMREAD_GRAYSCALE)
    assert np.array_equal(ckplus.picture(sequence, 2, (490, 640), crop=False), frame)


def test_a_crop_beyond_the_frame_repeats_its_border():
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    cut = ckplus._cut(image, 0, 0, 4)
    assert cut.tolist() == [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [4, 4, 4, 5]]


def test_the_environment_names_the_folder(tree, monkeypatch):
    monkeypatch.delenv("CKPLUS_DIR", raising=False)
    assert ckplus.find() is None
    with pytest.raises(FileNotFoundError, match="signed agreement.*CKPLUS_DIR"):
        ckplus.load()
    monkeypatch.setenv("CKPLUS_DIR", str(tree))
    assert ckplus.find() == tree
    with pytest.raises(FileNotFoundError, match="data_dir names .* no folder 'cohn-kanade-images'"):
        ckplus.find(tree / "FACS")


def test_missing_labels_are_named(tree):
    the_file(tree, "FACS/S005/001/*.txt").unlink()
    with pytest.raises(FileNotFoundError, match="no FACS file of S005_001_00000003.png"):
        ckplus.load(tree)
    (tree / "FACS").rename(tree / "facs-elsewhere")
    with pytest.raises(FileNotFoundError, match="no folder FACS or FACS_labels"):
        ckplus.load(tree)


@pytest.mark.parametrize(
    ("pattern", "text", "message"),
    [
        ("FACS/S005/001/*.txt", "   9.5e+00   0.0e+00\n", "action unit 9.5"),
        ("FACS/S005/001/*.txt", "   9.0e+00   6.0e+00\n", "intensity 6"),
        ("FACS/S005/001/*.txt", "   9.0e+00\n", "expected 2 finite numbers"),
        ("FACS/S005/001/*.txt", "   9.0e+00   nan\n", "expected 2 finite numbers"),
        ("Emotion/S005/001/*.txt", "   8.0e+00\n", "one number 0 to 7"),
        ("Emotion/S005/001/*.txt", "happy\n", "could not convert"),
        ("Landmarks/S005/001/*3_landmarks.txt", "   1.0e+00   2.0e+00\n", "1 points; expected 68"),
    ],
)
def test_a_damaged_text_is_an_error_that_names_it(tree, pattern, text, message):
    path = the_file(tree, pattern)
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as error:
        ckplus.load(tree)
    assert str(path) in str(error.value)


def test_what_does_not_belong_is_an_error(tree):
    (tree / "cohn-kanade-images" / "S005" / "001" / "copy of a frame.png").write_bytes(b"")
    with pytest.raises(ValueError, match="copy of a frame.png: unexpected"):
        ckplus.load(tree)


def test_a_label_of_another_frame_is_an_error(tree):
    path = the_file(tree, "Emotion/S005/001/*.txt")
    path.rename(path.with_name("S005_001_00000002_emotion.txt"))
    with pytest.raises(ValueError, match="expected S005_001_00000003_emotion.txt alone"):
        ckplus.load(tree)


def test_a_picture_of_another_size_is_an_error(tree):
    path = the_file(tree, "cohn-kanade-images/S005/001/*3.png")
    cv2.imwrite(str(path), np.zeros((48, 48), np.uint8))
    with pytest.raises(ValueError, match="48x48 pixels .* 640x490, 640x480, 720x480"):
        ckplus.load(tree)
    path.write_bytes(b"no picture")
    with pytest.raises(ValueError, match="cannot decode"):
        ckplus.load(tree)


def test_the_report_s_three_emotions_of_it(tree):
    data = facs.with_units(facs.grouped(ckplus.load(tree), unlabelled=True))
    assert data.classes == ("negative", "positive", "surprise", "unlabelled")
    assert data.labels.tolist() == [0, 2, 1, 3, 3, 0]
    assert data.action_units.shape == (6, 15)
