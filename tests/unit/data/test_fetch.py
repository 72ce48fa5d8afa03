"""Fetching, unpacking and checking FER2013, without the internet."""

from __future__ import annotations

import errno
import io
import json
import re
import shutil
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fer_utils.data import fer2013, fetch
from fer_utils.data.archives import extract
from fer_utils.data.dataset import CLASSES, FaceDataset


@pytest.fixture
def kaggle(monkeypatch, tiny_folder):
    """A stand-in for kagglehub that "downloads" the made-up FER2013; returns the calls made."""
    calls = []

    def dataset_download(handle, force_download=False):
        calls.append((handle, force_download))
        return str(tiny_folder)

    monkeypatch.setitem(
        sys.modules, "kagglehub", SimpleNamespace(dataset_download=dataset_download)
    )
    return calls


def archive_of(folder, kind: str):
    return shutil.make_archive(str(folder.with_name("archive")), kind, folder.parent, folder.name)


def published(per_class: int = 1) -> FaceDataset:
    """Pictures of the published counts, two grey values with the published moments."""
    labels, split = [], []
    for name, counts in fer2013.PUBLISHED_COUNTS.items():
        labels += list(np.repeat(np.arange(7), list(counts.values())))
        split += [name] * sum(counts.values())
    images = np.tile(np.array([[[64, 195]]], np.uint8), (len(labels), 1, 1))
    return FaceDataset(images, np.array(labels), CLASSES, np.array(split), "fer2013")


# --- fetch


def test_fetch_puts_a_copy_where_find_looks(own_cache, kaggle, tiny_folder):
    got = fetch.fetch_fer2013()
    assert kaggle == [("msambare/fer2013", False)]
    assert got.new
    assert fer2013.find() == got.path == own_cache / "fer2013"
    assert got.dataset.fingerprint == fer2013.from_folder(tiny_folder).fingerprint
    assert tiny_folder.is_dir()  # kagglehub's own copy is left alone
    assert {p.name for p in own_cache.iterdir()} == {"fer2013", "arrays"}


def test_fetch_says_what_differs_from_the_published(own_cache, kaggle):
    got = fetch.fetch_fer2013()
    assert "train, angry: 4 pictures, published 3,995" in got.problems
    assert len([p for p in got.problems if "published" in p and "pictures" in p]) == 21
    assert "differs: private_test, neutral: 2 pictures, published 626" in str(got)


def test_fetch_does_nothing_when_it_is_there_unless_forced(own_cache, kaggle):
    fetch.fetch_fer2013()
    again = fetch.fetch_fer2013()
    assert (again.new, len(kaggle)) == (False, 1)
    assert "already in" in str(again)
    damaged = next((own_cache / "fer2013/train/sad").iterdir())
    damaged.write_bytes(b"")
    assert fetch.fetch_fer2013(force=True).new
    assert kaggle[1:] == [("msambare/fer2013", True)]
    assert len(fer2013.load()) == 56


@pytest.mark.parametrize("force", [False, True])
def test_fetch_never_replaces_what_is_no_copy(own_cache, kaggle, tmp_path, force):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="mine exists and is no copy of FER2013"):
        fetch.fetch_fer2013(mine, force=force)
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_fetch_offline_says_how_to_go_on(own_cache, monkeypatch):
    def dataset_download(handle, force_download=False):
        raise OSError("Failed to resolve 'api.kaggle.com'")

    monkeypatch.setitem(
        sys.modules, "kagglehub", SimpleNamespace(dataset_download=dataset_download)
    )
    with pytest.raises(ConnectionError, match="resolve.*by hand.*data unpack.*FER2013_DIR"):
        fetch.fetch_fer2013()
    assert list(own_cache.iterdir()) == []


