// A picture that is enrolled only when somebody says so: what speaks against it, and the choice.

import { element } from "./element.js";
import { inNumbers, t } from "./words.js";
import { pictures } from "./pictures.js";

const inScore = (score) => inNumbers(Number(score.toFixed(1)));

/** What a warning of the gateway says. */
export function inWarning(warning) {
  const known = ["ALREADY_ENROLLED", "UNLIKE_OWN_FACE", "NO_CONSENT"].includes(warning.code);
  if (!known) return warning.detail;
  return t(`members.warning.${warning.code}`, { face: warning.face_id,
    score: inScore(warning.score ?? 0), needed: inScore(warning.needed ?? 0) });
}

/** An amber card: enroll `label` anyway (`enroll`), leave it (`cancel`), or see whom it is like. */
export function doubt(label, store, warnings, { enroll, cancel }) {
  const anyway = element("button", { type: "button" }, t("members.doubt.enrol"));
  anyway.addEventListener("click", enroll);
  const leave = element("button", { type: "button", class: "quiet" }, t("members.doubt.cancel"));
  leave.addEventListener("click", cancel);
  const others = warnings.filter((warning) => warning.code === "ALREADY_ENROLLED");
  return element("li", { class: "warn" },
    element("span", {}, label),
    element("strong", { class: "warn-text" }, t(`members.doubt.${warnings[0].code}`)),
    ...warnings.map((warning) => element("span", { class: "muted small" }, inWarning(warning))),
    element("div", { class: "row" }, anyway, leave, ...others.map((other) => whom(store, other))));
}

/** A link to the member whom the picture is like, or what is known of a FaceId that is nobody's. */
function whom(store, { face_id: face, member }) {
  if (!member) return pictures({ store, face_id: face }, { title: t("members.doubt.whom", { face }), removable: false });
  return element("a", { class: "button", target: "_blank", href: `?member=${encodeURIComponent(member.member_id)}` },
    t("members.doubt.whom", { face: member.name || member.member_id }));
}
