"""Faces as points on a plane: a figure, and a page on which a point shows its face.

`embedding` is a figure like all others. `HoverMap` is for a notebook cell: a canvas, one sheet with
all faces in it, and a few lines of script, nothing from elsewhere, so that it works in the built
book without a server or a network.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from matplotlib.figure import Figure

from fer_utils.plot_style import colour_of, finish, page, styled

THUMB = 32  # pixels a side of a face on the sheet
QUALITY = 55  # of the sheet as JPEG
LARGEST = 900_000  # bytes of a whole map, so that a page stays below 1.5 MB


@styled
def embedding(
    points: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    title: str = "",
    note: str = "",
) -> Figure:
    """Points (N, 2) in the colours of their emotions, without axes: a plane of t-SNE has no units.

    labels: int (N,). The name of an emotion stands at the middle (median) of its points.
    """
    figure = page(5.4)
    axes = figure.subplots()
    for k, name in enumerate(classes):
        own = points[labels == k]
        if len(own) == 0:
            continue
        label = f"{name}, n = {len(own):,}"
        axes.scatter(own[:, 0], own[:, 1], s=9, color=colour_of(name), linewidth=0, label=label)
        patch = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.5}
        place = {"ha": "center", "va": "center", "fontsize": 8, "bbox": patch}
        axes.text(*np.median(own, axis=0), name, **place)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), markerscale=2)
    return finish(figure, title, note)


@dataclass(frozen=True)
class HoverMap:
    """A map of faces that shows the face under the pointer, at the end of a notebook cell."""

    page: str  # HTML, whole

    def _repr_html_(self) -> str:
        return self.page

    def __repr__(self) -> str:
        return f"HoverMap of {len(self.page) / 1000:,.0f} kB; a notebook shows it"


def hover_map(
    points: np.ndarray,
    faces: np.ndarray,
    texts: Sequence[str],
    labels: np.ndarray,
    classes: Sequence[str],
    alt: str,
) -> HoverMap:
    """Points (N, 2) in 0..1, each with its face, uint8 (N, H, W), and a text to show beside it.

    labels: int (N,), for the colours. alt: what the map shows, for who cannot see it. Raises
    ValueError where the lengths differ, or where all faces together are too large for a page.
    """
    if not len(points) == len(faces) == len(texts) == len(labels):
        lengths = [len(points), len(faces), len(texts), len(labels)]
        raise ValueError(f"expected a point, a face, a text and a label each, got {lengths}")
    across = math.ceil(math.sqrt(len(faces)))
    data = {
        "x": np.round(points[:, 0], 4).tolist(),
        "y": np.round(1 - points[:, 1], 4).tolist(),  # a canvas counts from above
        "k": np.asarray(labels).tolist(),
        "t": list(texts),
        "colours": [colour_of(name) for name in classes],
        "across": across,
        "side": THUMB,
        "sheet": "data:image/jpeg;base64," + base64.b64encode(_sheet(faces, across)).decode(),
    }
    stored = json.dumps(data, separators=(",", ":")).replace("</", "<\\/")
    name = "map-" + hashlib.sha256(stored.encode()).hexdigest()[:10]
    legend = " ".join(
        f'<span style="white-space:nowrap"><b style="color:{colour_of(k)}">\u25cf</b> '
        f"{html.escape(k)}</span>"
        for k in classes
    )
    made = _PAGE.format(name=name, alt=html.escape(alt, quote=True), legend=legend, data=stored)
    if len(made) > LARGEST:
        raise ValueError(
            f"the map would take {len(made):,} bytes, a page has room for {LARGEST:,}: "
            f"show fewer than {len(faces):,} faces"
        )
    return HoverMap(made)


def _sheet(faces: np.ndarray, across: int) -> bytes:
    """All faces on one grey JPEG, `across` in a row."""
    down = math.ceil(len(faces) / across)
    sheet = np.full((down * THUMB, across * THUMB), 128, np.uint8)
    for i, face in enumerate(faces):
        top, left = i // across * THUMB, i % across * THUMB
        small = cv2.resize(face, (THUMB, THUMB), interpolation=cv2.INTER_AREA)
        sheet[top : top + THUMB, left : left + THUMB] = small
    done, coded = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise RuntimeError(f"OpenCV could not write a JPEG of {sheet.shape} pixels")
    return coded.tobytes()


_PAGE = """\
<div id="{name}" style="position:relative;max-width:640px">
<canvas width="1280" height="1000" tabindex="0" role="img" aria-label="{alt}" \
style="width:100%;background:#fff;border:1px solid #ddd;touch-action:pan-y"></canvas>
<div style="font-size:.85em;line-height:1.5">{legend}</div>
<div role="status" style="display:none;position:absolute;pointer-events:none;background:#fff;\
color:#222;border:1px solid #888;padding:4px;font-size:.8em;line-height:1.3;width:110px">
<canvas width="96" height="96" style="width:96px;height:96px"></canvas><div></div></div>
</div>
<script>
(function () {{
  const d = {data};
  const box = document.getElementById("{name}");
  const [map, small] = box.querySelectorAll("canvas");
  const tip = box.querySelector("[role=status]"), pen = map.getContext("2d");
  const sheet = new Image();
  const at = i => [20 + d.x[i] * (map.width - 40), 20 + d.y[i] * (map.height - 40)];
  let now = -1;
  function draw() {{
    pen.clearRect(0, 0, map.width, map.height);
    for (let i = 0; i < d.x.length; i++) {{
      const [x, y] = at(i);
      pen.fillStyle = d.colours[d.k[i]];
      pen.beginPath(); pen.arc(x, y, i === now ? 12 : 6, 0, 7); pen.fill();
    }}
  }}
  function show(i) {{
    now = i; draw();
    tip.style.display = i < 0 ? "none" : "block";
    if (i < 0) return;
    const s = d.side, left = i % d.across * s, top = Math.floor(i / d.across) * s;
    small.getContext("2d").drawImage(sheet, left, top, s, s, 0, 0, 96, 96);
    tip.lastElementChild.textContent = d.t[i];
    const [x, y] = at(i), scale = map.clientWidth / map.width;
    tip.style.left = Math.min(x * scale + 12, map.clientWidth - 122) + "px";
    tip.style.top = Math.max(0, y * scale - 60) + "px";
  }}
  function nearest(event) {{
    const r = map.getBoundingClientRect(), scale = map.width / r.width;
    const px = (event.clientX - r.left) * scale, py = (event.clientY - r.top) * scale;
    let best = -1, least = 30 * 30;
    for (let i = 0; i < d.x.length; i++) {{
      const [x, y] = at(i), far = (x - px) ** 2 + (y - py) ** 2;
      if (far < least) {{ least = far; best = i; }}
    }}
    show(best);
  }}
  map.addEventListener("pointermove", nearest);
  map.addEventListener("pointerdown", nearest);
  map.addEventListener("pointerleave", () => show(-1));
  map.addEventListener("keydown", event => {{
    const by = {{ArrowRight: 1, ArrowLeft: -1}}[event.key];
    if (by) {{ show((now + by + d.x.length) % d.x.length); event.preventDefault(); }}
  }});
  sheet.src = d.sheet;
  draw();
}})();
</script>
"""
