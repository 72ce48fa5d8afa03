"""A teacher's folder: every picture is used or named, and labelled faces find their boxes."""

from __future__ import annotations

import pytest

from fer_utils.faces.classroom import read_class_photos, which_face
from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.label_file import LabelledFace


@pytest.fixture
def folder(tmp_path):
    def make(*names: str):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(b"a photo")
        return tmp_path

    return make


HEAD = "photo,x,y,w,h,person,emotion\n"


def test_portraits_by_person_and_emotion(folder):
    made = folder("lea/happy.jpg", "kim/Sad_2.PNG", "kim/sad.jpg", "kim/.DS_Store", "lea/Thumbs.db")
    found = [(f.person, f.emotion, f.photo.name, f.box) for f in read_class_photos(made)]
    assert found == [
        ("kim", "sad", "Sad_2.PNG", None),
        ("kim", "sad", "sad.jpg", None),
        ("lea", "happy", "happy.jpg", None),
    ]


def test_group_photos_and_portraits_together(folder):
    made = folder("class.jpg", "kim/fear.jpg", "notes.txt")
    (made / "labels.csv").write_text(HEAD + "class.jpg,1,2,3,4,lea,neutral\n")
    portrait, pupil = read_class_photos(made)
    assert (portrait.person, portrait.emotion) == ("kim", "fear")
    assert pupil == LabelledFace(made / "class.jpg", "lea", "neutral", FaceBox(1, 2, 3, 4, 1.0))


def test_no_picture_is_left_out_silently(folder):
    made = folder("kim/happy.jpg", "kim/holiday.jpg", "kim/sad.heic", "lea/bored.png")
    with pytest.raises(ValueError) as error:
        read_class_photos(made)
    lines = str(error.value).splitlines()[1:]
    assert len(lines) == 3
    assert lines[0].startswith("kim/holiday.jpg: emotion 'holiday' is not one of angry")
    assert lines[1].startswith("kim/sad.heic: .heic is none of .jpg") and "JPEG" in lines[1]
    assert lines[2].startswith("lea/bored.png: emotion 'bored'")


def test_a_group_photo_without_labels_is_named(folder):
    made = folder("kim/happy.jpg", "class.jpg", "second.jpg")
    (made / "labels.csv").write_text(HEAD + "class.jpg,1,2,3,4,lea,neutral\n")
    with pytest.raises(ValueError, match="second.jpg: a group photo without a labelled row"):
        read_class_photos(made)


def test_wrong_rows_are_told_with_wrong_files(folder):
    made = folder("class.jpg", "kim/bored.jpg")
    (made / "labels.csv").write_text(HEAD + "class.jpg,1,2,3,4,lea,bored\n")
    with pytest.raises(ValueError, match=r"(?s)kim/bored.jpg: .*labels.csv, row 2: "):
        read_class_photos(made)


def test_an_empty_or_missing_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match="holds no class photo"):
        read_class_photos(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_class_photos(tmp_path / "nowhere")


def face(box: FaceBox | None) -> LabelledFace:
    return LabelledFace("photo.jpg", "kim", "sad", box)


BOXES = [FaceBox(0, 0, 10, 10, 0.9), FaceBox(50, 0, 40, 40, 0.8), FaceBox(100, 0, 20, 20, 0.7)]


def test_a_portrait_is_its_largest_face_that_was_not_rejected():
    assert which_face([face(None)], BOXES) == [1]
    assert which_face([face(None)], BOXES, rejected=(False, True, False)) == [2]
    assert which_face([face(None)], BOXES, rejected=(True,) * 3) == [None]
    assert which_face([face(None)], []) == [None]


def test_pupils_of_a_group_find_their_boxes():
    pupils = [face(FaceBox(101, 1, 20, 20, 1)), face(FaceBox(300, 0, 9, 9, 1)), face(BOXES[0])]
    assert which_face(pupils, BOXES) == [2, None, 0]
    assert which_face(pupils, BOXES, rejected=(False, False, True)) == [None, None, 0]
