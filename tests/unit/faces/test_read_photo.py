"""From files to tables: every bad file has its row, rejected and hidden faces are honoured."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from fer_utils import cli
from fer_utils.data.dataset import CLASSES
from fer_utils.faces import crop, pictures, read_folder, read_photo
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.rejected import read_rejected
from fer_utils.models import initial, zoo
from tests.unit.faces import helpers
from tests.unit.faces.helpers import Told, encoded, scene

EYES = ((70, 60), (105, 60), (88, 80), (75, 100), (100, 100))
FACE = FaceBox(40, 30, 96, 96, 0.9, EYES)
OTHER = FaceBox(150, 20, 30, 40, 0.8)
COLUMNS = ["photo", "face", "box", "score", "landmarks", "label", *CLASSES, "reason"]


@pytest.fixture(scope="module")
def model() -> ExpressionModel:
    spec = zoo.get("compact_vgg")
    return ExpressionModel(spec, CLASSES, 0.5, 0.25, initial.initial_weights(spec, 0))


@pytest.fixture
def told(monkeypatch):
    """Every photo shows the same two faces, whichever detector is asked for."""
    told = Told(OTHER, FACE)
    monkeypatch.setattr(read_folder, "_detector", lambda name: told)
    return told


@pytest.fixture(scope="module")
def model_file(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    model.save(path)
    return path


def jpeg() -> bytes:
    return encoded(Image.fromarray(scene()), "JPEG")


def test_faces_are_numbered_from_left_to_right_and_read(model):
    found = read_photo.read_photo("a.jpg", jpeg(), Told(OTHER, FACE), model)
    assert found.faces == (FACE, OTHER) and found.reason == "" and found.rejected == (False, False)
    crops = crop.grey(pictures.read(jpeg()).rgb, [FACE, OTHER])
    np.testing.assert_array_equal(found.crops, crops)
    np.testing.assert_array_equal(found.probabilities, model.probabilities(crops))
    assert found.labels == [CLASSES[k] for k in found.probabilities.argmax(axis=1)]


def test_rows_have_the_documented_columns(model):
    found = read_photo.rows(read_photo.read_photo("a.jpg", jpeg(), Told(OTHER, FACE), model))
    assert [list(row) for row in found] == [COLUMNS] * 2
    first, second = found
    assert (first["photo"], first["face"], first["score"]) == ("a.jpg", 1, 0.9)
    assert first["box"] == [40, 30, 96, 96]
    assert first["landmarks"] == [list(point) for point in EYES] and second["landmarks"] is None
    assert sum(first[name] for name in CLASSES) == pytest.approx(1, abs=1e-3)
    assert first["label"] == max(CLASSES, key=first.get)


def test_boxes_are_in_pixels_of_the_file(model, monkeypatch):
    large = encoded(Image.fromarray(scene()).resize((480, 400)), "JPEG")
    monkeypatch.setattr(pictures, "MOST_PIXELS", 240 * 200)
    (row,) = read_photo.rows(read_photo.read_photo("a.jpg", large, Told(FACE), model))
    assert row["box"] == [80, 60, 192, 192] and row["landmarks"][0] == [140, 120]
    assert row["reason"] == "read at 240 x 200 of 480 x 400 pixels"


def test_a_faceless_and_a_broken_photo_have_a_row_with_the_reason(model):
    for content, reason in ((jpeg(), "no face found"), (b"", "0 bytes")):
        (row,) = read_photo.rows(read_photo.read_photo("a.jpg", content, Told(), model))
        assert list(row) == COLUMNS and reason in row["reason"]
        assert {row[name] for name in COLUMNS[1:-1]} == {None}


def test_a_rejected_face_keeps_its_number_and_is_not_read(model):
    reading = read_photo.read_photo("a.jpg", jpeg(), Told(FACE, OTHER), model, {("a.jpg", 1)})
    first, second = read_photo.rows(reading)
    assert (first["face"], first["label"], first["reason"]) == (1, None, "rejected by hand")
    assert second["face"] == 2 and second["label"]
    assert sorted(read_photo.files(reading)) == ["annotated/a.jpg", "crops/a.jpg-2.png"]


def test_files_are_the_annotated_photo_and_crops(model):
    reading = read_photo.read_photo("b/a.png", jpeg(), Told(FACE), model)
    found = read_photo.files(reading)
    assert sorted(found) == ["annotated/b/a.png.jpg", "crops/b/a.png-1.png"]
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(found["crops/b/a.png-1.png"]))),
                          reading.crops[0])  # fmt: skip
    drawn = np.asarray(Image.open(io.BytesIO(found["annotated/b/a.png.jpg"])))
    assert drawn.shape == scene().shape and np.abs(drawn.astype(int) - scene()).max() > 60


def test_blurred_no_crop_is_kept_and_a_rejected_face_is_hidden_too(model):
    whole = read_photo.read_photo("a.jpg", jpeg(), Told(FACE), model, {("a.jpg", 1)})
    (name, content), *more = read_photo.files(whole, blur=True).items()
    assert (name, more) == ("annotated/a.jpg", [])
    hidden = np.asarray(Image.open(io.BytesIO(content)))

    def edges(rgb):
        return np.abs(np.diff(rgb[50:110, 60:120, 0].astype(float))).mean()

    assert edges(hidden) < 0.35 * edges(scene())


def test_names_are_paths_below_the_shared_folder(tmp_path):
    paths = [tmp_path / "a" / "x.jpg", tmp_path / "a" / "b" / "x.jpg"]
    assert read_folder.names(paths) == ["x.jpg", "b/x.jpg"]
    assert read_folder.names(paths[:1]) == ["x.jpg"] and read_folder.names([]) == []


def test_thirty_bad_files_go_through_with_a_row_each(model_file, told, tmp_path, capsys):
    good = helpers.bad_files(tmp_path / "in")
    out = tmp_path / "out"
    call = ["photo", str(tmp_path / "in"), "--out", str(out), "--model", str(model_file)]
    assert cli.main(call) == 0
    table = list(csv.DictReader((out / "faces.csv").open()))
    assert list(table[0]) == COLUMNS
    names = [row["photo"] for row in table]
    assert set(names) == set(good) and len(good) == 30
    for name, readable in good.items():
        own = [row for row in table if row["photo"] == name]
        read = [row for row in own if row["label"]]
        assert bool(read) == (readable and name != "dot.png"), name
        assert read or (len(own) == 1 and len(own[0]["reason"]) > 10), name
    assert not [path for path in out.rglob("*") if path.name.startswith(".")]
    assert "30 photos" in capsys.readouterr().out


def test_photos_of_a_kind_that_is_not_read_have_a_row_and_other_files_none(
    model_file, told, tmp_path, capsys
):
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500)
    thumbnail = encoded(Image.new("RGB", (160, 120)), "TIFF")  # as a raw file begins
    contents = {"a.jpg": jpeg(), "b.HEIC": heic, "c.dng": thumbnail, "notes.txt": b"not a photo"}
    (tmp_path / "in").mkdir()
    for name, content in contents.items():
        (tmp_path / "in" / name).write_bytes(content)
    call = ["photo", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    assert cli.main([*call, "--model", str(model_file)]) == 0
    table = json.loads((tmp_path / "out" / "faces.json").read_text())
    assert [row["photo"] for row in table] == ["a.jpg", "a.jpg", "b.HEIC", "c.dng"]
    assert table[2]["reason"].startswith("not a picture of a known format (JPEG, PNG")
    assert table[3]["reason"] == "a camera's raw file (.dng), not read; save it as JPEG"
    said = capsys.readouterr().err
    assert "b.HEIC: not a picture" in said and "c.dng: a camera's raw file" in said


def test_the_same_photos_give_the_same_bytes(model_file, told, tmp_path):
    (tmp_path / "a.jpg").write_bytes(jpeg())
    (tmp_path / "b.png").write_bytes(b"broken")
    made = []
    for out in (tmp_path / "one", tmp_path / "two"):
        files = [str(tmp_path / "a.jpg"), str(tmp_path / "b.png")]
        assert cli.main(["photo", *files, "--out", str(out), "--model", str(model_file)]) == 0
        made.append({path.relative_to(out): path.read_bytes() for path in out.rglob("*.*")})
    assert made[0] == made[1] and len(made[0]) == 5
    rows = json.loads((tmp_path / "one" / "faces.json").read_text())
    assert [list(row) for row in rows] == [COLUMNS] * 3


def test_the_command_honours_rejected_faces_and_names_unknown_ones(
    model_file, told, tmp_path, capsys
):
    (tmp_path / "a.jpg").write_bytes(jpeg())
    (tmp_path / "no.csv").write_text("photo,face,why\na.jpg,2,a badge\na.jpg,9,typed wrong\n")
    call = ["photo", str(tmp_path / "a.jpg"), "--out", str(tmp_path / "out")]
    call += ["--model", str(model_file), "--rejected", str(tmp_path / "no.csv")]
    assert cli.main(call) == 0
    told_so = capsys.readouterr()
    assert "rejected face 9 of a.jpg: no such face" in told_so.err and "1 faces read" in told_so.out
    table = list(csv.DictReader((tmp_path / "out" / "faces.csv").open()))
    assert [row["reason"] for row in table] == ["", "rejected by hand"]


def test_blurring_refuses_a_folder_that_shows_faces(model_file, told, tmp_path, capsys):
    (tmp_path / "a.jpg").write_bytes(jpeg())
    call = ["photo", str(tmp_path / "a.jpg"), "--out", str(tmp_path / "out")]
    call += ["--model", str(model_file)]
    assert cli.main([*call, "--blur"]) == 0
    assert not (tmp_path / "out" / "crops").exists()
    assert cli.main([*call, "--force"]) == 0 and cli.main([*call, "--blur"]) == 1
    said = capsys.readouterr().err
    assert "shows faces of an earlier run" in said and "--force" in said
    assert cli.main([*call, "--blur", "--force"]) == 0
    assert not [path for path in (tmp_path / "out" / "crops").rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["crops/mine.png", "crops/deeper/a.jpg-3.png"])
def test_blurring_never_leaves_nor_removes_a_crop_of_somebody_else(
    model_file, told, tmp_path, capsys, name
):
    (tmp_path / "a.jpg").write_bytes(jpeg())
    call = ["photo", str(tmp_path / "a.jpg"), "--out", str(tmp_path / "out")]
    call += ["--model", str(model_file)]
    assert cli.main(call) == 0
    crops = sorted((tmp_path / "out" / "crops").iterdir())
    (other := tmp_path / "out" / name).parent.mkdir(exist_ok=True)
    other.write_bytes(b"mine")
    assert cli.main([*call, "--blur", "--force"]) == 1
    said = capsys.readouterr().err
    assert f"{other} shows a face" in said and "faces.json does not name it" in said
    assert other.read_bytes() == b"mine" and all(path.is_file() for path in crops)


def test_an_earlier_run_is_replaced_only_when_asked(model_file, told, tmp_path, capsys):
    (tmp_path / "a.jpg").write_bytes(jpeg())
    call = ["photo", str(tmp_path / "a.jpg"), "--out", str(tmp_path / "out")]
    call += ["--model", str(model_file)]
    assert cli.main(call) == 0
    (tmp_path / "out" / "faces.csv").write_text("corrected by hand")
    assert cli.main(call) == 1
    assert "is there already" in (said := capsys.readouterr().err) and "--force" in said
    assert (tmp_path / "out" / "faces.csv").read_text() == "corrected by hand"
    assert cli.main([*call, "--force"]) == 0
    assert (tmp_path / "out" / "faces.csv").read_text().startswith("photo,face")


def test_no_picture_of_an_earlier_run_stays(model_file, told, tmp_path):
    (tmp_path / "a.jpg").write_bytes(jpeg())
    (tmp_path / "b.jpg").write_bytes(jpeg())
    (tmp_path / "no.csv").write_text("photo,face\na.jpg,2\n")
    end = ["--out", str(tmp_path / "out"), "--model", str(model_file)]

    def pictures():
        return {path.relative_to(tmp_path / "out").as_posix()
                for path in (tmp_path / "out").rglob("*.*g")}  # fmt: skip

    one, both = [str(tmp_path / "a.jpg")], [str(tmp_path / name) for name in ("a.jpg", "b.jpg")]
    assert cli.main(["photo", *both, *end]) == 0 and "annotated/b.jpg" in pictures()
    (tmp_path / "out" / "crops" / "mine.png").write_bytes(b"mine")
    assert cli.main(["photo", *one, *end, "--rejected", str(tmp_path / "no.csv"), "--force"]) == 0
    assert pictures() == {"annotated/a.jpg", "crops/a.jpg-1.png", "crops/mine.png"}


def test_what_is_to_be_read_is_never_replaced(model_file, told, tmp_path, capsys):
    crop = tmp_path / "out" / "crops" / "a.jpg-1.png"
    crop.parent.mkdir(parents=True)
    crop.write_bytes(jpeg())
    call = ["photo", str(crop), "--out", str(tmp_path / "out"), "--model", str(model_file)]
    assert cli.main([*call, "--force"]) == 1
    assert "would replace" in capsys.readouterr().err and crop.read_bytes() == jpeg()


def test_a_fault_of_the_program_is_a_row_and_exit_code_1(model_file, monkeypatch, tmp_path, capsys):
    class Faulty(Told):
        def detect(self, rgb):
            if rgb.shape[0] == 10:
                raise MemoryError("too large\nmore")
            return super().detect(rgb)

    monkeypatch.setattr(read_folder, "_detector", lambda name: Faulty(FACE))
    (tmp_path / "a.png").write_bytes(encoded(Image.new("RGB", (10, 10)), "PNG"))
    (tmp_path / "b.jpg").write_bytes(jpeg())
    call = ["photo", str(tmp_path), "--out", str(tmp_path / "out"), "--model", str(model_file)]
    assert cli.main(call) == 1
    table = list(csv.DictReader((tmp_path / "out" / "faces.csv").open()))
    assert table[0]["reason"] == "failed: MemoryError: too large" and table[1]["label"]
    capsys.readouterr()


@pytest.mark.parametrize(
    ("content", "wrong"),
    [("", "no column photo, face"), ("photo,number\na.jpg,1\n", "no column face; it has 'photo"),
     ("photo,face\na.jpg,1\na.jpg,first\n", "row 3: .*'first'"),
     ("face,photo\n1\n", "row 2: .*''")],
)  # fmt: skip
def test_a_wrong_list_of_rejected_faces_is_named(tmp_path, content, wrong):
    (tmp_path / "no.csv").write_text(content)
    with pytest.raises(ValueError, match=wrong):
        read_rejected(tmp_path / "no.csv")
    with pytest.raises(FileNotFoundError, match="nothing.csv"):
        read_rejected(tmp_path / "nothing.csv")


def test_a_list_of_rejected_faces_may_come_from_a_spreadsheet(tmp_path):
    (tmp_path / "no.csv").write_text("\ufeffPhoto;Face;why\nb/a.jpg;2;a badge\n", "utf-8")
    assert read_rejected(tmp_path / "no.csv") == {("b/a.jpg", 2)}


def test_without_ray_the_extra_is_named(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match="the extra `ray`"):
        list(read_folder.read_all_on_ray(read_folder.Job(model, "haar"), [], "local"))


class RayStandIn:
    """Ray's few calls that are used, in this process; the task of "lost.jpg" loses its worker."""

    class exceptions:  # noqa: N801
        class RayError(Exception):
            pass

    def __init__(self):
        self.most_waiting = self.waiting = 0

    def cluster_resources(self):
        return {"CPU": 1.0}

    def put(self, value):
        return value

    def remote(self, **needs):
        assert needs == {"num_cpus": 1}
        return lambda function: SimpleNamespace(remote=lambda *given: self._send(function, given))

    def _send(self, function, given):
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        return function, given

    def get(self, sent):
        self.waiting -= 1
        function, given = sent
        if given[1] == "lost.jpg":
            raise self.exceptions.RayError("the worker died\nand more")
        return function(*given)


