// Renews a page of how things are now every two seconds while somebody looks at it.

import { signInAgain } from "./api.js";
import { showTimes } from "./frame.js";
import { inMoment, t } from "./words.js";

const EVERY = 2000;
const now = document.getElementById("now");
const news = document.getElementById("news");
const connection = document.getElementById("connection");

let shown = now.innerHTML;
let summary = now.querySelector("[data-summary]").dataset.summary;
let answered = new Date();
let stale = false;

function say(connected) {
  if (connected !== stale) return;
  stale = !connected;
  connection.className = stale ? "pill bad" : "pill ok";
  connection.lastElementChild.textContent = stale
    ? t("now.stale", { time: inMoment(answered) })
    : t("now.live");
  now.classList.toggle("stale", stale);
  if (!stale) news.textContent = t("now.back");
}

function show(html) {
  if (html === shown) return;
  shown = html;
  const focused = now.contains(document.activeElement) ? document.activeElement.id : "";
  now.innerHTML = html;
  showTimes(now);
  document.getElementById(focused)?.focus();
  const told = now.querySelector("[data-summary]").dataset.summary;
  if (told !== summary) news.textContent = summary = told;
}

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(now.dataset.from, { signal: AbortSignal.timeout(5000) });
      if (answer.status === 401) await signInAgain();
      if (!answer.ok) throw new Error(answer.statusText);
      show(await answer.text());
      answered = new Date();
      say(true);
    } catch {
      say(false);
    }
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
