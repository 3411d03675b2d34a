// Members: find, write down, enrol, bind, erase.

import { may } from "./allowed.js";
import { Refused, ask, path } from "./api.js";
import { openCamera } from "./camera.js";
import { showConsent } from "./consent.js";
import { doubt, inWarning } from "./doubts.js";
import { element } from "./element.js";
import { showOthers } from "./others.js";
import { confirmErasure, showReceipt } from "./erasing.js";
import { Turns } from "./turns.js";
import { pictures } from "./pictures.js";
import { renaming } from "./renaming.js";
import { inDay, inMoment, inNumbers, inWords, language, t } from "./words.js";

const PAGE = 50;
const PAUSE = 250; // milliseconds without a key before a search

const get = (id) => document.getElementById(id);
const names = JSON.parse(get("stores").textContent);
const nameOf = (id) => names[id] ?? id;
const memberPath = (id, ...more) => path("v1", "members", id, ...more);
const json = (method, body, headers = {}) => ({
  method,
  headers: { "Content-Type": "application/json", ...headers },
  body: JSON.stringify(body),
});

let chosen = null; // the member that is shown
let written = ""; // when the profile that the form shows was written
let agreed = null; // to what, when it was
let sought = ""; // whom the list is of
let next = null; // where the next page of the list starts
const [listings, choices, suggestions, receipts] = Array.from({ length: 4 }, () => new Turns());

// The list

async function search(after = "") {
  if (!may("GET /v1/members")) return;
  const current = listings.begin();
  get("found").setAttribute("aria-busy", "true");
  if (!after) sought = get("q").value.trim();
  const query = new URLSearchParams({ after, limit: PAGE, ...(sought ? { q: sought } : {}) });
  try {
    const page = await ask(`${path("v1", "members")}?${query}`);
    if (!current()) return;
    const rows = page.members.map(row);
    if (after) get("found").append(...rows);
    else get("found").replaceChildren(...rows);
    next = page.next_after;
    get("more").hidden = next === null;
    get("none").hidden = get("found").childElementCount > 0;
    get("failure").replaceChildren();
  } catch (error) {
    if (!current()) return;
    fail(error);
  }
  get("found").setAttribute("aria-busy", "false");
}

function row(member) {
  const open = element("a", { href: `?member=${encodeURIComponent(member.member_id)}`,
      "aria-current": chosen?.member_id === member.member_id ? "true" : null },
    element("span", { class: "portrait small", "aria-hidden": "true" }, initial(member)),
    element("span", { class: "found-text" },
      element("strong", {}, nameFor(member)),
      element("span", { class: "muted small" }, member.member_id)),
    element("span", { class: "muted small" }, t("members.visits", { count: inNumbers(member.visits.count) })));
  open.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(member.member_id);
  });
  return element("li", { "data-member": member.member_id }, open);
}

const nameFor = (member) => member.name || member.member_id;
const initial = (member) => [...nameFor(member).trim()][0]?.toLocaleUpperCase(language) ?? "?";

// One member

async function choose(id) {
  const current = choices.begin();
  history.replaceState(null, "", `?member=${encodeURIComponent(id)}`);
  try {
    const member = await ask(memberPath(id));
    if (!current()) return;
    show(member);
    showProfile(member);
    receipts.begin();
    for (const list of ["enrolled", "bound", "merged", "receipt"]) get(list).replaceChildren();
    get("saved").textContent = "";
    get("who").focus();
    suggestVisitors();
  } catch (error) {
    if (current()) fail(error);
  }
}

/** Show how a member is after something was done; what is being written in the form stays. */
async function renew(id) {
  if (chosen?.member_id !== id) return;
  const current = choices.begin();
  const member = await ask(memberPath(id));
  if (current()) show(member);
}

function show(member) {
  chosen = member;
  get("failure").replaceChildren();
  get("nobody").hidden = true;
  get("chosen").hidden = false;
  get("portrait").textContent = initial(member);
  get("who").textContent = nameFor(member);
  get("who-id").textContent = member.member_id;
  showHistory(member.visits);
  showConsent(get("consent"), member, (now) => {
    if (chosen?.member_id !== now.member_id) return;
    show(now);
    showProfile(now);
  });
  showFaces(member.faces);
  for (const link of document.querySelectorAll("#found a")) {
    link.toggleAttribute("aria-current", link.parentElement.dataset.member === member.member_id);
  }
  const listed = [...get("found").children].find((each) => each.dataset.member === member.member_id);
  listed?.replaceWith(row(member));
}

function showProfile(member) {
  written = member.updated_at;
  get("name").value = member.name ?? "";
  get("tags").value = member.tags.join(", ");
  agreed = member.consent;
  get("fields").value = JSON.stringify(member.profile, null, 2);
}

