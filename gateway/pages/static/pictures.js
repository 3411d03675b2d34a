// The pictures of one FaceId: listed when they are asked for, and removed one by one.

import { Refused, ask, path } from "./api.js";
import { element } from "./element.js";
import { inDay, inNumbers, inWords, t } from "./words.js";

/** The path of a FaceId, or of something of it. */
export const facePath = (face, ...more) => path("v1", "stores", face.store, "faces", face.face_id, ...more);

/** What unfolds into the pictures of `face`, where `removable` each with a button that removes it. */
export function pictures(face, { title = t("members.pictures"), removable = true } = {}) {
  const list = element("ul", { class: "pictures", "aria-live": "polite" });
  const fold = element("details", {}, element("summary", {}, title), list);
  fold.addEventListener("toggle", () => fold.open && fill(list, face, removable));
  return fold;
}

async function fill(list, face, removable) {
  try {
    const { templates } = await ask(facePath(face));
    list.replaceChildren(...templates.map((template) => row(list, face, template, templates, removable ? removal(list, face, template, templates) : null)));
  } catch (error) {
    refuse(list, error);
  }
}

/** A picture has a row for each face network that knows it, which is named where there are two. */
function row(list, face, template, templates, end) {
  return element("li", {},
    element("span", {}, t("members.pictures.one", { number: template.template_id, day: inDay(new Date(template.created_at)) })),
    element("span", { class: "muted small" }, t("members.pictures.quality", { quality: inNumbers(Number(template.quality.toFixed(2))) })),
    template.source ? element("span", { class: "muted small" }, template.source) : null,
    templates.some((other) => other.model !== template.model) ? element("span", { class: "muted small" }, template.model) : null,
    end);
}

/** The button that removes a picture; the only one is not removed. */
function removal(list, face, template, templates) {
  if (templates.filter((other) => other.model === template.model).length === 1) return element("span", { class: "muted small" }, t("members.pictures.only"));
  const remove = element("button", { type: "button", class: "quiet",
    "aria-label": t("members.pictures.remove.one", { number: template.template_id }) }, t("members.pictures.remove"));
  remove.addEventListener("click", async () => {
    try {
      await ask(facePath(face, "templates", template.template_id), { method: "DELETE" });
      await fill(list, face, true);
    } catch (error) {
      refuse(list, error);
    }
  });
  return remove;
}

function refuse(list, error) {
  if (!(error instanceof Refused)) throw error;
  list.prepend(element("li", { class: "bad-text" }, inWords(error)));
}
