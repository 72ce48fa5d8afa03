// "Try it on your own face": a picture, a box about the face, seven probabilities. The picture stays
// in this page. Scaling, mirroring and softmax are part of model.onnx (fer_utils/faces/onnx_file.py).
"use strict";

(function () {
  const FILES = new URL(".", document.currentScript.src).href;
  const SIZE = 48; // pixels that the network sees along a side
  const LARGEST = 4096; // pixels along a side that are kept of a picture
  const LEAST = 24; // of the box, in pixels of the picture
  const PAUSE = 150; // milliseconds between two frames of the webcam

  const find = (name) => document.getElementById(`fd-${name}`);
  const canvas = find("picture");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const ranges = { x: find("x"), y: find("y"), side: find("side") };

  let about; // demo.json
  let faces; // drawn.png
  let session; // a promise of the network
  let stages; // a promise of the face detector
  let picture; // ImageData
  let box = { x: 0, y: 0, side: LEAST }; // in pixels of the picture
  let stream = null; // of the webcam
  let busy = false;
  let again = false;

  const say = (text) => { find("status").textContent = text; };
  const between = (value, low, high) => Math.min(Math.max(Math.round(value), low), high);

  // --- the network

  function load() {
    session ??= (async () => {
      say("Loading the network …");
      await new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = `${FILES}ort.wasm.min.js`;
        script.onload = done;
        script.onerror = () => failed(new Error(`${script.src} cannot be loaded`));
        document.head.append(script);
      });
      window.ort.env.wasm.wasmPaths = FILES;
      window.ort.env.wasm.numThreads = 1; // more need headers that a plain server does not send
      return window.ort.InferenceSession.create(`${FILES}model.onnx`);
    })();
    return session;
  }

  async function read() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const network = await load();
      do {
        again = false;
        const read = box;
        const grey = window.faceCrop(picture, read, SIZE);
        showCrop(grey);
        const input = new window.ort.Tensor("uint8", grey, [1, SIZE, SIZE]);
        const answer = await network.run({ faces: input });
        showAnswer(Array.from(answer.probabilities.data), read);
      } while (again);
    } catch (error) {
      say(`The network could not be run: ${error.message}`);
    } finally {
      busy = false;
    }
  }

  function showCrop(grey) {
    const target = find("crop").getContext("2d");
    const seen = target.createImageData(SIZE, SIZE);
    grey.forEach((value, i) => seen.data.set([value, value, value, 255], 4 * i));
    target.putImageData(seen, 0, 0);
    find("crop").setAttribute("aria-label", "What the network sees: the face in the box");
  }

  function showAnswer(probabilities, read) {
    find("bars").dataset.box = [read.x, read.y, read.side].join(" "); // what the numbers are of
    find("bars").querySelectorAll("tbody tr").forEach((row, k) => {
      row.dataset.probability = probabilities[k];
      row.querySelector(".fd-bar").style.width = `${100 * probabilities[k]}%`;
      row.querySelector(".fd-percent").textContent = `${(100 * probabilities[k]).toFixed(1)}%`;
    });
    const most = probabilities.indexOf(Math.max(...probabilities));
    if (!stream) say(`Read as ${about.classes[most]}, ${(100 * probabilities[most]).toFixed(0)}%.`);
  }

  // --- the picture and the box

  function show(source, width, height, label) {
    const scale = Math.min(1, LARGEST / Math.max(width, height));
    const [w, h] = [width, height].map((n) => Math.max(1, Math.round(n * scale)));
    const isNew = !picture || picture.width !== w || picture.height !== h || label !== canvas.ariaLabel;
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    pen.fillStyle = "white"; // what is transparent
    pen.fillRect(0, 0, w, h);
    pen.drawImage(source, 0, 0, w, h);
    picture = pen.getImageData(0, 0, w, h);
    canvas.ariaLabel = label;
    if (isNew) {
      const side = Math.min(w, h);
      box = { x: (w - side) / 2, y: (h - side) / 2, side };
    }
    place(box);
  }

  function place(wanted) {
    const most = Math.min(picture.width, picture.height);
    const side = between(wanted.side, Math.min(LEAST, most), most);
    const x = between(wanted.x, 0, picture.width - side);
    const y = between(wanted.y, 0, picture.height - side);
    box = { x, y, side };
    ranges.side.min = Math.min(LEAST, most);
    ranges.side.max = most;
    ranges.x.max = picture.width - side;
    ranges.y.max = picture.height - side;
    for (const [name, range] of Object.entries(ranges)) range.value = box[name];
    const style = find("box").style;
    style.left = `${(100 * x) / picture.width}%`;
    style.top = `${(100 * y) / picture.height}%`;
    style.width = `${(100 * side) / picture.width}%`;
    find("box").hidden = false;
    find("place").disabled = false;
    read();
  }

  // Put the box about a face as FER2013's pictures were cut, or say that there is none.
  async function search() {
    stages ??= fetch(`${FILES}cascade.json`).then((answer) => answer.json());
    const found = window.faceFinder((await stages).stages, canvas, picture.width, picture.height);
    if (!found) {
      find("hint").textContent = "No upright face from the front was found: place the box by hand.";
      return;
    }
    find("hint").textContent = "";
    const side = about.margin * found.side;
    const shift = (side - found.side) / 2;
    place({ x: found.x - shift, y: found.y - shift, side });
  }

  function drag(event) {
    const resizing = event.target === find("corner");
    const [startX, startY, start] = [event.clientX, event.clientY, { ...box }];
    const pixels = picture.width / canvas.getBoundingClientRect().width;
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    const move = (now) => {
      const [dx, dy] = [(now.clientX - startX) * pixels, (now.clientY - startY) * pixels];
      if (resizing) {
        const room = Math.min(picture.width - start.x, picture.height - start.y);
        place({ ...start, side: Math.min(start.side + Math.max(dx, dy), room) });
      } else {
        place({ ...start, x: start.x + dx, y: start.y + dy });
      }
    };
    const end = () => {
      target.removeEventListener("pointermove", move);
      target.removeEventListener("pointerup", end);
      target.removeEventListener("pointercancel", end);
    };
    target.addEventListener("pointermove", move);
    target.addEventListener("pointerup", end);
    target.addEventListener("pointercancel", end);
    event.preventDefault();
  }

  // --- where pictures come from

  async function upload(file) {
    if (!file) return;
    leaveOthers();
    find("stage").setAttribute("aria-busy", "true"); // until the face was looked for
    try {
      const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
      show(bitmap, bitmap.width, bitmap.height, `Your picture ${file.name}`);
      bitmap.close();
      await search();
    } catch (error) {
      say(`${file.name} is no picture that this browser reads: ${error.message}`);
    }
    find("stage").setAttribute("aria-busy", "false");
  }

  async function film() {
    if (stream) { leaveOthers(); return; }
    leaveOthers();
    if (!navigator.mediaDevices) {
      say("The browser lends the webcam only to pages on localhost or with https.");
      return;
    }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
    } catch (error) {
      say(`No webcam: ${error.message}`);
      return;
    }
    find("camera").setAttribute("aria-pressed", "true");
    find("camera").textContent = "Stop the webcam";
    say("Filming. The numbers follow the face in the box.");
    let first = true;
    const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
    video.srcObject = stream;
    await video.play();
    (function next() {
      if (video.srcObject !== stream) return;
      show(video, video.videoWidth, video.videoHeight, "Your webcam");
      if (first) search();
      first = false;
      setTimeout(next, PAUSE);
    })();
  }

  function draw() {
    leaveOthers();
    find("sliders").hidden = false;
    showDrawn();
  }

  function showDrawn() {
    const { size, sliders } = about.drawn;
    const at = sliders.reduce((k, { positions }, i) => k * positions + Number(find(`s${i}`).value), 0);
    const face = document.createElement("canvas");
    Object.assign(face, { width: size, height: size });
    face.getContext("2d").drawImage(faces, 0, at * size, size, size, 0, 0, size, size);
    show(face, size, size, "A drawn face");
  }

  function leaveOthers() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    find("camera").setAttribute("aria-pressed", "false");
    find("camera").textContent = "Webcam";
    find("sliders").hidden = true;
    find("hint").textContent = "";
  }

  // --- once, when the page opens

  function addRows() {
    about.classes.forEach((name, k) => {
      const row = find("bars").tBodies[0].insertRow();
      row.dataset.class = name;
      const head = Object.assign(document.createElement("th"), { scope: "row", textContent: name });
      const bar = Object.assign(document.createElement("div"), { className: "fd-bar" });
      bar.style.background = about.colours[k];
      row.append(head);
      row.insertCell().append(bar);
      Object.assign(row.insertCell(), { className: "fd-percent", textContent: "–" });
    });
  }

  function addSliders() {
    about.drawn.sliders.forEach(({ name, positions, start }, i) => {
      const label = document.createElement("label");
      const range = document.createElement("input");
      Object.assign(range, { type: "range", id: `fd-s${i}`, min: 0, max: positions - 1, value: start });
      range.addEventListener("input", showDrawn);
      label.append(name, " ", range);
      find("sliders").append(label);
    });
  }

  function listen() {
    find("file").addEventListener("change", (event) => upload(event.target.files[0]));
    find("camera").addEventListener("click", film);
    find("drawn").addEventListener("click", draw);
    find("box").addEventListener("pointerdown", drag);
    find("find").addEventListener("click", search);
    for (const [name, range] of Object.entries(ranges)) {
      range.addEventListener("input", () => place({ ...box, [name]: Number(range.value) }));
    }
    const page = find("stage").parentElement.parentElement.parentElement;
    page.addEventListener("dragover", (event) => event.preventDefault());
    page.addEventListener("drop", (event) => {
      event.preventDefault();
      upload(event.dataTransfer.files[0]);
    });
    window.addEventListener("pagehide", leaveOthers);
  }

  async function start() {
    if (location.protocol === "file:") return; // the notice says what to do
    about = await (await fetch(`${FILES}demo.json`)).json();
    faces = Object.assign(new Image(), { src: `${FILES}drawn.png` });
    await faces.decode();
    addRows();
    addSliders();
    listen();
    find("notice").hidden = true;
    find("sources").disabled = false;
  }

  start();
})();