def test_fetch_without_kagglehub_says_so(own_cache, monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(ImportError, match="pip install kagglehub"):
        fetch.fetch_fer2013()


def test_damaged_download_is_not_put_in_place(own_cache, kaggle, tiny_folder):
    picture = next((tiny_folder / "test/fear").iterdir())
    picture.write_bytes(picture.read_bytes()[:-5])
    with pytest.raises(ValueError, match=f"{picture.name}: .*cut short"):
        fetch.fetch_fer2013()
    assert list(own_cache.iterdir()) == []


# --- unpack


@pytest.mark.parametrize("kind", ["tar", "gztar", "xztar", "zip"])
@pytest.mark.parametrize("copy", ["tiny_folder", "tiny_csv"])
def test_unpack(own_cache, request, copy, kind):
    source = request.getfixturevalue(copy)
    folder = source if source.is_dir() else source.parent
    got = fetch.unpack(archive_of(folder, kind))
    assert got.new
    assert got.path == own_cache / "fer2013"
    assert fer2013.load().fingerprint == fer2013.read(source).fingerprint


def test_unpack_does_nothing_when_it_is_there(own_cache, tiny_folder):
    archive = archive_of(tiny_folder, "tar")
    fetch.unpack(archive)
    assert not fetch.unpack("no such archive").new
    with pytest.raises(FileNotFoundError, match="no such archive"):
        fetch.unpack("no such archive", force=True)
    assert len(fer2013.load()) == 56  # the old copy is still there


@pytest.mark.parametrize("copy", ["tiny_folder", "tiny_csv"])
@pytest.mark.parametrize(
    "other", ["archive.tar", "thesis.txt", ".git/config", "train/cats/1.jpg", "train/happy/1.jpg"]
)
def test_a_copy_in_company_is_never_replaced(own_cache, request, copy, other):
    source = request.getfixturevalue(copy)
    folder = source if source.is_dir() else source.parent
    archive = Path(archive_of(folder, "tar"))
    (folder / other).parent.mkdir(parents=True, exist_ok=True)
    (folder / other).write_bytes(b"mine")
    before = sorted(folder.rglob("*"))
    named = other.split("/")[0]
    if named == "train" and copy == "tiny_folder":  # beside a CSV train/ alone is no FER2013's
        named = "train/cats" if "cats" in other else other
    with pytest.raises(FileExistsError, match=rf"more than FER2013 \({re.escape(named)}"):
        fetch.unpack(archive, folder, force=True)
    assert sorted(folder.rglob("*")) == before and (folder / other).read_bytes() == b"mine"


def test_a_copy_with_clutter_is_replaced_when_asked(own_cache, tiny_folder):
    archive = archive_of(tiny_folder, "tar")
    for name in (".DS_Store", "Thumbs.db", "train/.DS_Store", "._train"):
        (tiny_folder / name).write_bytes(b"")
    assert fetch.unpack(archive, tiny_folder, force=True).new
    assert sorted(path.name for path in tiny_folder.iterdir()) == ["test", "train"]


def test_a_file_is_no_folder_to_replace(own_cache, tiny_csv):
    archive = archive_of(tiny_csv.parent, "tar")
    before = tiny_csv.read_bytes()
    with pytest.raises(FileExistsError, match="in a folder of its own"):
        fetch.unpack(archive, tiny_csv, force=True)
    assert tiny_csv.read_bytes() == before
    assert list(tiny_csv.parent.iterdir()) == [tiny_csv]


def test_what_an_archive_holds_besides_is_left_out(own_cache, tiny_csv):
    (tiny_csv.parent / "README").write_text("as the challenge's own archive has one")
    archive = archive_of(tiny_csv.parent, "tar")
    assert [path.name for path in fetch.unpack(archive).path.iterdir()] == ["fer2013.csv"]
    assert fetch.unpack(archive, force=True).new  # so it can be replaced


def test_unpack_refuses_an_archive_of_something_else(own_cache, tmp_path):
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "beach.jpg").write_bytes(b"sand")
    with pytest.raises(ValueError, match="no FER2013 in it"):
        fetch.unpack(archive_of(tmp_path / "holiday", "zip"))
    assert list(own_cache.iterdir()) == []


@pytest.mark.parametrize("kind", ["tar", "xztar", "zip"])
def test_unpack_names_a_damaged_archive(own_cache, tiny_folder, tmp_path, kind):
    content = open(archive_of(tiny_folder, kind), "rb").read()
    cut = tmp_path / "cut.bin"
    cut.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"cut\.bin: .*damaged"):
        fetch.unpack(cut)
    assert list(own_cache.iterdir()) == []


