"""Any file is a picture or a reason; pixels stand upright, with white behind what is clear."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from fer_utils.faces import pictures
from tests.unit.faces import helpers


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    return folder, helpers.bad_files(folder)


def test_there_are_thirty_bad_files(bad):
    folder, good = bad
    assert len(list(folder.iterdir())) == len(good) == 30


def test_each_bad_file_is_a_picture_or_a_reason(bad):
    folder, good = bad
    for name, readable in good.items():
        if readable:
            rgb = pictures.read(folder / name).rgb
            assert rgb.dtype == np.uint8 and rgb.ndim == 3 and rgb.shape[2] == 3, name
            continue
        with pytest.raises(pictures.PictureError) as told:
            pictures.read(folder / name)
        assert len(str(told.value)) > 15, name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("zero.jpg", "0 bytes"),
        ("text.jpg", "not a picture"),
        ("half.jpg", "damaged or cut off"),
        ("huge.png", "20000 x 20000 pixels"),
    ],
)
def test_reasons_say_what_is_wrong(bad, name, reason):
    with pytest.raises(pictures.PictureError, match=reason):
        pictures.read(bad[0] / name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing.jpg"):
        pictures.read(tmp_path / "nothing.jpg")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_as_pillow_does(orientation):
    stored = Image.fromarray(np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10)
    exif = Image.Exif()
    exif[pictures.ORIENTATION] = orientation
    content = helpers.encoded(stored, "PNG", exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    np.testing.assert_array_equal(pictures.read(content).rgb, expected)


def test_sixteen_bits_become_eight(bad):
    plain = np.asarray(Image.fromarray(helpers.scene()).convert("L"))
    for name in ("deep.png", "deep.tif", "float.tif"):
        rgb = pictures.read(bad[0] / name).rgb
        np.testing.assert_array_equal(rgb, np.repeat(plain[..., None], 3, axis=2), err_msg=name)


def test_clear_pixels_are_white():
    picture = Image.new("RGBA", (2, 1), (200, 0, 0, 255))
    picture.putpixel((1, 0), (200, 0, 0, 0))
    rgb = pictures.read(helpers.encoded(picture, "PNG")).rgb
    assert rgb.tolist() == [[[200, 0, 0], [255, 255, 255]]]


def test_of_an_animation_the_first_frame_is_taken():
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("white", "black")]
    found = pictures.read(
        helpers.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    )
    assert found.rgb.min() == 255 and found.note == "the first frame of several"


def test_a_large_jpeg_is_read_smaller(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 5_000)
    content = helpers.encoded(Image.new("RGB", (400, 200), "navy"), "JPEG")
    found = pictures.read(content)
    assert found.rgb.shape == (50, 100, 3) and found.scale == 4
    assert found.note == "read at 100 x 50 of 400 x 200 pixels"
    progressive = helpers.encoded(Image.new("RGB", (400, 200), "navy"), "JPEG", progressive=True)
    with pytest.raises(pictures.PictureError, match="400 x 200 pixels"):
        pictures.read(progressive)


def test_reading_leaves_pillow_s_limit_alone(bad):
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(pictures.PictureError):
        pictures.read(bad[0] / "huge.png")
    assert Image.MAX_IMAGE_PIXELS == before


def test_folders_are_searched_and_nothing_comes_twice(tmp_path):
    names = ["b.JPG", "a.png", "deeper/c.webp", "notes.txt", "out/annotated/a.png.jpg"]
    names += ["d.HEIC", "e.nef", "f.jfif", "faces.json", "g.mov"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = pictures.find([tmp_path, tmp_path / "a.png"], leave_out=[tmp_path / "out"])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "a.png",
        "b.JPG",
        "d.HEIC",
        "deeper/c.webp",
        "e.nef",
        "f.jfif",
    ]
    with pytest.raises(FileNotFoundError, match="no photo and no folder"):
        pictures.find([tmp_path / "gone"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no pictures in"):
        pictures.find([tmp_path / "empty"])
