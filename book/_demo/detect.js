// Finds a face as fer_utils/faces/haar_steps.py does, with OpenCV's frontal cascade (Viola and
// Jones, 2001) over ever smaller copies of the picture. cascade.json is made from OpenCV's file.
"use strict";

window.faceFinder = (function () {
  const WINDOW = 24; // pixels a side
  const LARGEST = 320; // pixels along a side that are searched
  const FACTOR = 1.15; // from one size to the next
  const STEP = 2; // pixels from one window to the next
  const NEIGHBOURS = 3; // overlapping finds that a face needs

  // Sums of all grey values, and of their squares, above and left of each corner.
  function integrals(pixels, width, height) {
    const [sums, squares] = [0, 1].map(() => new Float64Array((width + 1) * (height + 1)));
    for (let y = 0; y < height; y++) {
      let row = 0, squared = 0;
      for (let x = 0; x < width; x++) {
        const at = 4 * (y * width + x);
        const grey = 0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2];
        row += grey;
        squared += grey * grey;
        const here = (y + 1) * (width + 1) + x + 1;
        sums[here] = sums[here - width - 1] + row;
        squares[here] = squares[here - width - 1] + squared;
      }
    }
    return [sums, squares];
  }

  function rectangle(sums, line, x, y, w, h) {
    const at = y * line + x;
    return sums[at + h * line + w] - sums[at + w] - sums[at + h * line] + sums[at];
  }

  // Whether the window at (x, y) passes every stage.
  function passes(stages, sums, squares, line, x, y) {
    const inner = WINDOW - 2; // OpenCV leaves out the window's border here
    const total = rectangle(sums, line, x + 1, y + 1, inner, inner);
    const square = rectangle(squares, line, x + 1, y + 1, inner, inner);
    const contrast = Math.sqrt(Math.max(inner * inner * square - total * total, 1));
    return stages.every(({ threshold, weak }) => {
      let score = 0;
      for (const [cut, below, above, rectangles] of weak) {
        let value = 0;
        for (const [fx, fy, w, h, weight] of rectangles) {
          value += weight * rectangle(sums, line, x + fx, y + fy, w, h);
        }
        score += value / contrast < cut ? below : above;
      }
      return score >= threshold;
    });
  }

  // All windows that pass, {x, y, side} in pixels of the picture.
  function windows(stages, source, width, height) {
    const found = [];
    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    let scale = Math.max(1, Math.max(width, height) / LARGEST);
    for (; Math.min(width, height) / scale >= WINDOW; scale *= FACTOR) {
      const [w, h] = [Math.round(width / scale), Math.round(height / scale)];
      Object.assign(pen.canvas, { width: w, height: h });
      pen.imageSmoothingQuality = "high";
      pen.drawImage(source, 0, 0, w, h);
      const [sums, squares] = integrals(pen.getImageData(0, 0, w, h).data, w, h);
      for (let y = 0; y + WINDOW <= h; y += STEP) {
        for (let x = 0; x + WINDOW <= w; x += STEP) {
          if (passes(stages, sums, squares, w + 1, x, y)) {
            found.push({ x: x * scale, y: y * scale, side: WINDOW * scale });
          }
        }
      }
    }
    return found;
  }

  // The mean of the largest group of overlapping windows; null where none is large enough.
  return function find(stages, source, width, height) {
    const found = windows(stages, source, width, height);
    const alike = (a, b) =>
      Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) < 0.2 * Math.max(a.side, b.side) &&
      Math.max(a.side, b.side) < 1.5 * Math.min(a.side, b.side);
    const groups = found.map((one) => found.filter((other) => alike(one, other)));
    const group = groups.reduce((a, b) => (b.length > a.length ? b : a), []);
    if (group.length < NEIGHBOURS) return null;
    const mean = (name) => group.reduce((sum, one) => sum + one[name], 0) / group.length;
    return { x: mean("x"), y: mean("y"), side: mean("side") };
  };
})();
