// Who is signed in: listed, and signed out.

import { Refused, ask, path, signInAgain } from "./api.js";
import { element } from "./element.js";
import { inMoment, inWords, t } from "./words.js";

const get = (id) => document.getElementById(id);
const names = JSON.parse(get("stores").textContent);
const sessionsPath = (...more) => path("v1", "sessions", ...more);

async function list() {
  const { sessions } = await ask(sessionsPath());
  get("sessions").replaceChildren(...sessions.map(row));
  get("none").hidden = sessions.length > 0;
}

function row(session) {
  const moment = (at) => element("td", {}, at ? inMoment(new Date(at)) : "–");
  return element("tr", { "data-session": session.id },
    element("th", { scope: "row" }, element("span", { class: "name" }, session.name),
      element("span", { class: "muted small" }, `${t(`role.${session.role}`)} · ${session.key_id ?? session.subject}`)),
    element("td", {}, session.stores === null ? t("sessions.everywhere") : session.stores.map((id) => names[id] ?? id).join(", ")),
    element("td", {}, session.address ?? "–", session.asks ? element("span", { class: "muted small" }, ` ${t("sessions.asks")}`) : null),
    moment(session.created_at), moment(session.last_used_at), moment(session.expires_at),
    element("td", {}, button(session)));
}

function button(session) {
  const made = element("button", { type: "button", class: "quiet", "aria-label": `${t("sessions.end")}: ${session.name}` }, t("sessions.end"));
  made.addEventListener("click", () => attempt(async () => {
    await ask(sessionsPath(session.id), { method: "DELETE" });
    await (session.asks ? signInAgain() : list());
  }));
  return made;
}

/** Do something, and say so where it fails. */
async function attempt(work) {
  try {
    await work();
    get("failure").hidden = true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    get("failure").textContent = inWords(error);
    get("failure").hidden = false;
  }
  get("sessions").setAttribute("aria-busy", "false");
}

attempt(list);
