"""The answers' file: appended whole rows, every row checked when read."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data.dataset import FaceDataset
from fer_utils.human_answers import (
    COLUMNS,
    answers_of,
    append_row,
    benchmark_of,
    median_seconds,
    read_answers,
    start_file,
)

CLASSES = ("angry", "happy", "sad")


def faces(seed: int = 0, n: int = 4) -> FaceDataset:
    images = np.random.default_rng(seed).integers(0, 256, (n, 8, 8), dtype=np.uint8)
    return FaceDataset(images, np.arange(n) % 3, CLASSES, np.full(n, "public_test"), "made up")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "new folder" / "answers.csv"
    start_file(path)
    return path


def row(rater: str, face: int, answer: str, seconds: float = 1.5, seed: int = 0) -> tuple:
    return (benchmark_of(faces(seed)), rater, face, "angry", answer, seconds)


def test_what_is_appended_is_read(file):
    append_row(file, row("a, b", 1, "sad"))
    append_row(file, row('"c"', 2, "happy", 0.25))
    start_file(file)  # a second rater: nothing is lost, no second header
    found = read_answers(file)
    assert tuple(found.columns) == COLUMNS
    assert found.values.tolist() == [
        list(row("a, b", 1, "sad")),
        list(row('"c"', 2, "happy", 0.25)),
    ]
    assert file.read_text().count("benchmark,") == 1


def test_the_last_answer_to_a_face_counts_and_other_faces_are_left_out(file):
    for one in (row("a", 2, "sad", 9), row("a", 1, "happy", 1), row("a", 2, "angry", 3)):
        append_row(file, one)
    append_row(file, row("a", 1, "sad", 50, seed=1))
    answers = read_answers(file)
    assert {k: v.tolist() for k, v in answers_of(answers, faces()).items()} == {"a": [1, 0, -1, -1]}
    assert answers_of(answers, faces(seed=1))["a"].tolist() == [2, -1, -1, -1]
    assert median_seconds(answers, faces()) == {"a": 2.0}


def test_other_pictures_labels_or_classes_are_another_benchmark():
    one = faces()
    relabelled = FaceDataset(one.images, one.labels[::-1].copy(), CLASSES, one.split, "x")
    renamed = FaceDataset(one.images, one.labels, ("angry", "happy", "fear"), one.split, "x")
    assert len({benchmark_of(f) for f in (one, faces(1), relabelled, renamed)}) == 4
    assert benchmark_of(one) == benchmark_of(faces())


def test_a_row_that_was_cut_off_is_named_and_spoils_no_other(file):
    append_row(file, row("a", 1, "sad"))
    with open(file, "a") as stream:
        stream.write("123,a,2,ang")
    append_row(file, row("a", 3, "happy"))
    with pytest.raises(ValueError, match=r"answers.csv, row 3: .*delete that row"):
        read_answers(file)
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:2], *lines[3:]]) + "\n")
    assert answers_of(read_answers(file), faces())["a"].tolist() == [2, -1, 1, -1]


def test_two_raters_who_start_at_once_may_both_write_the_header(file):
    append_row(file, row("a", 1, "sad"))
    append_row(file, COLUMNS)
    append_row(file, row("b", 1, "happy"))
    assert list(answers_of(read_answers(file), faces())) == ["a", "b"]


@pytest.mark.parametrize(("face", "answer"), [(1, "bored"), (5, "sad"), (0, "sad")])
def test_an_unknown_class_or_face_is_named(file, face, answer):
    append_row(file, row("a", face, answer))
    with pytest.raises(ValueError, match=f"a named face {face} '{answer}': expected faces 1 to 4"):
        answers_of(read_answers(file), faces())


def test_a_missing_or_foreign_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no answers at .*none.csv"):
        read_answers(tmp_path / "none.csv")
    (tmp_path / "shopping.csv").write_text("milk,bread\n")
    with pytest.raises(ValueError, match="shopping.csv: expected the header benchmark,rater"):
        read_answers(tmp_path / "shopping.csv")
