// On every page: times of the server in the words and the zone of whoever reads them.

import { path } from "./api.js";

const language = document.documentElement.lang;
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

export function showTimes(root) {
  for (const time of root.querySelectorAll("time[data-show=moment]")) {
    time.textContent = moment.format(new Date(time.dateTime));
  }
}

showTimes(document);

document.getElementById("remove-demo")?.addEventListener("click", async ({ target }) => {
  target.disabled = true;
  await fetch(path("v1", "demo"), { method: "DELETE" });
  location.reload();
});
