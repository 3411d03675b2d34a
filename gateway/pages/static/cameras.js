// Forgets a camera that is gone, when somebody says so twice.

import { ask, path } from "./api.js";
import { inWords, t } from "./words.js";

const dialog = document.getElementById("forget");
const news = document.getElementById("news");

async function forget({ store, forget: camera, who }) {
  dialog.close();
  try {
    await ask(path("v1", "stores", store, "cameras", camera), { method: "DELETE" });
    news.textContent = t("cameras.forget.done", { who });
  } catch (error) {
    news.textContent = inWords(error);
  }
}

document.getElementById("now").addEventListener("click", ({ target }) => {
  const button = target.closest("[data-forget]");
  if (!button) return;
  document.getElementById("forget-who").textContent = button.dataset.who;
  document.getElementById("forget-text").textContent = t(`cameras.forget.${button.dataset.kind}`);
  document.getElementById("forget-do").onclick = () => forget(button.dataset);
  dialog.showModal();
});
document.getElementById("forget-close").addEventListener("click", () => dialog.close());
