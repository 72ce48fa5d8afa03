"""Label files: read with every row checked, never written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.label_file import (
    LabelledFace,
    emotion_of,
    read_labels,
    write_labels,
)

HEAD = "photo,x,y,w,h,person,emotion\n"


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"a photo")
    return tmp_path


def labels(folder: Path, text: str) -> tuple[list[LabelledFace], list[str]]:
    (folder / "labels.csv").write_text(text, encoding="utf-8")
    return read_labels(folder / "labels.csv")


def test_rows_become_faces(folder):
    faces, problems = labels(
        folder, HEAD + "a.jpg,1,2,30,40,Kim,happy\nb.jpg,0,0,5.5,6,Lea,Fearful\n"
    )
    assert problems == []
    assert faces == [
        LabelledFace(folder / "a.jpg", "Kim", "happy", FaceBox(1, 2, 30, 40, 1.0)),
        LabelledFace(folder / "b.jpg", "Lea", "fear", FaceBox(0, 0, 5.5, 6, 1.0)),
    ]


def test_as_a_spreadsheet_saves_it(folder):
    """Byte order mark, semicolons, decimal commas, blanks, an empty line and a column more."""
    text = "\ufeffPhoto; x ;y;w;h;person;emotion;note\na.jpg;1,5;2;30;40; Kim ;happy;x\n;;;;;;;\n"
    faces, problems = labels(folder, text)
    assert problems == []
    assert faces == [LabelledFace(folder / "a.jpg", "Kim", "happy", FaceBox(1.5, 2, 30, 40, 1.0))]


def test_a_row_without_an_emotion_is_left_out(folder):
    assert labels(folder, HEAD + "a.jpg,1,2,30,40,,\n") == ([], [])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("c.jpg,1,2,3,4,Kim,happy", "no photo 'c.jpg'"),
        ("a.jpg,1,two,3,4,Kim,happy", "y is 'two', expected pixels"),
        ("a.jpg,nan,2,3,4,Kim,happy", "x is 'nan', expected pixels"),
        ("a.jpg,1,2,3,,Kim,happy", "h is '', expected pixels"),
        ("a.jpg,1,2,0,4,Kim,happy", "width and height above 0"),
        ("a.jpg,1,2,3,4,,happy", "no person"),
        ("a.jpg,1,2,3,4,Kim,bored", "emotion 'bored' is not one of angry"),
        ("a.jpg,1,2", "w is ''"),
        ("a.jpg,7,7,7,7,Lea,sad", "the same box as row 2"),
    ],
)
def test_a_wrong_row_is_named_and_spoils_no_other(folder, row, said):
    if "emotion" not in said and row == "a.jpg,1,2":
        row += ",,,,happy"
    faces, (problem,) = labels(folder, HEAD + f"a.jpg,7,7,7,7,Kim,happy\n{row}\n")
    assert problem.startswith("labels.csv, row 3: ") and said in problem
    assert faces[0].person == "Kim"


def test_a_missing_column_is_named(folder):
    with pytest.raises(ValueError, match=r"labels.csv, row 1: no column h, emotion"):
        labels(folder, "photo,x,y,w,person\n")
    with pytest.raises(FileNotFoundError, match="none.csv; it needs the columns photo,x"):
        read_labels(folder / "none.csv")
    (folder / "labels.csv").write_bytes(HEAD.encode() + b"a.jpg,1,2,3,4,J\xf8rgen,happy\n")
    with pytest.raises(ValueError, match="save it as CSV UTF-8"):
        read_labels(folder / "labels.csv")


def test_what_is_written_can_be_filled_in_and_read(folder):
    file = write_labels(
        folder / "labels.csv", {"a.jpg": [FaceBox(1.4, 2, 30, 40, 0.9)], "b.jpg": []}
    )
    assert file.read_text() == HEAD + "a.jpg,1,2,30,40,,\n"
    faces, _ = labels(folder, file.read_text().replace(",,\n", ",Kim,sad\n"))
    assert faces == [LabelledFace(folder / "a.jpg", "Kim", "sad", FaceBox(1, 2, 30, 40, 1.0))]
    with pytest.raises(FileExistsError, match="labels.csv is there already"):
        write_labels(file, {})
    assert "Kim" in file.read_text()


def test_words_for_emotions():
    words = ("Surprised", " fear ", "DISGUSTED", "neutral", "afraid")
    assert [emotion_of(word) for word in words] == [
        "surprise",
        "fear",
        "disgust",
        "neutral",
        "fear",
    ]
