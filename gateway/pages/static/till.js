// Who is in the store now: the people who are present, and then whatever the live feed tells.

import { ask, path } from "./api.js";
import { may } from "./allowed.js";
import { element } from "./element.js";
import { Turns } from "./turns.js";
import { inNumbers, inWords, language, t } from "./words.js";

const NEW_FOR = 8000; // milliseconds for which somebody stands out
const RECONNECT = 1500;
const TICK = 1000;

const people = document.getElementById("people");
const staff = document.getElementById("staff");
const news = document.getElementById("news");
const connection = document.getElementById("connection");
const clock = document.getElementById("clock");
const wrong = document.getElementById("wrong");
const { store, zone } = people.dataset;
const names = JSON.parse(document.getElementById("stores").textContent);
const nameOf = (id) => names[id] ?? id;

const shown = new Map(); // visit → { card, node }
let gap = 30 * 60 * 1000;
let ahead = 0; // milliseconds by which the gateway's clock is ahead of this device's
let position = null;
let source = null;
let noting = 0;
const looks = new Turns();

const now = () => Date.now() + ahead;
const hours = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

/** Look anew at who is here, and follow the feed from exactly there. */
async function start() {
  const current = looks.begin();
  source?.close();
  try {
    const present = await ask(path("v1", "stores", store, "present"));
    if (!current()) return;
    gap = present.visit_gap_seconds * 1000;
    ahead = new Date(present.now) - Date.now();
    position = present.position;
    for (const visit of [...shown.keys()]) remove(visit);
    for (const card of [...present.visits].reverse()) put(card);
    refresh();
    follow();
  } catch (error) {
    if (!current()) return;
    say("bad", inWords(error));
    setTimeout(() => current() && start(), RECONNECT);
  }
}

function follow() {
  const mine = source = new EventSource(`${path("v1", "stores", store, "live")}?after=${position}`);
  source.onopen = () => say("ok", t("till.live"));
  source.onerror = () => {
    say("warn", t("till.reconnecting"));
    if (mine.readyState === EventSource.CLOSED) setTimeout(() => mine === source && start(), RECONNECT);
  };
  const on = (name, handle) => source.addEventListener(name, (event) => {
    position = event.lastEventId || position;
    handle(JSON.parse(event.data));
  });
  on("visit", visited);
  on("gone", ({ visit }) => { remove(visit); refresh(); });
  on("member", start);
  on("reset", start);
}

function visited({ change, card, replaces }) {
  if (replaces) remove(replaces);
  const known = shown.has(card.visit);
  put(card);
  refresh();
  if (change === "opened" && !known) arrived(card);
  if (change === "revised") announce(card);
}

function arrived(card) {
  const { node } = shown.get(card.visit);
  node.classList.add("arrived");
  setTimeout(() => node.classList.remove("arrived"), NEW_FOR);
  announce(card);
}

function announce(card) {
  news.textContent = `${nameFor(card)}, ${t(`match.${card.match}`)}, ${t("till.visit", { count: card.visits })}`;
}

/** Show a card; of a person with several visits, the one that began last. */
function put(card) {
  if (new Date(card.last_at) < now() - gap) return remove(card.visit);
  for (const [visit, { card: other }] of shown) {
    if (visit === card.visit || other.person !== card.person) continue;
    if (new Date(other.first_at) > new Date(card.first_at)) return remove(card.visit);
    remove(visit);
  }
  const node = person(card);
  const before = shown.get(card.visit);
  shown.set(card.visit, { card, node });
  const list = card.staff ? staff : people;
  if (before?.node.classList.contains("arrived")) node.classList.add("arrived");
  if (before?.node.parentElement === list) return before.node.replaceWith(node);
  before?.node.remove();
  list.prepend(node);
}

function remove(visit) {
  shown.get(visit)?.node.remove();
  shown.delete(visit);
}

/** What changes with time alone: the clock, how long somebody is here, and who has left. */
function refresh() {
  clock.textContent = hours.format(now());
  for (const [visit, { card, node }] of shown) {
    if (new Date(card.last_at) < now() - gap) remove(visit);
    else node.querySelector(".since").textContent = duration(now() - new Date(card.first_at));
  }
  document.getElementById("count").textContent = inNumbers(people.childElementCount);
  document.getElementById("nobody").hidden = people.childElementCount > 0;
  document.getElementById("staff-here").hidden = staff.childElementCount === 0;
  document.getElementById("loading").hidden = true;
}