function showHistory({ count, first_seen: first, last_seen: last, days_in_30: days }) {
  const moment = (at) => (at ? inDay(new Date(at)) : "–");
  const facts = [["visits.all", inNumbers(count)], ["days", inNumbers(days)], ["first", moment(first)], ["last", moment(last)]];
  get("history").replaceChildren(...facts.map(([key, value]) =>
    element("div", {}, element("dt", {}, t(`members.${key}`)), element("dd", {}, value))));
}

function showFaces(faces) {
  const items = faces.map((face) => {
    const unbind = element("button", { type: "button", class: "quiet" }, t("members.unbind"));
    const { member_id: id } = chosen;
    unbind.addEventListener("click", () => change(id, () =>
      ask(memberPath(id, "faces", face.store, face.face_id), { method: "DELETE" })));
    return element("li", {},
      element("span", {}, nameOf(face.store)),
      element("code", {}, face.face_id),
      face.pending ? element("span", { class: "pill warn" }, t("members.pending")) : null,
      may("DELETE /v1/members/{member_id}/faces/{store}/{face_id}", face.store) ? unbind : null,
      pictures(face),
      may("POST /v1/stores/{store}/faces/{face_id}/rename", face.store) ? renaming(face, () => renew(id)) : null);
  });
  get("merge").hidden = !faces.length || !may("POST /v1/faces/merge");
  get("merge-into").replaceChildren(...faces.map((face, place) =>
    element("option", { value: String(place) }, `${face.face_id} · ${nameOf(face.store)}`)));
  get("faces").replaceChildren(...(items.length ? items : [element("li", { class: "muted" }, t("members.faces.none"))]));
}

/** Do something about a member, and show how they are then. */
async function change(id, work) {
  try {
    await work();
    await renew(id);
  } catch (error) {
    fail(error);
  }
}

function fail(error) {
  if (!(error instanceof Refused)) throw error;
  get("failure").replaceChildren(notice("bad", t("error.title"), inWords(error), error.code));
}

const notice = (kind, title, text, code) => element("div", { class: `notice ${kind}`, role: "alert" },
  element("div", {}, element("strong", {}, title), element("p", {}, text), element("code", { class: "muted small" }, code)));

get("profile").addEventListener("submit", async (event) => {
  event.preventDefault();
  get("saved").textContent = "";
  let profile;
  try {
    profile = JSON.parse(get("fields").value || "{}");
  } catch {
    get("saved").textContent = t("members.fields.bad");
    return;
  }
  const tags = get("tags").value.split(/[,，]/).map((tag) => tag.trim()).filter(Boolean);
  const draft = { name: get("name").value.trim() || null, tags, profile, consent: agreed };
  const { member_id: id } = chosen;
  await change(id, async () => {
    const member = await ask(memberPath(id), json("PUT", draft, { "If-Match": `"${written}"` }));
    if (chosen?.member_id !== id) return;
    showProfile(member);
    get("saved").textContent = t("members.saved");
  });
});

// New members

let toBind = null; // the face that a new member gets

function openNew(face, id) {
  toBind = face;
  get("new-form").reset();
  get("new-error").textContent = "";
  get("new-id").value = id;
  get("new-dialog").showModal();
}

get("new").addEventListener("click", () => openNew(null, `m-${Date.now().toString(36)}`));
get("new-close").addEventListener("click", () => get("new-dialog").close());
get("new-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const id = get("new-id").value.trim();
  const draft = { name: get("new-name").value.trim(), consent: { cross_store: get("new-consent").checked } };
  try {
    const face = toBind;
    await ask(memberPath(id), json("PUT", draft, { "If-None-Match": "*" }));
    get("new-dialog").close();
    if (face) await change(id, () => ask(memberPath(id, "faces", face.store, face.face_id), { method: "PUT" }));
    await Promise.all([search(), choose(id), listOthers()]);
  } catch (error) {
    get("new-error").textContent = inWords(error);
  }
});

// Pictures

async function enroll(member, store, blob, label, force = false) {
  const face = member.faces.find((each) => each.store === store)?.face_id ?? member.member_id;
  const query = new URLSearchParams({ face_id: face, member_id: member.member_id, force });
  const item = element("li", { class: "waits" }, element("span", {}, label), element("span", { class: "muted" }, t("members.enrolling")));
  get("enrolled").prepend(item);
  try {
    const answer = await ask(`${path("v1", "stores", store, "faces")}?${query}`, {
      method: "POST", headers: { "Content-Type": blob.type || "application/octet-stream" }, body: blob,
    });
    item.replaceWith(outcome("ok", label, t(`members.outcome.${answer.outcome}`), (answer.warnings ?? []).map(inWarning)));
    await renew(member.member_id);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (!error.warnings?.length) {
      item.replaceWith(outcome("bad", label, inWords(error), [error.code]));
      return;
    }
    const card = doubt(label, store, error.warnings, {
      enroll: () => { card.remove(); enroll(member, store, blob, label, true); },
      cancel: () => card.remove(),
    });
    item.replaceWith(card);
  }
}

