"""The page "Try it on your own face": in a browser it says what the Python package says."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from fer_utils.data import drawn_faces
from fer_utils.data.dataset import CLASSES
from fer_utils.faces import crop, haar, pictures
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.faces.face_box import FaceBox, intersection_over_union
from fer_utils.plot_style import colour_of
from tests.book.conftest import load

demo = load("face_demo")
PROMISED = 0.01  # largest difference of a probability
PROBABILITIES = """[...document.querySelectorAll("#fd-bars tbody tr")]
  .map(row => [row.dataset.class, Number(row.dataset.probability)])"""
PLACE = """([x, y, side]) => {
  for (const [id, value] of [["side", side], ["x", x], ["y", y]]) {
    const range = document.getElementById(`fd-${id}`);
    range.value = value;
    range.dispatchEvent(new Event("input"));
  }
}"""
FACES = [  # action units, box (left, top, side) in the picture of `scene`
    ({6: 0.9, 12: 1.0, 25: 0.9}, (170, 60, 250)),  # sampled five times along a pixel's side
    ({1: 1.0, 2: 1.0, 5: 0.9, 25: 1, 27: 1}, (203, 91, 187)),
    ({4: 0.9, 15: 1.0, 17: 0.9}, (0, 0, 400)),  # the picture's whole height
    ({9: 1.0, 17: 0.7, 4: 0.6}, (290, 160, 40)),  # enlarged
]


def scene(units: dict[int, float]) -> Image.Image:
    """A coloured picture, 600 x 400, with one drawn face of 240 pixels in it."""
    grey = drawn_faces.draw(units, size=240).astype(float)
    rgb = np.random.default_rng(0).integers(0, 256, (50, 75, 3)).astype(np.uint8)
    rgb = cv2.resize(rgb, (600, 400), interpolation=cv2.INTER_CUBIC)
    tint = np.array([1.0, 0.85, 0.7])
    rgb[70:310, 180:420] = np.rint(grey[..., None] * tint)
    return Image.fromarray(rgb)


def encoded(picture: Image.Image, kind: str) -> bytes:
    """A file's content; "turned" is a JPEG on its side whose EXIF says so."""
    target, options = io.BytesIO(), {}
    if kind == "turned":
        picture, options["exif"] = picture.rotate(90, expand=True), Image.Exif()
        options["exif"][pictures.ORIENTATION] = 6  # to be turned right by a quarter
    if kind == "PNG":
        picture.save(target, "PNG")
    else:
        picture.save(target, "JPEG", quality=95, **options)
    return target.getvalue()


def by_python(content: bytes, box: tuple[int, int, int]) -> np.ndarray:
    """Probabilities (7,) of the square (left, top, side) by the package."""
    x, y, side = box
    crops = crop.grey(pictures.read(content).rgb, [FaceBox(x, y, side, side, 1.0)])
    return ExpressionModel.default().probabilities(crops)[0]


def by_page(page, box: tuple[int, int, int] | None = None) -> np.ndarray:
    """Probabilities (7,) that the page shows, once they are those of the box."""
    if box is not None:
        page.evaluate(PLACE, list(box))
        page.wait_for_selector(f'#fd-bars[data-box="{" ".join(map(str, box))}"]')
    names, values = zip(*page.evaluate(PROBABILITIES), strict=True)
    assert names == CLASSES
    return np.array(values)


@pytest.fixture
def page(chromium, address, built):
    """The page, ready; the test is skipped where the book was built without the demo."""
    pytest.importorskip("torch")
    if not (built.html / "_static" / "demo" / "model.onnx").is_file():
        pytest.skip(built.pages["try_it"].select_one(".admonition").get_text(" "))
    context = chromium.new_context(permissions=["camera"])
    page, errors, asked = context.new_page(), [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/try_it.html")
    page.wait_for_selector("#fd-sources:enabled")
    yield page
    assert errors == []
    assert {url for url in asked if not url.startswith((address, "data:", "blob:"))} == set()
    context.close()


def upload(page, content: bytes, name: str = "a.png") -> None:
    """Choose a picture and wait until it was read."""
    file = {"name": name, "mimeType": "image/png", "buffer": content}
    page.set_input_files("#fd-file", files=[file])
    page.wait_for_selector('#fd-stage[aria-busy="false"]')
    page.wait_for_selector("#fd-bars[data-box]", timeout=60_000)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "turned"])
def test_a_picture_is_read_as_by_the_package(page, kind):
    found = []
    for units, box in FACES:
        content = encoded(scene(units), kind)
        upload(page, content)
        found.append(by_page(page, box))
        np.testing.assert_allclose(found[-1], by_python(content, box), atol=PROMISED)
        assert found[-1].sum() == pytest.approx(1, abs=1e-4)
    assert np.ptp(found, axis=0).max() > 0.3  # the faces are read differently


def test_a_face_is_found_where_opencvs_cascade_finds_it(page):
    content = encoded(scene({}), "PNG")
    upload(page, content)
    x, y, side = (float(page.input_value(f"#fd-{name}")) for name in ("x", "y", "side"))
    (face,) = haar.Haar(smallest=100).detect(pictures.read(content).rgb)
    half = crop.MARGINS["haar"] * face.w / 2
    middle = face.centre
    wanted = FaceBox(middle[0] - half, middle[1] - half, 2 * half, 2 * half, 1.0)
    assert intersection_over_union(FaceBox(x, y, side, side, 1.0), wanted) > 0.7
    assert page.inner_text("#fd-hint") == ""
    upload(page, encoded(Image.new("RGB", (300, 200), "grey"), "PNG"))
    assert "place the box by hand" in page.inner_text("#fd-hint")