function say(kind, text) {
  connection.className = `pill ${kind}`;
  connection.lastElementChild.textContent = text;
}

const nameFor = (card) => card.member?.name
  || (card.kind === "member" && card.face_id) || t("till.visitor");

function person(card) {
  const name = nameFor(card);
  const tags = (card.member?.tags ?? []).filter((tag) => tag !== "staff");
  const named = card.kind === "member";
  return element(
    "li", { class: `card guest ${card.match}`, "data-visit": card.visit },
    element("div", { class: "guest-head" },
      element("span", { class: "portrait", "aria-hidden": "true" }, named ? initial(name) : "?"),
      element("div", { class: "guest-name" },
        element("h2", {}, name, named ? null : element("code", { class: "muted" }, card.face_id ?? "")),
        element("div", { class: "marks" },
          element("span", { class: `match ${card.match}` }, t(`match.${card.match}`)),
          card.staff ? element("span", { class: "tag" }, t("kind.staff")) : null,
          card.provisional ? element("span", { class: "tag" }, t("till.provisional")) : null,
          ...tags.map((tag) => element("span", { class: "tag" }, tag))))),
    element("dl", { class: "guest-facts" },
      fact("till.visits", inNumbers(card.visits), "figure-number"),
      fact("till.since", duration(now() - new Date(card.first_at)), "since"),
      fact("till.last", lastVisit(card), ""),
      elsewhere(card)),
    isKnown(card) && may(NOT, card.home) ? doubt(card) : null,
  );
}

const NOT = "POST /v1/stores/{store}/faces/{face_id}/not";
const isKnown = (card) => card.match === "home" || card.match === "roaming";

/** A way to say that this is somebody else: who gets a FaceId of their own. */
function doubt(card) {
  const button = element("button", { type: "button", class: "quiet wrong" }, t("till.wrong"));
  button.addEventListener("click", () => {
    wrong.querySelector("#wrong-text").textContent = t("till.wrong.text", { name: nameFor(card) });
    wrong.querySelector("#wrong-do").onclick = () => sayNot(card);
    wrong.showModal();
  });
  return button;
}

async function sayNot(card) {
  wrong.close();
  try {
    const answer = await ask(path("v1", "stores", card.home, "faces", card.face_id, "not"), {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ visit: card.visit }),
    });
    remember(t(answer.other ? "till.wrong.done" : "till.wrong.forgotten", { name: nameFor(card) }));
    start();
  } catch (error) {
    news.textContent = inWords(error);
    say("bad", inWords(error));
  }
}

/** Say for a while what became of it: to who looks and to who listens. */
function remember(text) {
  const note = document.getElementById("note");
  note.textContent = text;
  note.hidden = false;
  clearTimeout(noting);
  noting = setTimeout(() => { note.hidden = true; }, NEW_FOR);
}

document.getElementById("wrong-close").addEventListener("click", () => wrong.close());

/** The store that knows whoever roams, or the one that somebody else comes to most. */
function elsewhere(card) {
  if (card.match === "roaming" && card.home) return fact("till.home", nameOf(card.home), "");
  if (card.usual_store && card.usual_store !== store) return fact("till.usual", nameOf(card.usual_store), "");
  return null;
}

const initial = (name) => [...name.trim()][0]?.toLocaleUpperCase(language) ?? "?";

const fact = (key, value, name) => element("div", {},
  element("dt", {}, t(key)), element("dd", { class: name || null }, value));

function lastVisit({ last_visit: last }) {
  if (!last) return t("till.first");
  const when = ago(new Date(last.at));
  if (last.store === store) return when;
  return element("span", {}, when, element("span", { class: "muted small" }, nameOf(last.store)));
}

const UNITS = [["year", 31536e6], ["month", 2592e6], ["week", 6048e5], ["day", 864e5], ["hour", 36e5], ["minute", 6e4]];

function ago(moment) {
  const passed = now() - moment;
  if (passed < 60000) return t("till.now");
  const [unit, length] = UNITS.find(([, each]) => passed >= each) ?? UNITS.at(-1);
  return relative.format(-Math.floor(passed / length), unit);
}

function duration(passed) {
  const minutes = Math.max(0, Math.floor(passed / 60000));
  if (minutes < 1) return t("till.now");
  if (minutes < 60) return t("till.minutes", { minutes });
  return t("till.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

setInterval(refresh, TICK);
start();
