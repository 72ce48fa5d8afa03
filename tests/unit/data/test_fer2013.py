"""FER2013: the two readers and their complaints, where it is looked for, and the cache."""

from __future__ import annotations

import json
import os

import cv2
import numpy as np
import pytest

from fer_utils.data import drawn_faces, fer2013
from fer_utils.data.dataset import CLASSES


def some_picture(folder, kind="train/fear"):
    return sorted((folder / kind).iterdir())[0]


def edit_row(path, row, **changes):
    """Replace fields of one data row (counted from 1)."""
    lines = path.read_text().splitlines()
    fields = dict(zip(("emotion", "pixels", "Usage"), lines[row].split(","), strict=True))
    lines[row] = ",".join((fields | changes).values())
    path.write_text("\n".join(lines) + "\n")


# --- reading


def test_folder_is_sorted_by_split_and_file_number(tiny_folder):
    data = fer2013.from_folder(tiny_folder)
    assert data.name == "fer2013"
    assert data.split.tolist() == ["train"] * 28 + ["public_test"] * 14 + ["private_test"] * 14
    start = 0
    for folder, usage in (("train", "Training"), ("test", "PublicTest"), ("test", "PrivateTest")):
        files = (tiny_folder / folder).glob(f"*/{usage}_*.jpg")
        for path in sorted(files, key=lambda path: int(path.stem.split("_")[1])):
            assert data.classes[data.labels[start]] == path.parent.name
            picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            np.testing.assert_array_equal(data.images[start], picture)
            start += 1
    assert start == len(data) == 56


def test_folder_and_csv_hold_the_same(tiny_folder, tiny_csv):
    folder, table = fer2013.from_folder(tiny_folder), fer2013.from_csv(tiny_csv)
    np.testing.assert_array_equal(folder.images, table.images)
    np.testing.assert_array_equal(folder.labels, table.labels)
    assert folder.split.tolist() == table.split.tolist()
    assert folder.fingerprint == table.fingerprint
    assert folder.counts() == table.counts()
    assert (folder.name, table.name) == ("fer2013", "fer2013-csv")


def test_files_of_the_operating_system_are_ignored(tiny_folder):
    before = fer2013.from_folder(tiny_folder).fingerprint
    for place in ("train", "test/sad"):
        for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
            (tiny_folder / place / name).write_bytes(b"x")
    assert fer2013.from_folder(tiny_folder).fingerprint == before


# --- what is wrong with a folder


@pytest.mark.parametrize("left", [2, 60, 500])
def test_truncated_jpeg_is_named(tiny_folder, left):
    path = some_picture(tiny_folder)
    path.write_bytes(path.read_bytes()[:-left])
    with pytest.raises(ValueError, match="cut short") as error:
        fer2013.from_folder(tiny_folder)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"not a picture at all", "no JPEG"),
        (b"\xff\xd8 nothing between \xff\xd9", "damaged JPEG"),
    ],
)
def test_damaged_file_is_named(tiny_folder, content, message):
    path = some_picture(tiny_folder)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        fer2013.from_folder(tiny_folder)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((48, 48, 3), "expected a grey picture, got 3 colour channels"),
        ((40, 48), "expected 48x48 pixels, got 48x40"),
        ((96, 96), "expected 48x48 pixels, got 96x96"),
    ],
)
def test_picture_of_another_form_is_named(tiny_folder, shape, message):
    path = some_picture(tiny_folder, "test/happy")
    cv2.imwrite(str(path), np.full(shape, 99, np.uint8))
    with pytest.raises(ValueError, match=message) as error:
        fer2013.from_folder(tiny_folder)
    assert str(path) in str(error.value)


def test_missing_class_folder_is_named(tiny_folder):
    (tiny_folder / "test/disgust").rename(tiny_folder / "elsewhere")
    with pytest.raises(FileNotFoundError, match="test/disgust: class folder is missing"):
        fer2013.from_folder(tiny_folder)


def test_empty_class_folder_is_named(tiny_folder):
    for path in (tiny_folder / "train/sad").iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="train/sad: class folder is empty"):
        fer2013.from_folder(tiny_folder)


def test_empty_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder 'train'.*Kaggle layout"):
        fer2013.from_folder(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["train/angry/holiday.jpg", "train/angry/PublicTest_3.jpg", "test/angry/Training_3.jpg",
     "train/angry/Training_3.png", "train/contempt"],
)  # fmt: skip
def test_unexpected_name_is_named(tiny_folder, name):
    (tiny_folder / name).write_bytes(some_picture(tiny_folder).read_bytes())
    with pytest.raises(ValueError, match="unexpected") as error:
        fer2013.from_folder(tiny_folder)
    assert str(tiny_folder / name) in str(error.value)


