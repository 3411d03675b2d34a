// The audit trail, searched: who looked at or changed whose data.

import { Refused, ask, path } from "./api.js";
import { element } from "./element.js";
import { Turns } from "./turns.js";
import { inMoment, inWords, t } from "./words.js";

const PAGE = 50;
const FILTERS = ["who", "action", "member_id", "store", "face_id", "erasure"];

const get = (id) => document.getElementById(id);
const names = JSON.parse(get("stores").textContent);
const nameOf = (id) => names[id] ?? id;
const turns = new Turns();
let next = null; // where the next page starts

function query() {
  const asked = new URLSearchParams({ limit: PAGE });
  for (const name of FILTERS) if (get(name).value.trim()) asked.set(name, get(name).value.trim());
  for (const name of ["from", "to"]) if (get(name).value) asked.set(name, new Date(get(name).value).toISOString());
  return asked;
}

async function list(asked, more) {
  const current = turns.begin();
  get("failure").replaceChildren();
  try {
    const page = await ask(`${path("v1", "audit")}?${asked}`);
    if (!current()) return;
    if (!more) get("entries").replaceChildren();
    get("entries").append(...page.entries.map(row));
    get("none").hidden = get("entries").childElementCount > 0;
    next = page.next_after && new URLSearchParams([...asked].filter(([name]) => name !== "after").concat([["after", page.next_after]]));
    get("more").hidden = !next;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (current()) get("failure").replaceChildren(element("div", { class: "notice bad", role: "alert" },
      element("div", {}, element("strong", {}, t("error.title")), element("p", {}, inWords(error)),
        element("code", { class: "muted small" }, error.code))));
  }
}

function row(entry) {
  return element("tr", {},
    element("td", {}, element("time", { datetime: entry.at, title: entry.at }, inMoment(new Date(entry.at)))),
    element("td", {}, entry.who ?? t("audit.nobody"), entry.role ? element("span", { class: "muted small" }, ` ${entry.role}`) : null),
    element("td", {}, entry.address ?? "–"),
    element("td", {}, element("code", {}, entry.action), entry.store ? element("span", { class: "muted small" }, ` ${nameOf(entry.store)}`) : null),
    element("td", {}, ...(entry.subjects.length ? entry.subjects.map(whom) : ["–"])),
    element("td", { class: "muted small" }, Object.entries(entry.details).map(([name, value]) => `${name}: ${inText(value)}`).join(", ")),
    element("td", {}, entry.status === null ? t("audit.begun") : String(entry.status)));
}

/** Whom an entry is about; a receipt leads to all that was done before it. */
function whom({ store, id, erasure }) {
  if (!erasure) return element("div", {}, element("code", {}, id), store ? element("span", { class: "muted small" }, ` ${nameOf(store)}`) : null);
  const receipt = element("button", { type: "button", class: "quiet", title: erasure }, t("audit.erased", { receipt: erasure.slice(0, 8) }));
  receipt.addEventListener("click", () => {
    get("search").reset();
    get("erasure").value = erasure;
    list(query(), false);
  });
  return element("div", {}, receipt);
}

const inText = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));

get("search").addEventListener("submit", (event) => {
  event.preventDefault();
  list(query(), false);
});
get("more").addEventListener("click", () => list(next, true));
list(query(), false);
