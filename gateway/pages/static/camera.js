// One picture from the camera of the device.

import { Turns } from "./turns.js";
import { t } from "./words.js";

const dialog = document.getElementById("camera-dialog");
const view = document.getElementById("camera-view");
const note = document.getElementById("camera-note");
const take = document.getElementById("camera-take");
const close = document.getElementById("camera-close");

const REASONS = { NotAllowedError: "camera.denied", SecurityError: "camera.insecure" };
const WANTED = { video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 960 } } };

let stream = null;
const openings = new Turns();

const release = (lent) => lent.getTracks().forEach((track) => track.stop());

function stop() {
  openings.begin();
  if (stream) release(stream);
  stream = view.srcObject = null;
  take.disabled = true;
}

async function start() {
  const current = openings.begin();
  note.hidden = false;
  note.textContent = t("camera.starting");
  if (!navigator.mediaDevices) {
    note.textContent = t("camera.insecure");
    return;
  }
  try {
    const opened = await navigator.mediaDevices.getUserMedia(WANTED);
    if (!current()) return release(opened);
    view.srcObject = stream = opened;
    await view.play();
    note.hidden = true;
    take.disabled = false;
    take.focus();
  } catch (error) {
    if (current()) note.textContent = t(REASONS[error.name] ?? "camera.missing");
  }
}

function still() {
  const canvas = document.createElement("canvas");
  canvas.width = view.videoWidth;
  canvas.height = view.videoHeight;
  canvas.getContext("2d").drawImage(view, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}

/** Open the camera; `use` gets each picture as a blob. */
export function openCamera(use) {
  dialog.showModal();
  start();
  take.onclick = async () => {
    const picture = await still();
    dialog.close();
    use(picture);
  };
}

close.addEventListener("click", () => dialog.close());
dialog.addEventListener("close", stop);