# --- what is wrong with a CSV


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"emotion": "7"}, "expected an emotion 0 to 6 .*, got '7'"),
        ({"emotion": "-1"}, "got '-1'"),
        ({"emotion": "happy"}, "got 'happy'"),
        ({"pixels": "1 2 3"}, "expected 2304 pixels, got 3"),
        ({"pixels": " ".join(["256"] * 2304)}, "whole numbers 0 to 255, .* got '256'"),
        ({"pixels": " ".join(["7"] * 2303 + ["-7"])}, "got '-7'"),
        ({"pixels": " ".join(["7"] * 2303 + ["x"])}, "got 'x'"),
        ({"pixels": " ".join(["7"] * 2303 + ["1.5"])}, "got '1.5'"),
        ({"pixels": " ".join(["7"] * 2303 + ["1.25"])}, "got '1.25'"),
        ({"Usage": "Holdout"}, "expected a Usage out of Training, .* got 'Holdout'"),
        ({"Usage": "Training,more"}, "expected 3 fields, got 4"),
    ],
)
def test_malformed_row_is_named(tiny_csv, changes, message):
    edit_row(tiny_csv, 5, **changes)
    with pytest.raises(ValueError, match=message) as error:
        fer2013.from_csv(tiny_csv)
    assert f"{tiny_csv}, row 5 (line 6)" in str(error.value)


def test_csv_without_rows_or_columns(tmp_path):
    path = tmp_path / "fer2013.csv"
    path.write_text("emotion,pixels,Usage\n")
    with pytest.raises(ValueError, match="no rows under the header"):
        fer2013.from_csv(path)
    path.write_text("emotion,pixels\n0,1 2 3\n")
    with pytest.raises(ValueError, match="no column Usage in the header"):
        fer2013.from_csv(path)
    path.write_text("")
    with pytest.raises(ValueError, match="no column emotion, pixels, Usage"):
        fer2013.from_csv(path)
    path.write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(ValueError, match="not a CSV file"):
        fer2013.from_csv(path)


def test_blanks_in_column_names_and_other_order(tiny_csv):
    rows = [line.split(",") for line in tiny_csv.read_text().splitlines()]
    wanted = fer2013.from_csv(tiny_csv).fingerprint
    other = tiny_csv.with_name("icml_face_data.csv")
    lines = ["emotion, Usage, pixels", *(f"{e}, {u}, {p}" for e, p, u in rows[1:])]
    other.write_text("\n".join(lines) + "\n")
    assert fer2013.from_csv(other).fingerprint == wanted
    tiny_csv.unlink()
    assert fer2013.find(other.parent) == other


# --- where it is looked for


def test_nothing_there(own_cache):
    assert fer2013.find() is None
    with pytest.raises(FileNotFoundError, match="data fetch fer2013.*FER2013_DIR.*data_dir"):
        fer2013.load()


def test_found_in_order(own_cache, tiny_folder, tiny_csv, monkeypatch):
    own_cache.mkdir()
    (own_cache / "fer2013").symlink_to(tiny_folder)
    assert fer2013.find() == own_cache / "fer2013"
    assert fer2013.find("") == own_cache / "fer2013"  # as the notebooks' parameter has it
    monkeypatch.setenv("FER2013_DIR", str(tiny_csv.parent))
    assert fer2013.find() == tiny_csv
    assert fer2013.find(tiny_folder) == tiny_folder


def test_wrong_place_is_an_error_that_says_who_named_it(own_cache, tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="data_dir names .*nowhere, which does not exist"):
        fer2013.find(tmp_path / "nowhere")
    monkeypatch.setenv("FER2013_DIR", str(tmp_path / "photos"))
    (tmp_path / "photos" / "birthday").mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match="FER2013_DIR names .*birthday"):
        fer2013.load()


