// Another name for a FaceId.

import { Refused, ask } from "./api.js";
import { element } from "./element.js";
import { facePath } from "./pictures.js";
import { inWords, t } from "./words.js";

/** What unfolds into a form that gives `face` another name; `done` is called when it has it. */
export function renaming(face, done) {
  const name = element("input", { required: "", maxlength: "100", autocomplete: "off", value: face.face_id });
  const failure = element("p", { class: "bad-text", role: "alert" });
  const form = element("form", { class: "row ends" },
    element("label", { class: "field" }, element("span", {}, t("members.rename.name")), name),
    element("button", {}, t("members.rename.do")), failure);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failure.textContent = "";
    try {
      await ask(facePath(face, "rename"), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ face_id: name.value.trim() }),
      });
      await done();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      failure.textContent = inWords(error);
    }
  });
  return element("details", {}, element("summary", {}, t("members.rename")), form);
}