const outcome = (kind, label, text, more) => element("li", { class: kind },
  element("span", {}, label), element("strong", { class: `${kind}-text` }, text),
  ...more.map((line) => element("span", { class: "muted small" }, line)));

get("file").addEventListener("change", async ({ target }) => {
  const files = [...target.files];
  target.value = "";
  const [member, store] = [chosen, get("enrol-store").value];
  for (const file of files) await enroll(member, store, file, file.name);
});
get("camera").addEventListener("click", () => {
  const [member, store] = [chosen, get("enrol-store").value];
  openCamera((picture) => enroll(member, store, picture, t("camera.title")));
});
for (const id of ["enrol", "search"]) get(id).addEventListener("submit", (event) => event.preventDefault());

// Visitors

async function suggestVisitors() {
  const current = suggestions.begin();
  const store = get("bind-store").value;
  if (!may("GET /v1/stores/{store}/present", store)) return;
  const present = await ask(path("v1", "stores", store, "present")).catch(() => ({ visits: [] }));
  if (!current()) return;
  const visitors = present.visits.filter((card) => card.kind === "visitor" && card.face_id && card.home === present.store);
  get("visitors").replaceChildren(...visitors.map((card) =>
    element("option", { value: card.face_id, label: inMoment(new Date(card.first_at)) })));
}

get("bind-store").addEventListener("change", suggestVisitors);
get("bind").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [store, face, id] = [get("bind-store").value, get("bind-face").value.trim(), chosen.member_id];
  try {
    await ask(memberPath(id, "faces", store, face), { method: "PUT" });
    if (chosen?.member_id !== id) return;
    get("bound").replaceChildren(outcome("ok", face, t("members.bound"), []));
    get("bind-face").value = "";
    await renew(id);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (chosen?.member_id === id) get("bound").replaceChildren(outcome("bad", face, inWords(error), [error.code]));
  }
});

// Merges

get("merge").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { member_id: id, faces } = chosen;
  const into = faces[get("merge-into").value];
  const from = { store: get("merge-store").value, face_id: get("merge-face").value.trim() };
  try {
    const merge = await ask(path("v1", "faces", "merge"), json("POST", { into: { store: into.store, face_id: into.face_id }, from }));
    const item = outcome("ok", from.face_id, t("members.merged", { into: into.face_id }), []);
    if (chosen?.member_id !== id) return;
    item.append(undoing(id, merge.merge, item, from.face_id));
    get("merged").prepend(item);
    get("merge-face").value = "";
    await renew(id);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (chosen?.member_id === id) get("merged").prepend(outcome("bad", from.face_id, inWords(error), [error.code]));
  }
});

function undoing(id, merge, item, face) {
  const undo = element("button", { type: "button", class: "quiet" }, t("members.undo"));
  undo.addEventListener("click", () => change(id, async () => {
    await ask(path("v1", "faces", "merge", merge, "undo"), { method: "POST" });
    item.replaceWith(outcome("ok", face, t("members.undone"), []));
  }));
  return undo;
}

// Erasure

get("erase").addEventListener("click", () => {
  const { member_id: id } = chosen;
  erasing(`${nameFor(chosen)} · ${id}`, `${memberPath(id)}?erase=true`, () => {
    if (chosen?.member_id !== id) return;
    choices.begin();
    chosen = null;
    get("chosen").hidden = true;
    history.replaceState(null, "", location.pathname);
  });
});

/** Ask whether somebody shall be erased, and show the receipt; `gone` is called before it. */
function erasing(who, address, gone) {
  confirmErasure(who, address, async (receipt) => {
    gone();
    const current = receipts.begin();
    await Promise.all([search(), listOthers()]);
    if (current()) showReceipt(get("receipt"), receipt, nameOf, current);
  }, fail);
}

let pause = 0;
get("q").addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(() => search(), PAUSE);
});
get("more").addEventListener("click", () => search(next));

const listOthers = showOthers({
  make: (face) => openNew(face, face.face_id),
  erase: (face) => erasing(`${face.face_id} · ${nameOf(face.store)}`,
    path("v1", "stores", face.store, "faces", face.face_id), () => {}),
  fail,
});

search();
const asked = new URLSearchParams(location.search).get("member");
if (asked) choose(asked);