def test_drawn_faces_only_where_there_is_no_fer2013(own_cache, tiny_folder, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(drawn_faces, "dataset", lambda **options: calls.append(options) or "drawn")
    assert fer2013.load_or_draw(n=5, seed=2) == "drawn"
    assert calls == [{"n": 5, "seed": 2, "size": 48}]
    assert fer2013.load_or_draw(tiny_folder).name == "fer2013"
    with pytest.raises(FileNotFoundError, match="data_dir"):
        fer2013.load_or_draw(tmp_path / "nowhere")
    assert len(calls) == 1


# --- the cache


@pytest.fixture
def reads(monkeypatch):
    """The paths that were read in full, not from the cache."""
    seen = []
    for name in ("from_folder", "from_csv"):
        original = getattr(fer2013, name)
        monkeypatch.setattr(
            fer2013, name, lambda path, original=original: seen.append(path) or original(path)
        )
    return seen


@pytest.mark.parametrize("copy", ["tiny_folder", "tiny_csv"])
def test_second_load_reads_nothing(copy, own_cache, request, reads):
    path = request.getfixturevalue(copy)
    first, second = fer2013.load(path), fer2013.load(path)
    assert reads == [path]
    assert isinstance(second.images, np.memmap)
    assert not second.images.flags.writeable
    for data in (first, second):
        assert data.fingerprint == fer2013.read(path).fingerprint
        assert data.part("train").fingerprint == fer2013.read(path).part("train").fingerprint
    assert (second.name, second.classes) == (first.name, CLASSES)


def test_changed_source_is_read_again(own_cache, tiny_folder, reads):
    before = fer2013.load(tiny_folder)
    path = some_picture(tiny_folder)
    cv2.imwrite(str(path), np.full((48, 48), 7, np.uint8))
    after = fer2013.load(tiny_folder)
    assert len(reads) == 2
    assert before.fingerprint != after.fingerprint == fer2013.from_folder(tiny_folder).fingerprint
    assert len(list((own_cache / "arrays").iterdir())) == 1  # the older one is gone


def test_one_changed_picture_of_a_small_folder_is_seen(own_cache, tiny_folder, reads):
    for n, path in enumerate(sorted(tiny_folder.glob("*/*/*.jpg"))[::11], 1):
        fer2013.load(tiny_folder)
        seconds = path.stat().st_mtime_ns + 10**9
        os.utime(path, ns=(seconds, seconds))  # in place: the folder does not tell
        fer2013.load(tiny_folder)
        assert len(reads) == n + 1


def test_reread_takes_nothing_from_the_cache(own_cache, tiny_folder, reads):
    fer2013.load(tiny_folder)
    assert isinstance(fer2013.load(tiny_folder, reread=True).images, np.memmap)
    assert len(reads) == 2


def test_touched_csv_is_read_again(own_cache, tiny_csv, reads):
    fer2013.load(tiny_csv)
    os.utime(tiny_csv, ns=(1, 1))
    fer2013.load(tiny_csv)
    assert len(reads) == 2


def cut(path):
    path.write_bytes(path.read_bytes()[:-1000])


def another_schema(path):
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 99}))


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("images.npy", cut),
        ("images.npy", lambda path: path.unlink()),
        ("rows.npy", cut),
        ("cache.json", lambda path: path.write_text('{"schema": 1')),
        ("cache.json", lambda path: path.write_text("[]")),
        ("cache.json", another_schema),
    ],
)
def test_damaged_cache_is_built_again(own_cache, tiny_folder, reads, file, damage):
    wanted = fer2013.load(tiny_folder).fingerprint
    (place,) = (own_cache / "arrays").iterdir()
    damage(place / file)
    data = fer2013.load(tiny_folder)
    assert len(reads) == 2
    assert data.fingerprint == wanted == fer2013.from_folder(tiny_folder).fingerprint
    assert isinstance(fer2013.load(tiny_folder).images, np.memmap)
    assert len(reads) == 3  # by the line before last, not by load


def test_a_killed_build_leaves_no_cache(own_cache, tiny_folder, monkeypatch, reads):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            fer2013.load(tiny_folder)
    assert list((own_cache / "arrays").iterdir()) == []
    assert len(fer2013.load(tiny_folder)) == 56
    assert len(reads) == 2


def test_cache_that_cannot_be_written_is_a_warning(own_cache, tiny_folder):
    own_cache.mkdir()
    (own_cache / "arrays").write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match="not kept for next time.*FER_UTILS_CACHE"):
        assert len(fer2013.load(tiny_folder)) == 56


# --- the real one


def test_real_counts_are_the_published_ones(fer2013_dir):
    data = fer2013.load(fer2013_dir)
    assert data.counts() == fer2013.PUBLISHED_COUNTS
    assert data.images.shape == (35_887, 48, 48)
    totals = [sum(numbers.values()) for numbers in data.counts().values()]
    assert totals == [28_709, 3_589, 3_589]