def test_the_drawn_face_follows_its_sliders(page):
    page.click("#fd-drawn")
    page.wait_for_selector("#fd-bars[data-box]", timeout=60_000)
    faces = demo.drawn_faces()
    model = ExpressionModel.default()
    n = [len(positions) for positions in demo.SLIDERS.values()]
    for at in ([2, 2, 0], [4, 2, 1], [0, 0, 0], [2, 4, 2]):
        for i, value in enumerate(at):
            page.locator(f"#fd-s{i}").fill(str(value))
        face = faces[np.ravel_multi_index(at, n)]
        rgb = np.repeat(face[..., None], 3, axis=2)
        side = demo.DRAWN_SIZE
        wanted = model.probabilities(crop.grey(rgb, [FaceBox(0, 0, side, side, 1.0)]))[0]
        name = CLASSES[wanted.argmax()]
        page.wait_for_function(
            f"() => Math.abs({PROBABILITIES}[{wanted.argmax()}][1] - {wanted.max()}) < {PROMISED}"
        )
        np.testing.assert_allclose(by_page(page), wanted, atol=PROMISED)
        assert name in page.inner_text("#fd-status")


def test_the_box_is_moved_by_mouse_and_by_keyboard_and_stays_inside(page):
    upload(page, encoded(scene({}), "PNG"))
    by_page(page, (100, 50, 200))
    page.focus("#fd-x")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector('#fd-bars[data-box="101 50 200"]')
    place = page.locator("#fd-box").bounding_box()
    scale = place["width"] / 200  # screen over picture
    middle = [place[k] + place[side] / 2 for k, side in (("x", "width"), ("y", "height"))]
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 50 * scale, middle[1] + 30 * scale)
    page.mouse.up()
    page.wait_for_selector("#fd-box")
    x, y, side = (int(page.input_value(f"#fd-{name}")) for name in ("x", "y", "side"))
    assert abs(x - 151) <= 1 and abs(y - 80) <= 1 and side == 200
    corner = page.locator("#fd-corner").bounding_box()
    page.mouse.move(corner["x"] + 5, corner["y"] + 5)
    page.mouse.down()
    page.mouse.move(corner["x"] + 2000, corner["y"] + 2000)
    page.mouse.up()
    assert int(page.input_value("#fd-side")) == 400 - y  # what room there is below


def test_the_webcam_is_read_until_it_is_stopped(page):
    page.click("#fd-camera")
    page.wait_for_selector("#fd-bars[data-box]", timeout=60_000)
    assert page.get_attribute("#fd-camera", "aria-pressed") == "true"
    first = by_page(page)
    assert first.sum() == pytest.approx(1, abs=1e-4)
    page.click("#fd-camera")
    assert page.inner_text("#fd-camera") == "Webcam"


def test_what_is_no_picture_is_named(page):
    page.set_input_files(
        "#fd-file", files=[{"name": "b.png", "mimeType": "image/png", "buffer": b"no"}]
    )
    page.wait_for_function("() => document.getElementById('fd-status').textContent")
    assert "b.png is no picture" in page.inner_text("#fd-status")


def test_the_browser_refuses_to_send_anything_elsewhere(page):
    send = "fetch('https://example.org', {method: 'POST'}).then(() => 'sent', () => 'refused')"
    said = []
    page.on("console", lambda message: said.append(message.text))
    assert page.evaluate(send) == "refused"
    page.wait_for_timeout(100)
    assert any("Content Security Policy" in text for text in said)


def test_the_bars_have_the_classes_and_colours_of_the_course(page):
    shown = page.evaluate(
        "() => [...document.querySelectorAll('#fd-bars tbody tr')].map(row =>"
        " [row.querySelector('th').textContent, row.querySelector('.fd-bar').style.background])"
    )
    rgb = [tuple(bytes.fromhex(colour_of(name)[1:])) for name in CLASSES]
    assert shown == [
        [name, f"rgb({r}, {g}, {b})"] for name, (r, g, b) in zip(CLASSES, rgb, strict=True)
    ]


def test_opened_from_disk_the_page_says_what_to_do(chromium, built):
    page, errors = chromium.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((built.html / "try_it.html").as_uri())
    if page.locator("#fd-notice").count() == 0:
        pytest.skip("this book was built without the demo")
    assert "make serve" in page.inner_text("#fd-notice")
    assert page.locator("#fd-drawn").is_disabled()
    assert errors == []
    page.close()


def test_without_npm_the_page_says_how_to_have_the_demo(tmp_path, monkeypatch):
    monkeypatch.setattr(demo.shutil, "which", lambda name: None)
    with pytest.raises(demo.Missing, match="npm was not there; install Node.js"):
        demo.packages(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_npms_own_words_are_told_and_nothing_is_kept(tmp_path, monkeypatch):
    program = tmp_path / "npm"
    program.write_text("#!/bin/sh\necho 'npm error network unreachable' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(demo.shutil, "which", lambda name: str(program))
    with pytest.raises(demo.Missing, match=r"npm failed \(network unreachable\)"):
        demo.packages(tmp_path / "cache")
    assert list((tmp_path / "cache" / "npm").iterdir()) == []
