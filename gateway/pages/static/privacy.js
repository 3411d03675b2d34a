// The privacy desk: how much is kept of whom, one person found, receipts.

import { Refused, ask, path } from "./api.js";
import { element } from "./element.js";
import { showReceipt } from "./erasing.js";
import { showPerson } from "./person.js";
import { Turns } from "./turns.js";
import { inMoment, inNumbers, inWords, t } from "./words.js";

const PAGE = 20;
const COUNT_AGAIN = 5000; // milliseconds; stores say within a second or so how many they have

const get = (id) => document.getElementById(id);
const names = JSON.parse(get("stores").textContent);
const nameOf = (id) => names[id] ?? id;
const [finds, shows, listings, receipts] = Array.from({ length: 4 }, () => new Turns());
let next = null; // where the next page of receipts starts

function fail(error) {
  if (!(error instanceof Refused)) throw error;
  get("failure").replaceChildren(element("div", { class: "notice bad", role: "alert" },
    element("div", {}, element("strong", {}, t("error.title")), element("p", {}, inWords(error)),
      element("code", { class: "muted small" }, error.code))));
}

/** Do something that may be refused, and show it where it is. */
async function attempt(work) {
  get("failure").replaceChildren();
  try {
    await work();
  } catch (error) {
    fail(error);
  }
}

// How much is kept

async function count() {
  const status = await ask(path("v1", "privacy"));
  get("persons").textContent = inNumbers(status.persons);
  get("alarm").textContent = status.alarm === null ? t("privacy.alarm.none")
    : t(status.reached ? "privacy.alarm.reached" : "privacy.alarm", { alarm: inNumbers(status.alarm) });
  get("alarm").className = status.reached ? "bad-text" : "muted";
  get("open").textContent = inNumbers(status.open_erasures);
  get("oldest").textContent = status.oldest_open_erasure
    ? t("privacy.oldest", { at: inMoment(new Date(status.oldest_open_erasure)) }) : t("privacy.open.none");
  get("kept").replaceChildren(...status.stores.map((store) => element("tr", {},
    element("th", { scope: "row" }, store.name || store.store),
    ...[store.members, store.visitors].map((number) =>
      element("td", { class: "number" }, number === null ? "–" : inNumbers(number))),
    element("td", {}, inDuration(store.visitor_retention)),
    element("td", {}, t(`privacy.cross_store.${store.cross_store}`)),
    element("td", {}, t(store.keep_pictures ? "privacy.yes" : "privacy.no")))));
}

/** An ISO 8601 duration of days, hours, minutes and seconds in words: its two largest parts. */
function inDuration(text) {
  const [, days, hours, minutes, seconds] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(text) ?? [];
  const parts = [["days", days], ["hours", hours], ["minutes", minutes], ["seconds", seconds]]
    .filter(([, number]) => Number(number) > 0)
    .map(([unit, number]) => t(`privacy.${unit}`, { number: inNumbers(Number(number)) }));
  return parts.slice(0, 2).join(" ") || text;
}

// Finding somebody

/** List who was found; each is a label and the address of everything about them. */
function listFound(people) {
  get("found").replaceChildren(...(people.length ? people.map(({ label, more, about }) => {
    const open = element("button", { type: "button", class: "quiet" }, t("privacy.show"));
    open.addEventListener("click", () => attempt(() => show(about)));
    return element("li", {}, element("strong", {}, label), element("span", { class: "muted small" }, more), open);
  }) : [element("li", { class: "muted" }, t("privacy.none"))]));
}

const aboutMember = (id) => ({ member_id: id });
const aboutFace = (store, face_id) => ({ store, face_id });

async function show(about) {
  const current = shows.begin();
  await showPerson(get("person"), about, { nameOf, current, fail, erased });
}

async function erased(receipt) {
  get("person").replaceChildren();
  get("found").replaceChildren();
  await Promise.all([count(), list()]);
  showReceipt(get("receipt"), receipt, nameOf, receipts.begin());
}

get("by-name").addEventListener("submit", (event) => {
  event.preventDefault();
  const current = finds.begin();
  attempt(async () => {
    const query = new URLSearchParams({ limit: PAGE, q: get("name").value.trim() });
    const page = await ask(`${path("v1", "members")}?${query}`);
    if (!current()) return;
    listFound(page.members.map((member) => ({
      label: member.name || member.member_id, more: member.member_id, about: aboutMember(member.member_id),
    })));
  });
});

get("by-face").addEventListener("submit", (event) => {
  event.preventDefault();
  finds.begin();
  get("found").replaceChildren();
  attempt(() => show(aboutFace(get("face-store").value, get("face").value.trim())));
});

get("picture").addEventListener("change", ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (!file) return;
  const current = finds.begin();
  attempt(async () => {
    const answer = await ask(path("v1", "search"), {
      method: "POST", headers: { "Content-Type": file.type || "application/octet-stream" }, body: file,
    });
    if (!current()) return;
    const candidates = answer.faces.flatMap((face) => face.candidates.map((one) => ({ ...one, sure: one.face_id === face.match?.face_id && one.store === face.match?.store })));
    listFound(candidates.map(({ store, face_id: face, score, member, sure }) => ({
      label: member?.name || member?.member_id || face,
      more: [t(sure ? "privacy.sure" : "privacy.perhaps"), nameOf(store), face, t("privacy.score", { score: inNumbers(score) })].join(" · "),
      about: aboutFace(store, face),
    })));
  });
});

// Receipts

async function list(after = null) {
  const current = listings.begin();
  const query = new URLSearchParams({ limit: PAGE });
  const [member, face] = [get("receipt-member").value.trim(), get("receipt-face").value.trim()];
  if (member) query.set("member_id", member);
  if (face) query.set("face_id", face);
  if (get("receipt-open").checked) query.set("complete", "false");
  if (after) query.set("after", after);
  const page = await ask(`${path("v1", "erasures")}?${query}`);
  if (!current()) return;
  const rows = page.erasures.map(receiptRow);
  if (after) get("receipts").append(...rows);
  else get("receipts").replaceChildren(...rows);
  next = page.next_after;
  get("receipts-more").hidden = next === null;
  get("receipts-none").hidden = get("receipts").childElementCount > 0;
}

function receiptRow(erasure) {
  const open = element("button", { type: "button", class: "quiet" }, t("privacy.show"));
  open.addEventListener("click", () => attempt(async () => {
    const current = receipts.begin();
    const receipt = await ask(path("v1", "erasures", erasure.erasure));
    if (current()) showReceipt(get("receipt"), receipt, nameOf, current);
  }));
  return element("tr", {},
    element("th", { scope: "row" }, inMoment(new Date(erasure.requested_at)), element("code", { class: "muted small" }, erasure.erasure)),
    element("td", {}, t(`privacy.cause.${erasure.cause}`)),
    element("td", {}, erasure.member_id ?? "–"),
    element("td", {}, erasure.complete ? t("receipt.complete")
      : t("privacy.waits", { stores: erasure.waiting_for.map(nameOf).join(", ") })),
    element("td", {}, open));
}

get("receipts-form").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(() => list());
});
get("receipt-open").addEventListener("change", () => attempt(() => list()));
get("receipts-more").addEventListener("click", () => attempt(() => list(next)));

attempt(() => Promise.all([count(), list()]));
setInterval(() => count().catch(fail), COUNT_AGAIN);
