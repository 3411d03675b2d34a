// Shows a picture to a store, and what the store says to it.

import { Refused, ask, path } from "./api.js";
import { openCamera } from "./camera.js";
import { drawn, element } from "./element.js";
import { Turns } from "./turns.js";
import { inNumbers, inWords, t } from "./words.js";

const CANDIDATES = 3;
const get = (id) => document.getElementById(id);
const [store, mint, drop, shown, picture, boxes] =
  ["store", "mint", "drop", "shown", "picture", "boxes"].map(get);
const [answer, result] = ["answer", "result"].map(get);
const nameOf = (id) => [...store.options].find((option) => option.value === id)?.text ?? id;

let chosen = null;
const questions = new Turns();

async function look(blob) {
  if (!blob) return;
  chosen = blob;
  const current = questions.begin();
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(blob);
  boxes.replaceChildren();
  drop.hidden = true;
  shown.hidden = false;
  answer.setAttribute("aria-busy", "true");
  result.replaceChildren(element("p", { class: "waiting" }, t("try.looking")));
  const content = await outcome(blob, current);
  if (!current()) return;
  result.replaceChildren(...content);
  answer.setAttribute("aria-busy", "false");
}

async function outcome(blob, current) {
  const query = new URLSearchParams({
    mint: mint.checked,
    visit: false,
    candidates: CANDIDATES,
    camera: "try",
  });
  const started = performance.now();
  try {
    const found = await ask(`${path("v1", "stores", store.value, "recognize")}?${query}`, {
      method: "POST",
      headers: { "Content-Type": blob.type || "application/octet-stream" },
      body: blob,
    });
    const seen = performance.now() - started;
    await picture.decode().catch(() => null); // a format that the gateway knows and the browser not
    if (current()) draw(found.faces);
    return [faces(found), times(found.timing_ms, seen), coverage(found)];
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return [failure(error)];
  }
}

function draw(found) {
  const { naturalWidth: width, naturalHeight: height } = picture;
  if (!width) return;
  boxes.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const unit = Math.max(width, height) / 100;
  boxes.replaceChildren(...found.map((face, place) => drawBox(face, place + 1, unit)));
  for (const plate of boxes.querySelectorAll(".plate")) fit(plate, unit, width);
}

/** Make the plate as wide as its text, and keep both inside the picture. */
function fit(plate, unit, width) {
  const label = plate.nextElementSibling;
  const wide = label.getComputedTextLength() + 3 * unit;
  const x = Math.max(0, Math.min(Number(plate.getAttribute("x")), width - wide));
  plate.setAttribute("x", x);
  plate.setAttribute("width", wide);
  label.setAttribute("x", x + 1.5 * unit);
}

function drawBox(face, number, unit) {
  const { top, right, bottom, left } = face.box;
  const label = `${number} · ${nameFor(face)}`;
  const size = 2.6 * unit;
  const y = top >= 1.6 * size ? top - 1.6 * size : bottom;
  return drawn(
    "g",
    { class: `face ${face.match}` },
    drawn("rect", { class: "outline", x: left, y: top, width: right - left, height: bottom - top,
                    rx: unit, "stroke-width": unit / 2 }),
    drawn("rect", { class: "plate", x: left, y, width: 0, height: 1.6 * size, rx: unit / 2 }),
    drawn("text", { y: y + 1.15 * size, "font-size": size }, label),
  );
}

const nameFor = (face) => face.member?.name || face.face_id || t(`match.${face.match}`);

function faces(found) {
  const count = found.faces.length;
  if (!count) return element("p", { class: "empty" }, t("try.faces.none"));
  const title = count === 1 ? t("try.faces.one") : t("try.faces.many", { count });
  return element(
    "section", { class: "part" },
    element("h3", {}, title),
    element("ol", { class: "people" }, ...found.faces.map((face, place) => person(face, place + 1))),
  );
}

function person(face, number) {
  const tags = (face.member?.tags ?? []).map((tag) => element("span", { class: "tag" }, tag));
  const kind = face.kind ? element("span", { class: "tag" }, t(face.kind === "visitor" ? "kind.visitor" : face.member ? "kind.member" : "kind.enrolled")) : null;
  const home = face.match === "roaming"
    ? element("span", { class: "muted small" }, t("try.home", { store: nameOf(face.store) })) : null;
  return element(
    "li", { class: `person ${face.match}` },
    element("div", { class: "person-head" },
      element("span", { class: "ordinal", "aria-hidden": "true" }, String(number)),
      element("div", {},
        element("strong", { class: "who" }, nameFor(face)),
        face.member?.name ? element("code", { class: "muted small" }, face.face_id) : null,
        home),
      element("div", { class: "marks" },
        element("span", { class: `match ${face.match}` }, t(`match.${face.match}`)), kind, ...tags)),
    face.provisional ? element("p", { class: "muted small" }, t("try.provisional")) : null,
    alike(face),
  );
}

