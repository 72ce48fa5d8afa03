// Cuts a square out of a picture as fer_utils/faces/crop.py does: bilinear samples at a whole
// multiple of the size, averaged down in each colour, then OpenCV's grey. What lies outside the
// picture repeats its edge.
"use strict";

window.faceCrop = (function () {
  const MOST_SAMPLES = 16; // along a side of a crop's pixel

  // Where samples fall on one axis: the pixel before, the one after, and the share of the latter.
  function positions(start, side, count, pixels) {
    const step = side / count;
    return Array.from({ length: count }, (_, i) => {
      const at = start + step * (i + 0.5) - 0.5; // index 0 is the middle of the first pixel
      const before = Math.floor(at);
      const inside = (k) => Math.min(Math.max(k, 0), pixels - 1);
      return [inside(before), inside(before + 1), at - before];
    });
  }

  // picture: ImageData; box: {x, y, side} in its pixels. Grey values, Uint8Array(size * size).
  return function grey(picture, box, size) {
    const { data, width, height } = picture;
    const times = Math.min(Math.max(1, Math.floor(box.side / size)), MOST_SAMPLES);
    const columns = positions(box.x, box.side, size * times, width);
    const rows = positions(box.y, box.side, size * times, height);
    const sums = new Float64Array(3 * size * size);
    rows.forEach(([top, bottom, down], i) => {
      const row = Math.floor(i / times) * size;
      columns.forEach(([left, right, across], j) => {
        const to = 3 * (row + Math.floor(j / times));
        for (let k = 0; k < 3; k++) {
          const at = (y, x) => data[4 * (y * width + x) + k];
          const above = at(top, left) * (1 - across) + at(top, right) * across;
          const below = at(bottom, left) * (1 - across) + at(bottom, right) * across;
          sums[to + k] += Math.round(above * (1 - down) + below * down);
        }
      });
    });
    const out = new Uint8Array(size * size);
    const mean = (k) => Math.round(sums[k] / (times * times));
    for (let i = 0; i < out.length; i++) {
      out[i] = Math.round(0.299 * mean(3 * i) + 0.587 * mean(3 * i + 1) + 0.114 * mean(3 * i + 2));
    }
    return out;
  };
})();
