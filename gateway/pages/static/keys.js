// Keys: listed, made, replaced, revoked.

import { Refused, ask, path } from "./api.js";
import { element } from "./element.js";
import { inDay, inMoment, inWords, t } from "./words.js";

const OF_STORES = ["camera", "till"]; // whose keys need stores
const OF_THE_CHAIN = ["privacy", "admin"]; // whose keys are for all of them
const PILLS = { valid: "ok", expired: "warn", revoked: "bad" };

const get = (id) => document.getElementById(id);
const names = Object.fromEntries([...get("new-stores").options].map((each) => [each.value, each.text]));
const keysPath = (...more) => path("v1", "keys", ...more);
const posted = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

// The list

async function list() {
  try {
    const { keys } = await ask(keysPath());
    get("keys").replaceChildren(...keys.map(row));
    get("failure").hidden = true;
  } catch (error) {
    fail(error);
  }
  get("keys").setAttribute("aria-busy", "false");
}

function fail(error) {
  if (!(error instanceof Refused)) throw error;
  get("failure").textContent = inWords(error);
  get("failure").hidden = false;
}

function row(key) {
  const day = (at) => (at ? inDay(new Date(at)) : t("keys.never"));
  return element("tr", { "data-key": key.id, class: key.state === "valid" ? null : "muted" },
    element("th", { scope: "row" }, element("span", { class: "name" }, key.name), element("code", { class: "muted small" }, key.id)),
    element("td", {}, t(`role.${key.role}`), key.names ? null : element("span", { class: "muted small" }, t("keys.nameless")), key.digest ? element("span", { class: "muted small" }, t("keys.digest")) : null),
    element("td", {}, key.stores === null ? t("keys.everywhere") : key.stores.map((id) => names[id] ?? id).join(", ")),
    element("td", {}, element("span", { class: `pill ${PILLS[key.state]}` },
      element("span", { class: "dot", "aria-hidden": "true" }), t(`keys.state.${key.state}`))),
    element("td", {}, key.last_used_at ? inMoment(new Date(key.last_used_at)) : t("keys.never")),
    element("td", {}, day(key.expires_at)),
    element("td", {}, key.state === "valid" ? element("div", { class: "row" },
      button("keys.rotate", "keys.rotate.text", key, rotate), button("keys.revoke", "keys.revoke.text", key, revoke)) : null));
}

function button(word, text, key, work) {
  const made = element("button", { type: "button", class: "quiet", "aria-label": `${t(word)}: ${key.name}` }, t(word));
  made.addEventListener("click", () => confirm(word, text, key, work));
  return made;
}

/** Ask whether it shall be done to a key, and do it. */
function confirm(word, text, key, work) {
  get("ask-title").textContent = t(word);
  get("ask-do").textContent = t(word);
  get("ask-who").textContent = `${key.name} · ${key.id}`;
  get("ask-text").textContent = [t(text), key.id === get("keys").dataset.own ? t("keys.own") : ""].join(" ");
  get("ask-do").onclick = async () => {
    get("ask").close();
    try {
      await work(key);
      await list();
    } catch (error) {
      fail(error);
    }
  };
  get("ask").showModal();
}

const revoke = (key) => ask(keysPath(key.id), { method: "DELETE" });
const rotate = async (key) => showSecret(await ask(keysPath(key.id, "rotate"), posted({})));

// A new key

function fit() {
  const role = get("new-role").value;
  get("new-role-hint").textContent = t(`keys.for.${role}`);
  get("new-of-stores").hidden = OF_THE_CHAIN.includes(role);
  get("new-stores").required = OF_STORES.includes(role);
  get("new-stores").multiple = role !== "camera";
  get("new-stores-hint").textContent = t(OF_STORES.includes(role) ? "keys.stores.some" : "keys.stores.all");
  get("new-nameless").hidden = role !== "camera";
  get("new-digest").hidden = role !== "camera";
}

function draft() {
  const role = get("new-role").value;
  const chosen = [...get("new-stores").selectedOptions].map((each) => each.value);
  const day = get("new-expires").value;
  return {
    name: get("new-name").value.trim(),
    role,
    stores: OF_THE_CHAIN.includes(role) || !chosen.length ? null : chosen,
    names: role !== "camera" || !get("new-no-names").checked,
    digest: role === "camera" && get("new-by-digest").checked,
    expires_at: day ? new Date(`${day}T23:59:59`).toISOString() : null,
  };
}

get("new").addEventListener("click", () => {
  get("new-form").reset();
  get("new-error").textContent = "";
  fit();
  get("new-dialog").showModal();
});
get("new-role").addEventListener("change", fit);
get("new-close").addEventListener("click", () => get("new-dialog").close());
get("new-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const made = await ask(keysPath(), posted(draft()));
    get("new-dialog").close();
    showSecret(made);
    await list();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    get("new-error").textContent = inWords(error);
  }
});

// The secret, this once: it is nowhere else, and a slip of the finger does not close it

function showSecret(key) {
  get("secret-of").textContent = `${key.name} · ${t(`role.${key.role}`)}`;
  get("secret-key").value = key.key;
  get("secret-copied").textContent = "";
  get("secret").showModal();
}

get("secret").addEventListener("cancel", (event) => event.preventDefault());
get("secret-copy").addEventListener("click", () => {
  get("secret-key").select();
  document.execCommand("copy"); // works without HTTPS, too
  get("secret-copied").textContent = t("keys.secret.copied");
});
get("secret-close").addEventListener("click", () => {
  get("secret-key").value = "";
  get("secret").close();
});
get("ask-close").addEventListener("click", () => get("ask").close());

list();
