"""Finding weights: here, by download, and not at all; nothing is ever deleted."""

import hashlib

import pytest

from fer_utils.models import imagenet_weights
from fer_utils.models.backbones import BACKBONES, WeightsFile

CONTENT = b"weights"
MD5 = hashlib.md5(CONTENT).hexdigest()


@pytest.fixture
def folders(tmp_path, monkeypatch):
    named, keras = tmp_path / "named", tmp_path / "keras" / "models"
    named.mkdir()
    keras.mkdir(parents=True)
    monkeypatch.setenv("FER_UTILS_WEIGHTS", str(named))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return named, keras


def published(tmp_path, content=CONTENT, md5=MD5):
    """A file at an address that needs no network."""
    source = tmp_path / "server.h5"
    source.write_bytes(content)
    return WeightsFile("net.h5", source.as_uri(), md5)


def everything(folder):
    return sorted((p.relative_to(folder), p.read_bytes()) for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("which", [0, 1])
def test_it_is_found_in_the_named_folder_and_in_keras_cache(folders, which, tmp_path):
    path = folders[which] / "net.h5"
    path.write_bytes(CONTENT)
    assert imagenet_weights.find(published(tmp_path)) == path


def test_what_is_not_here_is_downloaded_into_keras_cache(folders, tmp_path):
    file = published(tmp_path)
    assert imagenet_weights.find(file) is None
    path = imagenet_weights.fetch(file)
    assert path == folders[1] / "net.h5"
    assert path.read_bytes() == CONTENT
    (tmp_path / "server.h5").unlink()
    assert imagenet_weights.fetch(file) == path


@pytest.mark.parametrize("which", [0, 1])
def test_a_file_with_another_md5_is_named_and_left(folders, which, tmp_path):
    path = folders[which] / "net.h5"
    path.write_bytes(b"another")
    before = everything(tmp_path)
    with pytest.raises(ValueError, match=f"net.h5 is not the published file.*{MD5}"):
        imagenet_weights.fetch(published(tmp_path))
    assert [entry for entry in everything(tmp_path) if entry[0].name != "server.h5"] == before


@pytest.mark.parametrize("reason", ["no server", "another content"])
def test_what_cannot_be_had_is_told_with_file_md5_and_place(folders, reason, tmp_path):
    file = published(tmp_path, content=b"cut off")
    if reason == "no server":
        (tmp_path / "server.h5").unlink()
    with pytest.raises(FileNotFoundError) as raised:
        imagenet_weights.fetch(file)
    for said in ("net.h5", MD5, str(folders[1]), "FER_UTILS_WEIGHTS"):
        assert said in str(raised.value)
    assert not any(folder for folder in folders if list(folder.iterdir()))


def test_without_the_variable_only_keras_cache_is_searched(folders, monkeypatch):
    monkeypatch.delenv("FER_UTILS_WEIGHTS")
    assert imagenet_weights.folders() == [folders[1]]


def test_every_backbone_names_a_file_of_its_own():
    files = [body.weights for body in BACKBONES.values()]
    assert len({file.name for file in files}) == len({file.md5 for file in files}) == len(files)
    assert all(file.url.endswith("/" + file.name) and len(file.md5) == 32 for file in files)