@pytest.mark.parametrize("kind", ["xztar", "zip"])
def test_a_full_disk_is_not_blamed_on_the_archive(own_cache, tiny_folder, monkeypatch, kind):
    archive = archive_of(tiny_folder, kind)

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    monkeypatch.setattr(tarfile, "copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        fetch.unpack(archive)


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "a/../../evil.txt"])
def test_no_member_is_written_outside(tmp_path, name):
    place = tmp_path / "deep" / "place"
    place.mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as file:
        file.writestr(name, "x")
    with pytest.raises(ValueError, match="refused"):
        extract(tmp_path / "bad.zip", place)
    with tarfile.open(tmp_path / "bad.tar", "w") as file:
        member = tarfile.TarInfo(name)
        member.size = 1
        file.addfile(member, io.BytesIO(b"x"))
    if name.startswith("/"):
        extract(tmp_path / "bad.tar", place)  # tarfile takes the slash away
        assert (place / "evil.txt").is_file()
    else:
        with pytest.raises(ValueError, match="refused.*evil"):
            extract(tmp_path / "bad.tar", place)
    assert [p for p in tmp_path.rglob("evil.txt") if place not in p.parents] == []


def test_a_link_that_leads_outside_is_refused(tmp_path):
    place = tmp_path / "place"
    with tarfile.open(tmp_path / "bad.tar", "w") as file:
        member = tarfile.TarInfo("way_out")
        member.type, member.linkname = tarfile.SYMTYPE, ".."
        file.addfile(member)
    with pytest.raises(ValueError, match="refused.*unsafe"):
        extract(tmp_path / "bad.tar", place)
    assert not list(place.glob("*"))


@pytest.mark.parametrize("kind", ["xztar", "zip"])
def test_an_archive_that_would_fill_the_disk_is_refused(tmp_path, monkeypatch, kind):
    source = tmp_path / "zeros"
    source.mkdir()
    for name in "ab":
        (source / name).write_bytes(bytes(60_000))
    archive = archive_of(source, kind)
    monkeypatch.setattr("fer_utils.data.archives.MOST_BYTES", 120_000)
    extract(archive, tmp_path / "right")
    monkeypatch.setattr("fer_utils.data.archives.MOST_BYTES", 119_999)
    with pytest.raises(ValueError, match="refused, it would fill more than"):
        extract(archive, tmp_path / "wrong")


# --- checking


def test_moments_of_known_values():
    images = np.zeros((2, 2, 2), np.uint8)
    images[0] = [[0, 0], [100, 100]]
    images[1] = 100
    found = fetch.moments(images)
    # 0, 0 and six times 100: mean 75, variance 75 * 25; deviations within are 50 and 0
    assert found == pytest.approx({"mean": 75, "std": 1875**0.5, "std_within_picture": 25})
    with pytest.raises(ValueError, match="no pictures"):
        fetch.moments(images[:0])


def test_published_counts_and_moments_pass():
    assert fetch.check(published()) == []


def test_other_counts_are_named():
    data = published()
    extra = replace(data, split=np.where(np.arange(len(data)) < 5, "train_2", data.split))
    assert fetch.check(extra) == [
        "train, angry: 3,990 pictures, published 3,995",
        "split 'train_2' is not among the published",
    ]


def test_equalised_copy_is_named():
    equalised = np.array([[[0, 85], [170, 255]]], np.uint8)
    data = replace(published(), images=np.repeat(equalised, len(published()), axis=0))
    problems = fetch.check(data)
    assert "std of the pixels is 95.0, published 65.1" in problems
    assert "histogram-equalised" in problems[-1]
    brighter = replace(published(), images=published().images + 20)
    assert fetch.check(brighter) == ["mean of the pixels is 149.5, published 129.4"]


def test_info(tiny_folder):
    data = fer2013.from_folder(tiny_folder)
    facts = fetch.info(data)
    assert json.loads(json.dumps(facts)) == facts
    assert (facts["pictures"], facts["size"]) == (56, [48, 48])
    assert facts["counts"] == data.counts()
    assert facts["differs_from_published"] == fetch.check(data)
    text = fetch.info_text(data)
    assert data.fingerprint in text
    assert "differs: train, angry: 4 pictures, published 3,995" in text
    assert "counts and moments are those of the published" in fetch.info_text(published())
    assert fetch.info(replace(data, name="drawn_faces"))["differs_from_published"] is None
