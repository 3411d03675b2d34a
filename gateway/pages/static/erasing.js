// Erasing somebody: the question before it, and the receipt, until every store has confirmed.

import { ask, path } from "./api.js";
import { element } from "./element.js";
import { inMoment, inNumbers, t } from "./words.js";

const ASK_AGAIN = 2000;
const get = (id) => document.getElementById(id);

get("erase-close").addEventListener("click", () => get("erase-dialog").close());

/** Ask whether somebody shall be erased; then `erased` gets the receipt, or `fail` what went wrong. */
export function confirmErasure(who, address, erased, fail) {
  get("erase-who").textContent = who;
  get("erase-do").onclick = async () => {
    get("erase-dialog").close();
    try {
      await erased(await ask(address, { method: "DELETE" }));
    } catch (error) {
      fail(error);
    }
  };
  get("erase-dialog").showModal();
}

/** Show a receipt in `box`, and how it goes on for as long as it is the `current` one. */
export function showReceipt(box, receipt, nameOf, current) {
  const rows = receipt.stores.map((part) => element("tr", {},
    element("th", { scope: "row" }, nameOf(part.store)),
    element("td", {}, part.faces.map((face) => face.face_id).join(", ") || "–"),
    element("td", { class: "number" }, inNumbers(part.faces.reduce((sum, face) => sum + face.templates, 0))),
    element("td", {}, element("span", { class: `pill ${part.confirmed ? "ok" : "warn"}` },
      element("span", { class: "dot", "aria-hidden": "true" }),
      t(part.confirmed ? "receipt.confirmed" : "receipt.waiting")),
      part.waiting_for ? element("span", { class: "muted small" }, part.waiting_for) : null)));
  const file = new Blob([JSON.stringify(receipt, null, 2)], { type: "application/json" });
  box.replaceChildren(element("section", { class: "card table-card", "aria-labelledby": "receipt-title" },
    element("div", { class: "card-head" },
      element("h2", { id: "receipt-title", tabindex: "-1" }, t("receipt.title")),
      element("span", { class: `pill ${receipt.complete ? "ok" : "warn"}` }, t(receipt.complete ? "receipt.complete" : "receipt.incomplete"))),
    element("p", { class: "under-head muted" }, t("receipt.text", { id: receipt.erasure, at: inMoment(new Date(receipt.requested_at)) })),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("receipt.stores") },
      element("table", {},
        element("thead", {}, element("tr", {}, ...["store", "face_ids", "templates", "state"].map((key) =>
          element("th", { scope: "col", class: key === "templates" ? "number" : null }, t(`receipt.${key}`))))),
        element("tbody", {}, ...rows))),
    element("p", { class: "card-foot" }, element("a", { class: "button", href: URL.createObjectURL(file), download: `erasure-${receipt.erasure}.json` }, t("receipt.save")))));
  get("receipt-title").focus();
  if (!receipt.complete) setTimeout(() => renew(box, receipt.erasure, nameOf, current), ASK_AGAIN);
}

async function renew(box, id, nameOf, current) {
  if (!current()) return;
  const receipt = await ask(path("v1", "erasures", id)).catch(() => null);
  if (!current()) return;
  if (receipt?.complete) showReceipt(box, receipt, nameOf, current);
  else setTimeout(() => renew(box, id, nameOf, current), ASK_AGAIN);
}