/** The candidates as bars against what was needed; without candidates, the face's own score. */
function alike(face) {
  const known = face.candidates ?? [];
  if (!known.length) return element("p", { class: "muted small" }, t("try.candidates.none"));
  const needed = face.threshold ?? null;
  const best = Math.max(...known.map((candidate) => candidate.score), needed ?? 0, 1e-6);
  const rows = known.map((candidate) => {
    const passes = needed === null ? candidate.face_id === face.face_id : candidate.score >= needed;
    return element("tr", { class: passes ? "passes" : null },
      element("th", { scope: "row" }, candidate.member?.name || candidate.face_id,
        element("span", { class: "muted small" }, nameOf(candidate.store))),
      element("td", { class: "meter" }, meter(candidate.score / best, needed === null ? null : needed / best)),
      element("td", { class: "number" }, inNumbers(candidate.score)));
  });
  return element("table", { class: "alike" },
    element("caption", {}, t("try.candidates"),
      needed === null ? null : element("span", { class: "muted" }, ` · ${t("try.needed", { threshold: inNumbers(needed) })}`)),
    element("tbody", {}, ...rows));
}

function meter(share, needed) {
  const width = Math.max(0, Math.min(1, share)) * 100;
  const parts = [
    drawn("rect", { class: "track", width: 100, height: 6, rx: 3 }),
    drawn("rect", { class: "fill", width, height: 6, rx: 3 }),
  ];
  if (needed !== null) parts.push(drawn("rect", { class: "mark", x: Math.min(99, needed * 100), width: 1, height: 6 }));
  return drawn("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" }, ...parts);
}

function times(timing, seen) {
  const search = Math.max(0, timing.home - timing.encode);
  const stages = [
    ["encode", timing.encode],
    ["search", search],
    ["fan_out", timing.fan_out],
    ["rest", Math.max(0, timing.total - timing.home - timing.fan_out)],
  ];
  let start = 0;
  const rows = stages.map(([stage, ms]) => {
    const bar = drawn("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
      drawn("rect", { class: "track", width: 100, height: 6, rx: 3 }),
      drawn("rect", { class: `fill ${stage}`, x: (start / timing.total) * 100, rx: 1,
                      width: Math.max(0.8, (ms / timing.total) * 100), height: 6 }));
    start += ms;
    return element("tr", {},
      element("th", { scope: "row" }, t(`try.time.${stage}`)),
      element("td", { class: "meter" }, bar),
      element("td", { class: "number" }, milliseconds(ms)));
  });
  const sum = (key, ms) => element("tr", { class: "sum" },
    element("th", { scope: "row", colspan: "2" }, t(key)),
    element("td", { class: "number" }, milliseconds(ms)));
  return element("section", { class: "part" },
    element("h3", {}, t("try.times")),
    element("table", { class: "times" },
      element("tbody", {}, ...rows, sum("try.time.total", timing.total), sum("try.time.browser", seen))));
}

const milliseconds = (ms) => t("try.milliseconds", { ms: inNumbers(ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)) });

function coverage({ coverage: { asked, answered, failed, skipped, unawaited, directory, complete }, store: home }) {
  const alone = asked === 1; // home knew every face, so nobody else was asked
  const rows = [...store.options].map(({ value, text }) => {
    let [state, word] = alone ? ["off", t("try.asked.unneeded")] : ["ok", t("try.asked.answered")];
    if (value === home) [state, word] = ["ok", t("try.asked.home")];
    if (value in skipped) [state, word] = ["off", t("try.asked.skipped", { reason: skipped[value] })];
    if (directory?.skipped.includes(value)) [state, word] = ["off", t("try.asked.nobody_alike")];
    if (unawaited.includes(value)) [state, word] = ["off", t("try.asked.unawaited")];
    if (value in failed) [state, word] = ["bad", t("try.asked.failed", { reason: failed[value] })];
    return element("li", {}, element("span", { class: `dot ${state}`, "aria-hidden": "true" }),
      element("span", {}, text), element("span", { class: "muted" }, word));
  });
  const sentence = unawaited.length || !complete
    ? t("try.coverage.partial", { answered, asked })
    : t("try.coverage.complete");
  return element("section", { class: "part" },
    element("h3", {}, t("try.coverage")),
    element("p", { class: "muted" }, sentence),
    element("ul", { class: "asked" }, ...rows));
}

function failure(error) {
  const again = element("button", { type: "button" }, t("error.retry"));
  again.addEventListener("click", () => look(chosen));
  return element("div", { class: "notice bad", role: "alert" },
    element("div", {}, element("strong", {}, t("error.title")), element("p", {}, inWords(error)),
      element("code", { class: "muted small" }, error.code)),
    again);
}

for (const input of [get("file"), get("another")]) {
  input.addEventListener("change", () => {
    look(input.files[0]);
    input.value = "";
  });
}
for (const button of [get("camera"), get("camera-again")]) {
  button.addEventListener("click", () => openCamera(look));
}
store.addEventListener("change", () => look(chosen));

const area = get("asking");
for (const kind of ["dragenter", "dragover"]) {
  area.addEventListener(kind, (event) => {
    event.preventDefault();
    area.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) {
  area.addEventListener(kind, () => area.classList.remove("over"));
}
area.addEventListener("drop", (event) => {
  event.preventDefault();
  look(event.dataTransfer.files[0]);
});
area.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("paste", (event) => {
  const file = [...event.clipboardData.files].find((each) => each.type.startsWith("image/"));
  look(file);
});