def test_on_a_cluster_photos_keep_their_order_and_a_lost_one_has_its_row(
    model, told, tmp_path, monkeypatch
):
    for name in ("a.jpg", "b.jpg", "lost.jpg", "z.jpg"):
        (tmp_path / name).write_bytes(jpeg())
    paths = [*sorted(tmp_path.iterdir()), tmp_path / "gone.jpg"]
    ray = RayStandIn()
    monkeypatch.setattr(
        read_folder.ray_cluster, "cluster", lambda address: contextlib.nullcontext(ray)
    )
    job = read_folder.Job(model, "haar")
    there, here = (list(f) for f in (read_folder.read_all_on_ray(job, paths, "auto"),
                                     read_folder.read_all(job, paths)))  # fmt: skip
    assert [one.rows[0]["photo"] for one in there] == [path.name for path in paths]
    assert there[2].failed and there[2].rows[0]["reason"] == "failed: RayError: the worker died"
    assert there[4].rows[0]["reason"] == "cannot be read: No such file or directory"
    assert there[:2] + there[3:] == here[:2] + here[3:]
    assert ray.most_waiting == read_folder.AHEAD and ray.waiting == 0


@pytest.mark.usefixtures("ray")
def test_through_ray_the_outcomes_are_the_same(model, tmp_path):
    large = Image.fromarray(scene(side=144, at=(60, 50), size=(320, 320)))
    (tmp_path / "a.jpg").write_bytes(encoded(large, "JPEG"))
    (tmp_path / "b.jpg").write_bytes(b"")
    (tmp_path / "c.png").write_bytes(encoded(large.rotate(3), "PNG"))
    job = read_folder.Job(model, "haar")
    paths = sorted(tmp_path.iterdir())
    here = list(read_folder.read_all(job, paths))
    assert sum(bool(row["face"]) for outcome in here for row in outcome.rows) == 2
    assert list(read_folder.read_all_on_ray(job, paths, "local")) == here
