// What a member agrees to: shown, given, and withdrawn by one press.

import { Refused, ask, path } from "./api.js";
import { element } from "./element.js";
import { inMoment, inWords, t } from "./words.js";

const STATE = new Map([[true, "yes"], [false, "no"], [null, "store"]]);

/** Show a member's consent in `box`; `done` gets the member when something else was decided. */
export function showConsent(box, member, done) {
  const { consent } = member;
  const address = path("v1", "members", member.member_id, "consent");
  const failure = element("p", { class: "bad-text", role: "alert" });
  const decide = async (options) => {
    failure.textContent = "";
    try {
      done(await ask(address, options));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      failure.textContent = inWords(error);
    }
  };
  box.replaceChildren(...[
    element("p", {}, element("strong", {}, t(`consent.${STATE.get(consent.cross_store)}`))),
    element("p", { class: "muted small" }, described(consent)),
    consent.cross_store === false ? null : withdrawing(decide),
    giving(decide),
    failure,
    consent.former.length ? history(consent.former) : null,
  ].filter((child) => child !== null));
}

function described({ at, text, taken_by: by }) {
  if (!at) return t("consent.unknown");
  return [inMoment(new Date(at)), text && t("consent.to", { text }), by && t("consent.by", { by })].filter(Boolean).join(" · ");
}

function withdrawing(decide) {
  const button = element("button", { type: "button", class: "danger" }, t("consent.withdraw"));
  button.addEventListener("click", () => decide({ method: "DELETE" }));
  return element("div", { class: "row" }, button);
}

function giving(decide) {
  const text = element("input", { required: true, maxlength: "100", autocomplete: "off" });
  const by = element("input", { maxlength: "200", autocomplete: "off" });
  const form = element("form", { class: "row ends" },
    element("label", { class: "field grow" }, element("span", {}, t("consent.text")), text),
    element("label", { class: "field grow" }, element("span", {}, t("consent.taken_by")), by),
    element("button", {}, t("consent.give")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    decide({
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: text.value.trim(), taken_by: by.value.trim() || null }),
    });
  });
  return form;
}

const history = (former) => element("details", {},
  element("summary", {}, t("consent.former")),
  element("ul", { class: "faces" }, ...[...former].reverse().map((decision) => element("li", {},
    element("span", {}, t(`consent.${STATE.get(decision.cross_store)}`)),
    element("span", { class: "muted small" }, described(decision))))));
