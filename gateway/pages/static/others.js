// People whom a store knows and who have no profile: found, made members, erased.

import { may } from "./allowed.js";
import { ask, path } from "./api.js";
import { element } from "./element.js";
import { Turns } from "./turns.js";
import { t } from "./words.js";

const PAGE = 25;
const AT_ONCE = 200; // of whom only some have no profile
const PAUSE = 250;

const get = (id) => document.getElementById(id);
const listings = new Turns();
let next = null;

/** Show them; `make` and `erase` get a FaceId with its store, `fail` what went wrong. */
export function showOthers({ make, erase, fail }) {
  const list = (more) => refresh(more, { make, erase, fail });
  let pause = 0;
  get("others-q").addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => list(false), PAUSE);
  });
  get("others-store").addEventListener("change", () => list(false));
  get("others-form").addEventListener("submit", (event) => event.preventDefault());
  get("others-more").addEventListener("click", () => list(true));
  list(false);
  return () => list(false);
}

async function refresh(more, actions) {
  const current = listings.begin();
  const [store, begin] = [get("others-store").value, get("others-q").value.trim()];
  if (!store) return;
  try {
    const found = await unbound(store, begin, more ? next : null);
    if (!current()) return;
    const rows = found.faces.map((face) => row(face, actions));
    if (more) get("others").append(...rows);
    else get("others").replaceChildren(...rows);
    next = found.next;
    get("others-more").hidden = next === null;
    get("others-none").hidden = get("others").childElementCount > 0;
  } catch (error) {
    if (current()) actions.fail(error);
  }
}

/** A name before all that begin so, and not far from them. */
function before(begin) {
  const letters = [...begin];
  const last = letters.pop()?.codePointAt(0) ?? 0;
  const bare = letters.join("");
  return last > 0x21 && (last < 0xd800 || last > 0xe000) ? bare + String.fromCodePoint(last - 1) : bare;
}

/** The next of those whose FaceId begins so: names are in order, so the first after them ends it. */
async function unbound(store, begin, after) {
  const faces = [];
  let from = after ?? before(begin);
  while (faces.length < PAGE) {
    const query = new URLSearchParams({ limit: AT_ONCE, ...(from ? { after: from } : {}) });
    const page = await ask(`${path("v1", "stores", store, "faces")}?${query}`);
    const those = page.faces.filter((face) => face.face_id.startsWith(begin));
    faces.push(...those.filter((face) => !face.member));
    const over = page.faces.some((face) => face.face_id > begin && !face.face_id.startsWith(begin));
    from = over ? null : page.next_after;
    if (from === null) return { faces, next: null };
  }
  return { faces, next: from };
}

function row(face, { make, erase }) {
  const button = (key, work) => {
    const made = element("button", { type: "button", class: "quiet" }, t(key));
    made.addEventListener("click", () => work({ store: face.store, face_id: face.face_id }));
    return made;
  };
  return element("li", { "data-face": face.face_id },
    element("code", {}, face.face_id),
    element("span", { class: "tag" }, t(face.kind === "visitor" ? "kind.visitor" : "kind.enrolled")),
    may("PUT /v1/members/{member_id}") ? button("members.others.make", make) : null,
    may("DELETE /v1/stores/{store}/faces/{face_id}", face.store) ? button("members.others.erase", erase) : null);
}
