// Everything about one person: shown, saved as a file, erased, and the consent withdrawn.

import { ask, path } from "./api.js";
import { showConsent } from "./consent.js";
import { element } from "./element.js";
import { confirmErasure } from "./erasing.js";
import { inMoment, inNumbers, t } from "./words.js";

const VISITS = 10; // that are shown; all are in the file

/** Whose data it is: a member, or a FaceId of a store. */
const address = ({ member_id: id, store, face_id: face }) =>
  (id ? path("v1", "members", id) : path("v1", "stores", store, "faces", face));

/**
 * Show in `box` what is known `about` a member or a FaceId. `nameOf` names stores, `current` says
 * whether this is still the newest question, `fail` and `erased` are told what went wrong, and gone.
 */
export async function showPerson(box, about, told) {
  const person = await ask(`${address(about)}/export`);
  if (!told.current()) return;
  const { member } = person;
  const who = member ? `${member.name || member.member_id} · ${member.member_id}` : `${about.face_id} · ${told.nameOf(about.store)}`;
  const consent = element("div", { class: "stack" });
  if (member) showAgreed(consent, member);
  box.replaceChildren(...[
    head(person, who, member ? erasing(who, `${address(member)}?erase=true`, told) : null),
    member ? section("person-consent", "privacy.consent", consent) : null,
    section("person-faces", "privacy.faces", faces(person.faces, told, !member)),
    section("person-visits", "privacy.visits", visits(person.visits, told.nameOf)),
  ].filter((part) => part !== null));
  document.getElementById("person-title").focus();
}

const showAgreed = (box, member) => showConsent(box, member, (now) => showAgreed(box, now));

function erasing(who, which, { erased, fail }) {
  const button = element("button", { type: "button", class: "danger" }, t("erase.button"));
  button.addEventListener("click", () => confirmErasure(who, which, erased, fail));
  return button;
}

function head(person, who, erase) {
  const file = new Blob([JSON.stringify(person, null, 2)], { type: "application/json" });
  const name = (person.member?.member_id ?? person.faces[0]?.face_id ?? "person").replace(/[^\p{L}\p{N}._-]/gu, "_");
  return element("section", { class: "card part-card", "aria-labelledby": "person-title" },
    element("div", { class: "member-head" },
      element("div", { class: "member-name" }, element("h2", { id: "person-title", tabindex: "-1" }, who),
        element("p", { class: person.complete ? "muted small" : "warn-text small" },
          t(person.complete ? "privacy.whole" : "privacy.partial"))),
      element("a", { class: "button", href: URL.createObjectURL(file), download: `${name}.json` }, t("privacy.save")),
      erase));
}

const section = (id, title, content) => element("section", { class: "card part-card", "aria-labelledby": id },
  element("h3", { id }, t(title)), content);

/** The FaceIds; those of nobody who is a member are erased one by one. */
function faces(known, told, oneByOne) {
  return element("ul", { class: "faces" }, ...known.map((face) => element("li", {},
    element("span", {}, told.nameOf(face.store)),
    element("code", {}, face.face_id),
    element("span", { class: "muted small" }, face.problem
      ?? t("privacy.pictures", { count: inNumbers(face.stored?.templates.length ?? 0) })),
    oneByOne ? erasing(`${face.face_id} · ${told.nameOf(face.store)}`, address(face), told) : null)));
}

function visits(known, nameOf) {
  const last = known.slice(-VISITS).reverse();
  return element("div", {},
    element("p", { class: "muted small" }, t("privacy.visits.count", { count: inNumbers(known.length), shown: inNumbers(last.length) })),
    element("ul", { class: "faces" }, ...last.map((visit) => element("li", {},
      element("span", {}, inMoment(new Date(visit.first_at))),
      element("span", {}, nameOf(visit.store)),
      element("span", { class: "muted small" }, visit.camera ?? "")))));
}
